import { add, slice, constant, type Node, equal, maximum, minimum, where } from '../../engine';
import type { Biases } from '../factors';
import type { Model } from '../../model/model';
import {
  isPenalisedBy,
  penaltyNames,
  penaltyRecord,
  type FactorPenalty,
  type PenaltyName,
} from '../../model/penalties';

/** W (rows×rank) or H (rank×columns): what is a component of one is a row of the other. */
export type FactorName = 'W' | 'H';

/** The axis along which a component runs: down a column of W, along a row of H. */
export const componentAxis: Readonly<Record<FactorName, 0 | 1>> = { W: 0, H: 1 };

/** The mathematics of a penalty, beside its record, without its weight. Leaving a field out fails the type check. */
export interface PenaltyDeclaration {
  /** The term of a whole factor. */
  term(factor: Node, name: FactorName): Node;
  /** That of each component by itself: 1×rank for W, rank×1 for H; absent where components depend on each other. */
  components?(factor: Node, name: FactorName): Node;
  /** The term of a factor with `count` components, in float64. */
  value(factor: Float32Array, name: FactorName, count: number): number;
  /** The second derivative, at most, of one without a kink; Infinity where there is no bound. */
  curvature: number;
  /** What its second derivative adds to the diagonal of the objective's; 0 where that is left out. */
  meanCurvature: number;
}

const along = { keepDims: true } as const;

const declarations: { readonly [K in PenaltyName]: PenaltyDeclaration } = {
  l1: {
    term: (factor) => factor.abs().sum(),
    components: (factor, name) => factor.abs().sum(componentAxis[name], along),
    value: (factor) => factor.reduce((sum, value) => sum + Math.abs(value), 0),
    curvature: 0,
    meanCurvature: 0,
  },
  l2: {
    term: (factor) => factor.square().sum(),
    components: (factor, name) => factor.square().sum(componentAxis[name], along),
    value: (...factor) => sumOf(squaresOf(...factor)),
    curvature: 2,
    meanCurvature: 2,
  },
  group: {
    term: (factor, name) => factor.norm(componentAxis[name]).sum(),
    components: (factor, name) => factor.norm(componentAxis[name], along),
    value: (...factor) => sumOf(squaresOf(...factor).map(Math.sqrt)),
    curvature: 0,
    meanCurvature: 0,
  },
  smooth: {
    term: (factor, name) => differences(factor, name).square().sum(),
    components: (factor, name) => differences(factor, name).square().sum(componentAxis[name], along),
    value(factor, name, count) {
      const entry = entriesOf(factor, name, count);
      let changes = 0;
      for (let k = 0; k < count; k++) {
        for (let at = 1; at < factor.length / count; at++) changes += (entry(k, at) - entry(k, at - 1)) ** 2;
      }
      return changes;
    },
    // Twice the Laplacian of a path, whose eigenvalues are below 4 and which has 2 on its diagonal.
    curvature: 8,
    meanCurvature: 4,
  },
  orthogonal: {
    term: (factor, name) => crossProducts(factor, name).square().sum(),
    value(factor, name, count) {
      const entry = entriesOf(factor, name, count);
      let products = 0;
      for (let k = 0; k < count; k++) {
        for (let l = 0; l < k; l++) {
          let product = 0;
          for (let at = 0; at < factor.length / count; at++) product += entry(k, at) * entry(l, at);
          products += 2 * product * product;
        }
      }
      return products;
    },
    // Of the fourth degree.
    curvature: Infinity,
    meanCurvature: 0,
  },
};

/** The penalties that have a weight, in order, with the mathematics of each. */
const activeIn = (penalty: FactorPenalty): [name: PenaltyName, weight: number, declaration: PenaltyDeclaration][] =>
  penaltyNames.flatMap((name) => (penalty[name] > 0 ? [[name, penalty[name], declarations[name]]] : []));

const hasKink = (name: PenaltyName): boolean => penaltyRecord(name).kink === true;

/** Penalties that have a gradient everywhere. */
export const smoothPenalty = (factor: Node, penalty: FactorPenalty, name: FactorName): Node =>
  total(activeIn(penalty).flatMap(([id, weight, { term }]) => (hasKink(id) ? [] : [term(factor, name).mul(weight)])));

