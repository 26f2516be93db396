import { greater, ifElse, matmul, matrixTranspose, mul, square, sum } from '../functions';
import { is, make, topological, withOperands, type Node } from '../graph';
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
  return rule('distribute a product over a difference', 'matmul', (_, a, b) => {
    const over = (side: Node, times: (part: Node) => Node): Node | undefined => {
      const [x, y] = side.operands;
      if (!(is(side, 'add') || is(side, 'sub')) || !alike(x!.shape, y!.shape) || !hasProduct(side)) return undefined;
      return withOperands(side, [times(x!), times(y!)]);
    };
    const distributed =
      left > 0 ? (over(a, (part) => matmul(part, b)) ?? over(b, (part) => matmul(a, part))) : undefined;
    if (distributed) left--;
    return distributed;
  });
};

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
  return rule('order of a matrix chain', 'matmul', (node, a, b) => {
    const alternatives: Node[] = [];
    if (is(a, 'matmul')) alternatives.push(matmul(a.operands[0]!, matmul(a.operands[1]!, b)));
    if (is(b, 'matmul')) alternatives.push(matmul(matmul(a, b.operands[0]!), b.operands[1]!));
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
  const products = topological(roots).filter((node) => is(node, 'matmul'));
  const find = (left: (node: Node) => boolean, right: (node: Node) => boolean): Node | undefined =>
    products.find(({ operands: [a, b] }) => left(a!) && right(b!));
  return rule('squared distance from Gram matrices', 'sum', (node, squares) => {
    const [difference] = node.rank === 0 && is(squares, 'square') ? squares.operands : [];
    if (!difference || !is(difference, 'sub') || difference.rank !== 2) return undefined;
    const [a, b] = difference.operands as [Node, Node];
    const [X, V] = is(b, 'matmul') ? [a, b] : [b, a];
    if (!is(V, 'matmul') || X.rank !== 2 || changing.has(X)) return undefined;
    const [W, H] = V.operands as [Node, Node];
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
