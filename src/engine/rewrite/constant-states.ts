import { is, topological, type Node } from '../graph';
import type { Loop } from '../loops';

/** Matrices and vectors that all turns of a loop may make where it is written out. */
const most = 300;

/**
 * Whether one of a loop's states is a number that is known beforehand at every turn, such as a momentum that follows a
 * sequence: written out turn by turn the loop need not compute it, and products take it along as a constant factor.
 */
export function hasConstantState({ count, states, initial, next }: Loop): boolean {
  const body = topological(next);
  const made = body.filter((node) => node.rank > 0 && states.some((state) => node.states.has(state)));
  if (count * made.length > most) return false;
  const foreseen = new Set<Node>(
    states.filter((_, i) => initial[i] && is(initial[i], 'constant') && initial[i].rank === 0),
  );
  for (let before = -1; before !== foreseen.size;) {
    before = foreseen.size;
    const known = new Set<Node>(foreseen);
    for (const node of body) {
      const follows = node.operands.length > 0 && node.operands.every((operand) => known.has(operand));
      if (is(node, 'constant') || (node.rank === 0 && follows)) known.add(node);
    }
    states.forEach((state, i) => {
      if (next[i] && !known.has(next[i])) foreseen.delete(state);
    });
  }
  return foreseen.size > 0;
}
