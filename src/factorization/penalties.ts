import { add } from '../engine/functions';
import { constant, type Node } from '../engine/graph';
import type { Biases } from './factorization';
import type { FactorPenalty, Model } from './model';

/** W (rows×rank) or H (rank×columns): what is a component of one is a row of the other. */
export type FactorName = 'W' | 'H';

/** The axis along which a component runs: down a column of W, along a row of H. */
export const componentAxis: Readonly<Record<FactorName, 0 | 1>> = { W: 0, H: 1 };

/** Penalties that have a gradient everywhere: l2·ΣF². */
export function smoothPenalty(factor: Node, { l2 }: FactorPenalty): Node {
  return total([l2 > 0 && factor.square().sum().mul(l2)]);
}

/** Penalties with a kink, whose proximal operator is known instead: l1·Σ|F| + group·Σ_k‖component k‖. */
export function kinkedPenalty(factor: Node, { l1, group }: FactorPenalty, name: FactorName): Node {
  return total([l1 > 0 && factor.abs().sum().mul(l1), group > 0 && factor.norm(componentAxis[name]).sum().mul(group)]);
}

/** How a factor's penalties grow with its scale: with the first or second power; undefined for none, or for both at once. */
export function penaltyDegree({ l1, l2, group }: FactorPenalty): 1 | 2 | undefined {
  if (l1 > 0 || group > 0) return l2 > 0 ? undefined : 1;
  return l2 > 0 ? 2 : undefined;
}

/** The penalties of each component by itself: 1×rank for W, rank×1 for H. */
export function componentPenalty(factor: Node, { l1, l2, group }: FactorPenalty, name: FactorName): Node {
  const axis = componentAxis[name];
  const along = { keepDims: true } as const;
  return total([
    l1 > 0 && factor.abs().sum(axis, along).mul(l1),
    l2 > 0 && factor.square().sum(axis, along).mul(l2),
    group > 0 && factor.norm(axis, along).mul(group),
  ]);
}

/** The second derivative of the smooth penalties, at most. */
export const penaltyCurvature = ({ l2 }: FactorPenalty): number => 2 * l2;

/** The penalties of a factor with `count` components, in float64. */
export function penaltyOf(factor: Float32Array, penalty: FactorPenalty, name: FactorName, count: number): number {
  const { l1, l2, group } = penalty;
  let absolute = 0;
  const squares = new Float64Array(count);
  const length = factor.length / count;
  factor.forEach((value, at) => {
    absolute += Math.abs(value);
    const component = name === 'W' ? at % count : Math.floor(at / length);
    squares[component] = (squares[component] as number) + value * value;
  });
  const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  return l1 * absolute + l2 * sumOf(squares) + group * sumOf(squares.map(Math.sqrt));
}

/** The penalty of a model's biases, in float64; 0 where it has none. */
export function biasPenaltyOf(values: Biases | undefined, { biases }: Model): number {
  if (!values || !biases) return 0;
  const squares = (of: Float32Array): number => of.reduce((sum, value) => sum + value * value, 0);
  return biases.l2 * (squares(values.rows) + squares(values.columns));
}

const total = (terms: readonly (Node | false)[]): Node =>
  terms.filter((term) => term !== false).reduce<Node>((sum, term) => add(sum, term), constant(0));
