import type { Node } from '../../../engine';
import { withoutLink, type LossDeclarations } from './declaration';

/**
 * β-divergences of x from y ≥ 0. In a graph both are shifted by ε, the precision of float32, so that 0·ln 0 and x/0 do not
 * arise and a perfect fit still costs nothing: solvers work on data whose mean is about 1. What is reported is the
 * divergence itself, with 0·ln 0 = 0.
 */
const shift = 1e-7;

/** The smallest normal number of float32. A y below it is 0, where the divergence of an x above 0 is infinite. */
const minModelled = 2 ** -126;

export const divergences: LossDeclarations<'kullback-leibler' | 'itakura-saito'> = {
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
