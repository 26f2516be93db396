import type { Node } from '../../engine/graph';
import type { Loss } from '../model';
import type { LossDeclaration } from './declaration';

/**
 * β-divergences of x from y ≥ 0. Both are shifted by ε, the precision of float32, so that 0·ln 0 and x/0 do not arise and
 * a perfect fit still costs nothing.
 */
const shift = 1e-7;

const identity = (value: number): number => value;

export const kullbackLeibler: LossDeclaration<Extract<Loss, { kind: 'kullback-leibler' }>> = {
  entries(X, Y) {
    const [x, y] = [X.add(shift), Y.add(shift)];
    return x.mul(x.log().sub(y.log())).sub(x).add(y);
  },
  value(x, y) {
    const [a, b] = [x + shift, y + shift];
    return a * Math.log(a / b) - a + b;
  },
  expectation: identity,
  link: identity,
  startMeanSquare: identity,
  constant: identity,
  curvature: Infinity,
  nonNegative: true,
  domain: { holds: (x) => x >= 0, words: 'numbers of at least 0' },
  multiplicative: { positivePart: (Y) => Y, power: 1 },
};

export const itakuraSaito: LossDeclaration<Extract<Loss, { kind: 'itakura-saito' }>> = {
  entries(X, Y) {
    const ratio: Node = X.add(shift).div(Y.add(shift));
    return ratio.sub(ratio.log()).sub(1);
  },
  value(x, y) {
    const ratio = (x + shift) / (y + shift);
    return ratio - Math.log(ratio) - 1;
  },
  expectation: identity,
  link: identity,
  startMeanSquare: identity,
  constant: identity,
  curvature: Infinity,
  nonNegative: true,
  domain: { holds: (x) => x > 0, words: 'numbers above 0' },
  multiplicative: { positivePart: (Y) => Y.add(shift).log(), power: 1 / 2 },
};