/** Penalties with a kink, whose proximal operator is known instead: l1·Σ|F| + group·Σ_k‖component k‖. */
export const kinkedPenalty = (factor: Node, penalty: FactorPenalty, name: FactorName): Node =>
  total(activeIn(penalty).flatMap(([id, weight, { term }]) => (hasKink(id) ? [term(factor, name).mul(weight)] : [])));

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

/**
 * How a factor's penalties grow with its components' scales: with the first or second power; undefined for none, for both
 * at once, and where the components' scales depend on each other.
 */
function penaltyDegree(penalty: FactorPenalty): 1 | 2 | undefined {
  if (isPenalisedBy(penalty, ({ tiesComponents }) => tiesComponents === true)) return undefined;
  const [power, ...others] = new Set(activeIn(penalty).map(([name]) => penaltyRecord(name).power));
  return others.length === 0 && power !== 4 ? power : undefined;
}

/** The penalties of each component by itself, all but those that tie components: 1×rank for W, rank×1 for H. */
const componentPenalty = (factor: Node, penalty: FactorPenalty, name: FactorName): Node =>
  total(
    activeIn(penalty).flatMap(([, weight, { components }]) =>
      components ? [components(factor, name).mul(weight)] : [],
    ),
  );

/** The second derivative of the smooth penalties, at most. */
export const penaltyCurvature = (penalty: FactorPenalty): number =>
  activeIn(penalty).reduce((sum, [, weight, { curvature }]) => sum + weight * curvature, 0);

/** What the smooth penalties add to the diagonal of the objective's second derivative. */
export const meanPenaltyCurvature = (penalty: FactorPenalty): number =>
  activeIn(penalty).reduce((sum, [, weight, { meanCurvature }]) => sum + weight * meanCurvature, 0);

/** The penalties of a factor with `count` components, in float64. */
export const penaltyOf = (factor: Float32Array, penalty: FactorPenalty, name: FactorName, count: number): number =>
  activeIn(penalty).reduce((sum, [, weight, { value }]) => sum + weight * value(factor, name, count), 0);

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** The sum of squares of each component. */
function squaresOf(factor: Float32Array, name: FactorName, count: number): Float64Array {
  const squares = new Float64Array(count);
  const length = factor.length / count;
  factor.forEach((value, at) => {
    const component = name === 'W' ? at % count : Math.floor(at / length);
    squares[component]! += value * value;
  });
  return squares;
}

/** The entries of each component, in order. */
function entriesOf(factor: Float32Array, name: FactorName, count: number): (component: number, at: number) => number {
  const length = factor.length / count;
  return (component, at) => factor[name === 'W' ? at * count + component : component * length + at]!;
}

/** The penalty of a model's biases, in float64; 0 where it has none. */
export function biasPenaltyOf(values: Biases | undefined, { biases }: Model): number {
  if (!values || !biases) return 0;
  const squares = (of: Float32Array): number => of.reduce((sum, value) => sum + value * value, 0);
  return biases.l2 * (squares(values.rows) + squares(values.columns));
}

const total = (terms: readonly Node[]): Node => terms.reduce<Node>((sum, term) => add(sum, term), constant(0));

/** A component is not scaled by more than this at once. */
const maxScale = 1e3;

/**
 * The scales c (1×rank) for which W·c and H/c, which have the same product, have the smallest penalties: with penalties
 * a·c^p of W's component and b·c^−q of H's, c = (qb/pa)^(1/(p+q)). Alternating steps find this balance very slowly where
 * the penalties are light. Undefined where there is nothing to balance or a constraint ties the scale down.
 */
export function balancingScale({ penalties, constraints }: Model, W: Node, H: Node): Node | undefined {
  const p = penaltyDegree(penalties.W);
  const q = penaltyDegree(penalties.H);
  const names: readonly FactorName[] = ['W', 'H'];
  const free = names.every((name) => constraints[name].kind === 'none' || constraints[name].kind === 'non-negative');
  if (p === undefined || q === undefined || !free) return undefined;
  const a = componentPenalty(W, penalties.W, 'W').mul(p);
  const b = componentPenalty(H, penalties.H, 'H').mul(q).T;
  const scale = b.div(where(equal(a, 0), 1, a)).pow(1 / (p + q));
  // A component that is zero on either side has no scale.
  return where(equal(a.mul(b), 0), 1, minimum(maximum(scale, 1 / maxScale), maxScale));
}
