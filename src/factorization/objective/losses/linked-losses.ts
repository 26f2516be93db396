import { greater, softplus, where, type Node } from '../../../engine';
import type { LossDeclarations } from './declaration';

/** Negative log-likelihoods of X given a natural parameter y, less their least value, so that a perfect fit costs nothing. */

/** Of a natural parameter: large ones would start where the exponential is steep or flat. */
const startMeanSquare = 0.1;

/** A mean at the end of its range has an infinite parameter; this far from it is near enough. */
const minMean = 1e-4;

/** x·ln x, 0 at 0. */
const entropy = (x: number): number => (x > 0 ? x * Math.log(x) : 0);
const entropyOf = (X: Node): Node => X.mul(where(greater(X, 0), X, 1).log());

export const linkedLosses: LossDeclarations<'poisson' | 'logistic'> = {
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
