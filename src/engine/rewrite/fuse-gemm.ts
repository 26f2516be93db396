import { matmul } from '../functions';
import { describe, is, make, numberOf, topological, withOperands, type Node } from '../graph';
import { alike, type Sizes } from '../shape';
import { scaled } from './algebra';
import { seconds, turnsOf } from './cost';
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
  const uses = new Map<Node, number>();
  const order = topological(roots);
  for (const node of [...order.flatMap(({ operands }) => operands), ...roots])
    uses.set(node, (uses.get(node) ?? 0) + 1);
  const replaced = new Map<Node, Node>();
  const at = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of order) {
    const moved = withOperands(node, node.operands.map(at));
    const [a, b] = node.operands;
    const isAsFrequent = (x: Node): boolean => turnsOf(x) === turnsOf(node) && (changing.has(x) || !changing.has(node));
    const takes = (x: Node): boolean => isProduct(x) && uses.get(x) === 1 && isAsFrequent(x);
    if (!a || !b || node.rank !== 2 || !(is(node, 'add') || is(node, 'sub')) || !alike(a.shape, b.shape)) {
      replaced.set(node, moved);
      continue;
    }
    const [product, summand] = takes(b) ? [b, a] : is(node, 'add') && takes(a) ? [a, b] : [];
    if (!product || !summand) {
      replaced.set(node, moved);
      continue;
    }
    const whole = withSummand(at(product), at(summand), is(node, 'sub') ? -1 : 1);
    const split = precision === 'float32' ? ofDifference(product, whole, at, uses, sizes) : undefined;
    log.push({ rule: 'summand into a product', before: node, after: whole });
    if (split) log.push({ rule: 'product of a difference', before: whole, after: split });
    replaced.set(node, split ?? whole);
  }
  return roots.map(at);
}

const isProduct = (node: Node): node is Node<'gemm' | 'matmul'> =>
  (is(node, 'gemm') || is(node, 'matmul')) && node.rank === 2 && node.operands.length === 2;

function withSummand(product: Node, summand: Node, sign: number): Node {
  if (!isProduct(product)) throw new Error(`${describe(product)} takes no summand`);
  const { transA, transB, alpha } = is(product, 'gemm')
    ? product.attributes
    : { transA: false, transB: false, alpha: 1 };
  return make('gemm', [...product.operands, summand], { transA, transB, alpha: sign * alpha });
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
    const [A, multiple] = difference.operands;
    const { factor, rest: B } = (multiple && uses.get(multiple) === 1 ? scaled(multiple) : undefined) ?? {};
    const c = factor && numberOf(factor);
    if (!A || !multiple || !B || c === undefined || !alike(A.shape, B.shape)) continue;
    const times = (node: Node): readonly [Node, Node] => {
      const [left, right] = whole.operands as readonly [Node, Node];
      return side === 0 ? [at(node), right] : [left, at(node)];
    };
    const passes = seconds(difference, sizes) + seconds(multiple, sizes);
    // Products come near to what is reckoned for them, passes over memory are often in the cache.
    if (seconds(matmul(...times(B)), sizes) > passes / 2) continue;
    const rest = make('gemm', [...times(B), summand], { transA, transB, alpha: -c * alpha });
    return make('gemm', [...times(A), rest], { transA, transB, alpha });
  }
  return undefined;
}
