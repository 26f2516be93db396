import { clip, greater, mul, softplus, where, type Node } from '../../engine';
import type { Loss, LossKind } from '../../model/losses';

/** The mathematics of a loss, beside its record. Leaving a field out fails the type check. */
interface LossDeclaration<L extends Loss> {
  /** The loss of every entry of X (rows×columns) when the model says Y. */
  entries(X: Node, Y: Node, loss: L): Node;
  /** The same for one entry, in float64. */
  value(x: number, y: number, loss: L): number;
  /** What the model expects of an entry for which W·H says y: y itself, or its inverse link. */
  expectation(y: number): number;
  /** The y for which the model expects this number: the inverse of `expectation`, finite at the ends of its range too. */
  link(mean: number): number;
  /** The y for which the model expects this number everywhere: the constant model that a fit is measured against. */
  constant(mean: number, loss: L): number;
  /** Mean square of W·H at a random start, from that of X: alike, or about 1 where y is not in X's units. */
  startMeanSquare(meanSquare: number): number;
  /** The least upper bound of the second derivative in y; Infinity where there is none. */
  curvature: number;
  /**
   * Arrays of X's size beside X itself that a step makes, in float32, of which most hold what depends on X alone. (Measured:
   * 3 with Huber's loss, 9 with the Kullback–Leibler divergence, 10 with the logistic loss. The squared loss on whole data
   * takes products with X.)
   */
  arraysOfStep: number;
  /**
   * For multiplicative updates: the part of the loss whose derivative in y is positive, and the power of the update
   * under which the objective cannot rise (Févotte & Idier 2011, sec. 4.1).
   */
  multiplicative?: { positivePart(Y: Node): Node; power: number };
}

const identity = (value: number): number => value;

/** Of a loss whose model expects W·H itself. */
const withoutLink = { expectation: identity, link: identity, startMeanSquare: identity };

/** The declarations of some losses, under their names. */
type LossDeclarations<Kind extends LossKind> = {
  readonly [K in Kind]: LossDeclaration<Extract<Loss, { kind: K }>>;
};

/** Losses of the residual x − y. */
const residualLosses: LossDeclarations<'squared' | 'absolute' | 'huber'> = {
  squared: {
    entries: (X, Y) => X.sub(Y).square(),
    value: (x, y) => (x - y) * (x - y),
    ...withoutLink,
    // The baseline of the squared loss is ΣX²: what is left when nothing is modelled.
    constant: () => 0,
    curvature: 2,
    arraysOfStep: 0,
    multiplicative: { positivePart: (Y) => Y.square(), power: 1 },
  },

  absolute: {
    entries: (X, Y) => X.sub(Y).abs(),
    value: (x, y) => Math.abs(x - y),
    ...withoutLink,
    constant: () => 0,
    curvature: Infinity,
    arraysOfStep: 3,
  },

  huber: {
    // With c the residual e clipped to [−δ, δ], c·(2e − c) is e² up to δ and 2δ|e| − δ² beyond; its gradient is 2c.
    entries(X, Y, { delta }) {
      const residual = X.sub(Y);
      const clipped = clip(residual, -delta, delta);
      return clipped.mul(mul(2, residual).sub(clipped));
    },
    value(x, y, { delta }) {
      const distance = Math.abs(x - y);
      return distance <= delta ? distance * distance : delta * (2 * distance - delta);
    },
    ...withoutLink,
    constant: () => 0,
    curvature: 2,
    arraysOfStep: 3,
  },
};

/** By how much both arguments of a divergence are shifted in a graph. */
const shift = 1e-7;

/** The smallest normal number of float32. A y below it is 0, where the divergence of an x above 0 is infinite. */
const minModelled = 2 ** -126;

/**
 * β-divergences of x from y ≥ 0. In a graph both are shifted by ε, the precision of float32, so that 0·ln 0 and x/0 do not
 * arise and a perfect fit still costs nothing: solvers work on data whose mean is about 1. What is reported is the
 * divergence itself, with 0·ln 0 = 0.
 */
const divergences: LossDeclarations<'kullback-leibler' | 'itakura-saito'> = {
  'kullback-leibler': {
    entries(X, Y) {
      const [x, y] = [X.add(shift), Y.add(shift)];
      return x.mul(x.log().sub(y.log())).sub(x).add(y);
    },
    value(x, y) {
      if (x <= 0) return y;
      const modelled = Math.max(y, minModelled);
      return x * Math.log(x / modelled) - x + modelled;
    },
    ...withoutLink,
    constant: (mean) => mean,
    curvature: Infinity,
    arraysOfStep: 9,
    multiplicative: { positivePart: (Y) => Y, power: 1 },
  },

  'itakura-saito': {
    entries(X, Y) {
      const ratio: Node = X.add(shift).div(Y.add(shift));
      return ratio.sub(ratio.log()).sub(1);
    },
    value(x, y) {
      const ratio = x / Math.max(y, minModelled);
      return ratio - Math.log(ratio) - 1;
    },
    ...withoutLink,
    constant: (mean) => mean,
    curvature: Infinity,
    arraysOfStep: 9,
    multiplicative: { positivePart: (Y) => Y.add(shift).log(), power: 1 / 2 },
  },
};

/** Of a natural parameter: large ones would start where the exponential is steep or flat. */
const startMeanSquare = 0.1;

/** A mean at the end of its range has an infinite parameter; this far from it is near enough. */
const minMean = 1e-4;

/** x·ln x, 0 at 0. */
const entropy = (x: number): number => (x > 0 ? x * Math.log(x) : 0);
const entropyOf = (X: Node): Node => X.mul(where(greater(X, 0), X, 1).log());

/** Negative log-likelihoods of X given a natural parameter y, less their least value, so that a perfect fit costs nothing. */
const linkedLosses: LossDeclarations<'poisson' | 'logistic'> = {
  poisson: {
    entries: (X, Y) => Y.exp().sub(X.mul(Y)).add(entropyOf(X).sub(X)),
    value: (x, y) => Math.exp(y) - x * y + entropy(x) - x,
    expectation: Math.exp,
    link: (mean) => Math.log(Math.max(mean, minMean)),
    constant: (mean) => Math.log(Math.max(mean, Number.MIN_VALUE)),
    startMeanSquare: () => startMeanSquare,
    curvature: Infinity,
    arraysOfStep: 9,
  },

  logistic: {
    // What depends on X alone is one summand, which no step computes again.
    entries: (X, Y) =>
      softplus(Y)
        .sub(X.mul(Y))
        .add(entropyOf(X).add(entropyOf(X.neg().add(1)))),
    value: (x, y) => Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y))) - x * y + entropy(x) + entropy(1 - x),
    expectation: (y) => 1 / (1 + Math.exp(-y)),
    link(mean) {
      const p = Math.min(Math.max(mean, minMean), 1 - minMean);
      return Math.log(p / (1 - p));
    },
    constant: () => 0,
    startMeanSquare: () => startMeanSquare,
    curvature: 1 / 4,
    arraysOfStep: 10,
  },
};

const declarations: LossDeclarations<LossKind> = { ...residualLosses, ...divergences, ...linkedLosses };

/** The declaration of a loss, as seen from any loss. */
export const lossOf = (loss: Loss): LossDeclaration<Loss> => declarations[loss.kind];
