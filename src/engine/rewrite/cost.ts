import { is, isLeaf, topological, type Node } from '../graph';
import { declarationOf } from '../ops/operators';
import type { Dim, Sizes } from '../shape';
import { transposed } from './algebra';

/** What a dimension is taken to be whose size is not known. */
const unknownSize = 1000;

/** Speeds of one ordinary processor of today, of which only the ratios matter: FLOP/s, bytes/s, and seconds an operation. */
const machine = { flops: 5e10, bytes: 1e10, overhead: 3e-6 };

/** How often a value is computed once rather than at each step, relative to a step. */
const invariantShare = 0.01;
/** How often the second alternative of an `ifElse` is computed: rewriting puts the exception there. */
const exceptionShare = 0.05;

/** What a dimension is taken to be. */
export const extent = (dim: Dim, sizes: Sizes): number =>
  typeof dim === 'number' ? dim : (sizes.get(dim) ?? unknownSize);

export const elements = (node: Node, sizes: Sizes): number =>
  node.shape.reduce<number>((size, dim) => size * extent(dim, sizes), 1);

const operationsOf = (node: Node): number => (is(node, 'iterate') ? 1 : (declarationOf(node).operations ?? 1));

/** Floating-point operations of one node. */
export function flops(node: Node, sizes: Sizes): number {
  const [a] = node.operands;
  if (!a) return 0;
  if (is(node, 'matmul')) return 2 * elements(a, sizes) * extent(node.shape.at(-1)!, sizes);
  return operationsOf(node) * Math.max(elements(node, sizes), elements(a, sizes));
}

/** Estimated seconds of one node by itself. */
export function seconds(node: Node, sizes: Sizes): number {
  if (isLeaf(node) || is(node, 'iterate')) return 0;
  // A product reads its transposed operands as they lie, and forms without arithmetic are views.
  if (is(node, 'transpose') ? transposed(node) : operationsOf(node) === 0) return 0;
  const traffic = [node, ...node.operands].reduce((sum, operand) => sum + 4 * elements(operand, sizes), 0);
  return machine.overhead + Math.max(flops(node, sizes) / machine.flops, traffic / machine.bytes);
}

/** Estimated seconds of one step of a program: shared work once, and what no step changes almost not at all. */
export function programCost(roots: readonly Node[], changing: ReadonlySet<Node>, sizes: Sizes): number {
  const always = new Set(
    topological(roots, (node) => (is(node, 'ifElse') ? node.operands.slice(0, 2) : node.operands)),
  );
  return topological(roots).reduce((total, node) => {
    const share = (changing.has(node) ? turnsOf(node) : invariantShare) * (always.has(node) ? 1 : exceptionShare);
    return total + share * seconds(node, sizes);
  }, 0);
}

/** How often a node is computed for once that its surroundings are: the turns of the loops on whose states it depends. */
export const turnsOf = ({ states }: Node): number =>
  [...states].reduce((turns, state) => turns * (is(state, 'state') ? state.attributes.turns : 1), 1);

/** How many operands each node is, and how many roots. */
export function usesOf(roots: readonly Node[]): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const count = (node: Node): void => void uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const { operands } of topological(roots)) operands.forEach(count);
  roots.forEach(count);
  return uses;
}

/** Nodes whose value may differ from step to step or from turn to turn: those that depend on some leaves. */
export function changingNodes(roots: readonly Node[], leaves: ReadonlySet<Node>): Set<Node> {
  const changing = new Set(leaves);
  for (const node of topological(roots)) {
    if (node.states.size > 0 || node.operands.some((operand) => changing.has(operand))) changing.add(node);
  }
  return changing;
}

/** Sizes that follow from one operation joining a name with a number, e.g. X − W·H when W's rows are known. */
export function inferSizes(roots: readonly Node[]): Map<string, number> {
  const sizes = new Map<string, number>();
  const equate = (a: Dim = 1, b: Dim = 1): void => {
    if (typeof a === 'string' && typeof b === 'number') sizes.set(a, b);
    if (typeof a === 'number' && typeof b === 'string') sizes.set(b, a);
  };
  for (const node of topological(roots)) {
    const [a, b, summand] = node.operands;
    if (is(node, 'matmul')) equate(a?.shape.at(-1), b?.shape.at(-2));
    if (is(node, 'gemm')) {
      const { transA, transB } = node.attributes;
      equate(a?.shape[transA ? 0 : 1], b?.shape[transB ? 1 : 0]);
      summand?.shape.forEach((dim, axis) => equate(dim, node.shape[axis]));
    }
    // Of the other operations only these keep sizes: a part, a sum or a table's entries are named like the whole but are less.
    if (isLeaf(node) || is(node, 'iterate') || !(declarationOf(node).elementwise || is(node, 'broadcastTo'))) continue;
    for (const { shape, rank } of node.operands) {
      for (const [axis, dim] of shape.entries()) {
        const known = node.shape[axis + node.rank - rank];
        if (typeof dim === 'string' && known !== 1) equate(dim, known);
      }
    }
  }
  return sizes;
}
