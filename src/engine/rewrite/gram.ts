import { add, greater, ifElse, matmul, matrixTranspose, mul, square, sub, sum } from '../functions';
import { is, make, topological, type Node } from '../graph';
import { alike, type Sizes } from '../shape';
import { scaled, transposed } from './algebra';
import { flops, turnsOf } from './cost';
import { rule, type Rule } from './rewrite';

const hasProduct = (node: Node): boolean => {
  const rest = scaled(node)?.rest ?? node;
  return is(rest, 'matmul') || ((is(rest, 'add') || is(rest, 'sub')) && rest.operands.some(hasProduct));
};

/**
 * (W·H − X)·Hᵀ → W·H·Hᵀ − X·Hᵀ and its mirror image: the n×m residual is not made, and once the product is associated
 * anew what is left is 2nmr + O((n+m)r²) operations. Whether that is cheaper depends on who else needs the residual,
 * so the whole program is costed both ways. Along a chain of steps that are written out, products that were distributed
 * would be again at each step, and the graph grow with the square of the chain: so there are no more of these rewritings
 * than a few for each product of `roots`.
 */
export const distribution = (roots: readonly Node[]): Rule => {
  let left = 4 * topological(roots).filter((node) => is(node, 'matmul')).length;
  return rule('distribute a product over a difference', 'matmul', (node) => {
    const distributed = left > 0 ? distribute(node) : undefined;
    if (distributed) left--;
    return distributed;
  });
};

function distribute(node: Node): Node | undefined {
  const [a, b] = node.operands;
  if (!a || !b) return undefined;
  for (const [side, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const [x, y] = side.operands;
    if (!(is(side, 'add') || is(side, 'sub')) || !x || !y || !alike(x.shape, y.shape) || !hasProduct(side)) continue;
    const apply = is(side, 'add') ? add : sub;
    return other === b && side === a ? apply(matmul(x, b), matmul(y, b)) : apply(matmul(a, x), matmul(a, y));
  }
  return undefined;
}

/**
 * A·B·C in the cheaper of its two orders. Applied until nothing improves, it orders longer chains as well. What does not
 * change in a loop counts once for all of its turns.
 */
export const productOrder = (sizes: Sizes): Rule => {
  /** Operations of a chain of products, of which some may be the same. Since each rewriting lowers it, there is an end. */
  const work = (chain: Node): number =>
    topological([chain], (node) => (is(node, 'matmul') || transposed(node) ? node.operands : []))
      .filter((node) => is(node, 'matmul'))
      .reduce((total, product) => total + flops(product, sizes) * turnsOf(product), 0);
  return rule('order of a matrix chain', 'matmul', (node) => {
    const [a, b] = node.operands;
    if (!a || !b) return undefined;
    const alternatives: Node[] = [];
    const [p, q] = is(a, 'matmul') ? a.operands : [];
    if (p && q) alternatives.push(matmul(p, matmul(q, b)));
    const [s, t] = is(b, 'matmul') ? b.operands : [];
    if (s && t) alternatives.push(matmul(matmul(a, s), t));
    return alternatives.find((alternative) => work(alternative) < work(node));
  });
};

/**
 * Below this share of ‖X‖² the Gram form of ‖X − W·H‖² is not trusted. Its products of r-column factors are summed in
 * float64, so its error is that of P = X·Hᵀ alone, about 1e-8·‖X‖² in float32 for small matrices and less for larger ones
 * (a test measures it): at worst, just above the share, a few units in the sixth digit of the distance.
 */
const trustedShare = 2 ** -4;

const transposeOf = (node: Node): Node => transposed(node) ?? matrixTranspose(node);
const isTransposeOf =
  (matrix: Node) =>
  (node: Node): boolean =>
    transposed(node) === matrix || transposed(matrix) === node;

/**
 * Σ(X − W·H)² → ‖X‖² − 2⟨X·Hᵀ, W⟩ + ⟨WᵀW, HHᵀ⟩, where X·Hᵀ (or WᵀX) is computed anyway for a gradient and X does not
 * change. When the fit is so close that the difference would lose its digits, the sum over the residual is taken
 * instead: an `ifElse` decides at each step.
 */
export function gramDistance(roots: readonly Node[], changing: ReadonlySet<Node>): Rule {
  const present = new Set(topological(roots));
  const products = [...present].filter((node) => is(node, 'matmul'));
  const find = (left: (node: Node) => boolean, right: (node: Node) => boolean): Node | undefined =>
    products.find(({ operands: [a, b] }) => a && b && left(a) && right(b));
  return rule('squared distance from Gram matrices', 'sum', (node) => {
    const [squares] = node.rank === 0 ? node.operands : [];
    const [difference] = squares && is(squares, 'square') ? squares.operands : [];
    if (!difference || !is(difference, 'sub') || difference.rank !== 2) return undefined;
    const [a, b] = difference.operands;
    const [X, V] = a && b && is(b, 'matmul') ? [a, b] : [b, a];
    if (!X || !V || !is(V, 'matmul') || X.rank !== 2 || changing.has(X)) return undefined;
    const [W, H] = V.operands;
    if (!W || !H) return undefined;
    const pair = [
      [find((x) => x === X, isTransposeOf(H)), W],
      [find(isTransposeOf(W), (x) => x === X), H],
      [find((x) => x === H, isTransposeOf(X)), transposeOf(W)],
      [find(isTransposeOf(X), (x) => x === W), transposeOf(H)],
    ].find(([product]) => product) as [Node, Node] | undefined;
    if (!pair) return undefined;
    const rows = sum(square(X), 1);
    const distance = make('gramDistance', [rows, ...pair, W, H], {});
    return ifElse(greater(distance, mul(trustedShare, sum(rows))), distance, node);
  });
}
