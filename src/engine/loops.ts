import { listOf, operandOf, refuse } from './arguments';
import {
  is,
  make,
  register,
  topological,
  withOperands,
  type Attributes,
  type Node,
  type NodesLike,
  type Operand,
  type Type,
} from './graph';
import { state } from './leaves';
import { alike, formatShape, merge } from './shape';

/**
 * `count` turns of a loop within a step: a list of values becomes what `body` makes of it, again and again. The body is
 * an expression like any other, in terms of the state that it is given and of whatever else it likes; what does not
 * depend on the state is computed once, before the loop (and before the steps, where it does not change with them).
 * Gradients go through a loop by writing it out turn by turn.
 * @returns the state after the last turn; at 0 turns the initial one
 * @throws ShapeError where a turn changes the type of a state, RangeError for a count that is not a whole number
 */
export function iterate<const S extends readonly Operand[]>(
  count: number,
  initial: S,
  body: (state: NodesLike<S>) => { readonly [K in keyof S]: Operand },
): NodesLike<S> {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`a loop takes 0 or more turns, not ${count}`);
  const node = (value: Operand): Node => operandOf('iterate', value, 'a state');
  const begin = listOf('iterate', initial, 'the initial state', 'expressions').map(node);
  if (count === 0) return begin as NodesLike<S>;
  const states = begin.map((value, i) => state(`state ${i}`, count, value));
  if (typeof body !== 'function') refuse('iterate', 'the body', body, 'a function is wanted');
  const after = body(states as NodesLike<S>);
  const next = listOf<Operand>('iterate', after, 'what the body answers', 'expressions').map(node);
  if (next.length !== begin.length) {
    throw new RangeError(`iterate: the body makes ${next.length} values of ${begin.length} states`);
  }
  return begin.map((_, index) => make('iterate', [...begin, ...next], { states, index })) as NodesLike<S>;
}

/** The parts of a loop. Nodes of one loop differ in nothing but the state that they stand for. */
export interface Loop {
  readonly count: number;
  readonly states: readonly Node<'state'>[];
  readonly initial: readonly Node[];
  readonly next: readonly Node[];
  /** The states after the last turn. */
  readonly results: readonly Node[];
}

export function loopOf(node: Node<'iterate'>): Loop {
  const { states } = node.attributes;
  return {
    count: states[0]?.attributes.turns ?? 0,
    states,
    initial: node.operands.slice(0, states.length),
    next: node.operands.slice(states.length),
    results: states.map((_, index) => make('iterate', node.operands, { states, index })),
  };
}

/** Roots with their loops, or those chosen, written out turn by turn; `simplify` sees each node of each turn. */
export function unroll(
  roots: readonly Node[],
  chosen: (loop: Loop) => boolean = () => true,
  simplify: (node: Node) => Node = (node) => node,
): Node[] {
  const replaced = new Map<Node, Node>();
  const at = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of topological(roots)) {
    if (replaced.has(node)) continue;
    const moved = withOperands(node, node.operands.map(at));
    if (!is(moved, 'iterate') || !is(node, 'iterate') || !chosen(loopOf(node))) {
      replaced.set(node, moved);
      continue;
    }
    const last = turns(loopOf(moved), simplify);
    loopOf(node).results.forEach((result, i) => replaced.set(result, last[i] ?? result));
  }
  return roots.map(at);
}

function turns(loop: Loop, simplify: (node: Node) => Node): readonly Node[] {
  const body = topological(loop.next).filter((node) => loop.states.some((state) => node.states.has(state)));
  let current = loop.initial;
  for (let turn = 0; turn < loop.count; turn++) {
    const values = new Map<Node, Node>(loop.states.map((state, i) => [state, current[i] ?? state]));
    const at = (node: Node): Node => values.get(node) ?? node;
    for (const node of body)
      if (!values.has(node)) values.set(node, simplify(withOperands(node, node.operands.map(at))));
    current = loop.next.map(at);
  }
  return current;
}

function loopType(operands: readonly Type[], { states, index }: Attributes['iterate']): Type | string {
  for (const i of states.keys()) {
    const [initial, next] = [operands[i], operands[states.length + i]];
    if (!initial || !next) return 'each state needs an initial value and a next one';
    if (initial.dtype !== next.dtype || !alike(initial.shape, next.shape)) {
      return `state ${i} begins as ${initial.dtype} ${formatShape(initial.shape)} and becomes ${next.dtype} ${formatShape(next.shape)}`;
    }
  }
  const [initial, next] = [operands[index], operands[states.length + index]];
  if (!initial || !next) return `there is no state ${index}`;
  return { shape: initial.shape.map((dim, axis) => merge(dim, next.shape[axis] ?? dim)), dtype: initial.dtype };
}
register('iterate', loopType);
