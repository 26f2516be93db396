import { is, operation, topological, type Node, type Type } from './graph';
import { isKnownBeforeRun } from './known-before-run';
import { evaluate } from './interpreter';
import { IndexError, wrongIndex } from './ops/values';
import type { Tensor } from './tensor';

/** What `take` and `scatterAdd` of some expressions look up, where a run's inputs tell it: the indices and their leaves. */
export interface Lookup {
  readonly node: Node;
  readonly indices: Node;
  readonly leaves: readonly Node[];
}

/** The look-ups whose indices are inputs or constants, or parts of them; `computed` says whether there are others. */
export function lookupsOf(roots: Iterable<Node>): { given: readonly Lookup[]; computed: boolean } {
  const all = topological([...roots]).filter((node) => is(node, 'take') || is(node, 'scatterAdd'));
  const given = all.flatMap((node): Lookup[] => {
    const indices = node.operands[1];
    const leaves = topological(indices ? [indices] : []).filter(({ operands }) => operands.length === 0);
    return indices && isKnownBeforeRun(indices) ? [{ node, indices, leaves }] : [];
  });
  return { given, computed: given.length < all.length };
}

/**
 * Checks indices before a run: ONNX Runtime counts negative ones from the end, and devices clip what is too large.
 * @param types of all nodes, with this run's sizes
 * @throws IndexError naming the operation, its operands and their shapes, and `place`
 */
export function checkIndices(
  lookups: readonly Lookup[],
  given: ReadonlyMap<Node, Tensor>,
  types: ReadonlyMap<Node, Type>,
  place: (node: Node) => string,
): void {
  for (const { node, indices, leaves } of lookups) {
    const axis = is(node, 'take') || is(node, 'scatterAdd') ? node.attributes.axis : 0;
    const size = types.get(is(node, 'take') ? (node.operands[0] ?? node) : node)?.shape[axis];
    if (typeof size !== 'number') continue;
    const valueOf = (leaf: Node): Tensor | undefined =>
      is(leaf, 'constant') ? leaf.attributes.value : given.get(leaf);
    const suspicious = leaves.some((leaf) => wrongIndex(valueOf(leaf)?.data ?? [], size) !== undefined);
    // An entry that is not looked up may be anything.
    const [looked] = suspicious ? evaluate([indices], given) : [];
    const wrong = looked && wrongIndex(looked.data, size);
    if (wrong === undefined) continue;
    const shapes = node.operands.map((operand) => types.get(operand)?.shape ?? operand.shape);
    throw new IndexError(`${operation(node.op, node.operands, shapes)}: ${wrong} of axis ${axis}${place(node)}`);
  }
}
