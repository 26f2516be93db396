import { add, slice, constant, type Node } from '../engine';
import type { Biases } from './factors';
import type { FactorPenalty, Model } from './model';

/** W (rows×rank) or H (rank×columns): what is a component of one is a row of the other. */
export type FactorName = 'W' | 'H';

/** The axis along which a component runs: down a column of W, along a row of H. */
export const componentAxis: Readonly<Record<FactorName, 0 | 1>> = { W: 0, H: 1 };

/** Penalties that have a gradient everywhere: l2·ΣF², the smoothness and the orthogonality. */
export function smoothPenalty(factor: Node, { l2, smooth, orthogonal }: FactorPenalty, name: FactorName): Node {
  return total([
    l2 > 0 && factor.square().sum().mul(l2),
    smooth > 0 && differences(factor, name).square().sum().mul(smooth),
    orthogonal > 0 && crossProducts(factor, name).square().sum().mul(orthogonal),
  ]);
}

/** Each entry of a component less the one before it; none where a component is a single entry. */
function differences(factor: Node, name: FactorName): Node {
  const axis = componentAxis[name];
  const length = Number(factor.shape[axis]);
  return slice(factor, 1, length, { axis }).sub(slice(factor, 0, length - 1, { axis }));
}

/** rank×rank: the inner products of components with each other, and 0 for those with themselves. */
function crossProducts(factor: Node, name: FactorName): Node {
  const rank = Number(factor.shape[1 - componentAxis[name]]);
  const others = Float32Array.from({ length: rank * rank }, (_, at) => (at % (rank + 1) === 0 ? 0 : 1));
  // Masked, and not the whole less the diagonal, whose digits would drown those of nearly orthogonal components.
  return (name === 'W' ? factor.T.matmul(factor) : factor.matmul(factor.T)).mul(
    constant({ data: others, shape: [rank, rank] }),
  );
}

/** Penalties with a kink, whose proximal operator is known instead: l1·Σ|F| + group·Σ_k‖component k‖. */
export function kinkedPenalty(factor: Node, { l1, group }: FactorPenalty, name: FactorName): Node {
  return total([l1 > 0 && factor.abs().sum().mul(l1), group > 0 && factor.norm(componentAxis[name]).sum().mul(group)]);
}

/**
 * How a factor's penalties grow with its components' scales: with the first or second power; undefined for none, for both
 * at once, and where the components' scales depend on each other.
 */
export function penaltyDegree({ l1, l2, group, smooth, orthogonal }: FactorPenalty): 1 | 2 | undefined {
  if (orthogonal > 0) return undefined;
  const quadratic = l2 > 0 || smooth > 0;
  if (l1 > 0 || group > 0) return quadratic ? undefined : 1;
  return quadratic ? 2 : undefined;
}

/** The penalties of each component by itself, all but the orthogonality: 1×rank for W, rank×1 for H. */
export function componentPenalty(factor: Node, { l1, l2, group, smooth }: FactorPenalty, name: FactorName): Node {
  const axis = componentAxis[name];
  const along = { keepDims: true } as const;
  return total([
    l1 > 0 && factor.abs().sum(axis, along).mul(l1),
    l2 > 0 && factor.square().sum(axis, along).mul(l2),
    group > 0 && factor.norm(axis, along).mul(group),
    smooth > 0 && differences(factor, name).square().sum(axis, along).mul(smooth),
  ]);
}

/**
 * The second derivative of the smooth penalties, at most. That of squared differences is 2·smooth times the Laplacian of a
 * path, whose eigenvalues are below 4. The orthogonality, of the fourth degree, has no bound.
 */
export const penaltyCurvature = ({ l2, smooth, orthogonal }: FactorPenalty): number =>
  orthogonal > 0 ? Infinity : 2 * l2 + 8 * smooth;

/** The penalties of a factor with `count` components, in float64. */
export function penaltyOf(factor: Float32Array, penalty: FactorPenalty, name: FactorName, count: number): number {
  const { l1, l2, group, smooth, orthogonal } = penalty;
  let absolute = 0;
  const squares = new Float64Array(count);
  const length = factor.length / count;
  factor.forEach((value, at) => {
    absolute += Math.abs(value);
    const component = name === 'W' ? at % count : Math.floor(at / length);
    squares[component] = (squares[component] as number) + value * value;
  });
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  const separate = l1 * absolute + l2 * sumOf(squares) + group * sumOf(squares.map(Math.sqrt));
  if (smooth === 0 && orthogonal === 0) return separate;

  const entry = (component: number, at: number): number =>
    factor[name === 'W' ? at * count + component : component * length + at] as number;
  let changes = 0;
  let products = 0;
  for (let k = 0; k < count; k++) {
    for (let at = 1; at < length; at++) changes += (entry(k, at) - entry(k, at - 1)) ** 2;
    for (let l = 0; l < k && orthogonal > 0; l++) {
      let product = 0;
      for (let at = 0; at < length; at++) product += entry(k, at) * entry(l, at);
      products += 2 * product * product;
    }
  }
  return separate + smooth * changes + orthogonal * products;
}

/** The penalty of a model's biases, in float64; 0 where it has none. */
export function biasPenaltyOf(values: Biases | undefined, { biases }: Model): number {
  if (!values || !biases) return 0;
  const squares = (of: Float32Array): number => of.reduce((sum, value) => sum + value * value, 0);
  return biases.l2 * (squares(values.rows) + squares(values.columns));
}

const total = (terms: readonly (Node | false)[]): Node =>
  terms.filter((term) => term !== false).reduce<Node>((sum, term) => add(sum, term), constant(0));
