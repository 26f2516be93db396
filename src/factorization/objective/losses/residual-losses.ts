import { clip, mul } from '../../../engine';
import { withoutLink, type LossDeclarations } from './declaration';

/** Losses of the residual x − y. */

export const residualLosses: LossDeclarations<'squared' | 'absolute' | 'huber'> = {
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
