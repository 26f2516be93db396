import { matmul } from '../functions';
import { is, make, numberOf, topological, withOperands, type Node } from '../graph';
import { alike, type Sizes } from '../shape';
import { scaled } from './algebra';
import { seconds, turnsOf, usesOf } from './cost';
import type { Rewriting } from './rewrite';

/**
 * A·B + C → `gemm` with the summand C, where nothing else needs the bare product, and it is not computed less often than
 * the sum. It is no rule, since rules see nodes whose operands are rewritten, of which nothing tells how often they are used.
 * @param changing the nodes that may differ from step to step or from turn to turn
 */
export function fuseGemm(
  roots: readonly Node[],
  changing: ReadonlySet<Node>,
  sizes: Sizes,
  precision: 'float32' | 'float64',
  log: Rewriting[],
): Node[] {
  const uses = usesOf(roots);
  const replaced = new Map<Node, Node>();
  const at = (node: Node): Node => replaced.get(node) ?? node;
  const fused = (node: Node): Node | undefined => {
    if (node.rank !== 2 || !(is(node, 'add') || is(node, 'sub'))) return undefined;
    const [a, b] = node.operands as [Node, Node];
    if (!alike(a.shape, b.shape)) return undefined;
    const isAsFrequent = (x: Node): boolean => turnsOf(x) === turnsOf(node) && (changing.has(x) || !changing.has(node));
    const takes = (x: Node): boolean => isProduct(x) && uses.get(x) === 1 && isAsFrequent(x);
    const product = takes(b) ? b : is(node, 'add') && takes(a) ? a : undefined;
    if (!product) return undefined;
    const whole = times(is(node, 'sub') ? -1 : 1, at(product), at(product === b ? a : b));
    log.push({ rule: 'summand into a product', before: node, after: whole });
    const split = precision === 'float32' ? ofDifference(product, whole, at, uses, sizes) : undefined;
    if (split) log.push({ rule: 'product of a difference', before: whole, after: split });
    return split ?? whole;
  };
  for (const node of topological(roots)) replaced.set(node, fused(node) ?? withOperands(node, node.operands.map(at)));
  return roots.map(at);
}

/** Whether a node is a product of two matrices and nothing more. */
export const isProduct = (node: Node): boolean =>
  (is(node, 'gemm') || is(node, 'matmul')) && node.rank === 2 && node.operands.length === 2;

/** A product with another factor, and perhaps a summand. */
export function times(factor: number, product: Node, ...summand: readonly Node[]): Node {
  const attributes = is(product, 'gemm') ? product.attributes : { transA: false, transB: false, alpha: 1 };
  return make('gemm', [...product.operands, ...summand], { ...attributes, alpha: factor * attributes.alpha });
}

/**
 * s·(A − c·B)·M + C → s·A·M + (C − s·c·B·M), where two passes over A and B take longer than a product with a small M: a
 * step from an extrapolated point is two products and nothing else.
 * @param product what takes the summand, as it was before its operands were rewritten
 * @param whole with its summand
 */
function ofDifference(
  product: Node,
  whole: Node,
  at: (node: Node) => Node,
  uses: ReadonlyMap<Node, number>,
  sizes: Sizes,
): Node | undefined {
  if (!is(whole, 'gemm')) return undefined;
  const { transA, transB, alpha } = whole.attributes;
  const summand = whole.operands[2];
  if (transA || transB || !summand) return undefined;
  for (const side of [0, 1] as const) {
    const difference = product.operands[side];
    if (!difference || !is(difference, 'sub') || uses.get(difference) !== 1) continue;
    const [A, multiple] = difference.operands as [Node, Node];
    const { factor, rest: B } = (uses.get(multiple) === 1 ? scaled(multiple) : undefined) ?? {};
    const c = factor && numberOf(factor);
    if (!B || c === undefined || !alike(A.shape, B.shape)) continue;
    const withSide = (node: Node): readonly [Node, Node] => {
      const [left, right] = whole.operands as readonly [Node, Node];
      return side === 0 ? [at(node), right] : [left, at(node)];
    };
    const passes = seconds(difference, sizes) + seconds(multiple, sizes);
    // Products come near to what is reckoned for them, passes over memory are often in the cache.
    if (seconds(matmul(...withSide(B)), sizes) > passes / 2) continue;
    const rest = make('gemm', [...withSide(B), summand], { transA, transB, alpha: -c * alpha });
    return make('gemm', [...withSide(A), rest], { transA, transB, alpha });
  }
  return undefined;
}
