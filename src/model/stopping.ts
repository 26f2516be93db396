import { defaultsOf, number, optional, whole, type OptionsOf } from './fields';

/**
 * A run stops at whichever comes first.
 *
 * It has converged once Σ_F ‖F‖·‖G_F‖ ≤ √tolerance · max(min(objective, baseline), 0.001·baseline), where G_F is the gradient of the
 * objective in F = W, H (with a penalty or constraint that has a kink, its proximal gradient mapping; where an iteration begins, which under
 * `apg` and `hals` is a point moved on by momentum) and the baseline
 * the objective of a constant model (for the squared loss, ΣX²), the objective alone where the factors cannot be zero. Near an optimum the objective's distance from it falls
 * with the square of the gradient, so the tolerance is about that distance as a fraction of the objective. Unlike a test
 * on the last change it does not take short steps for convergence. 0 turns it off. Under `irls` the left side is, once the
 * absolute loss is smoothed no more than it will ever be, 10·√(objective · d), with d what the smoothed objective's
 * majorising quadratics in W and in H can still be lowered by: it has converged where that is a hundredth of the
 * tolerance's part of the objective.
 */
export const stopping = {
  /** Of one restart. */
  iterations: whole({
    noun: 'iterations',
    least: 0,
    most: 1e8,
    default: 500,
    option: { name: 'iterations', value: 'N', help: 'at most, of each restart ({default})' },
    setting: {
      name: 'iterations',
      least: 1,
      words: 'Iterations of each start, if the objective does not settle before. *Continue* makes as many again.',
    },
  }),
  tolerance: number({
    noun: 'tolerance',
    least: 0,
    most: 1,
    default: 1e-5,
    option: {
      name: 'tolerance',
      value: 'T',
      help: 'converged within about this fraction of the objective; 0 never ({default})',
    },
    setting: {
      name: 'tolerance',
      words:
        'A start has converged when its gradient, measured against factors and objective, is below the square root of this. 0 uses up all iterations.',
    },
  }),
  /**
   * For all of the computing, at most half of them for choosing a rank: what runs then ends with what it has. No
   * limit where absent. With one, the same seed need not give the same result.
   */
  seconds: optional(
    number({
      noun: 'time limit',
      above: 0,
      most: 1e9,
      default: 60,
      example: 60,
      option: {
        name: 'time-limit',
        value: 'S',
        help: 'seconds for all of the computing; the best so far is kept (none)',
      },
    }),
  ),
};

export type Stopping = OptionsOf<typeof stopping>;

export const defaultStopping: Stopping = defaultsOf(stopping);

/**
 * Why a restart ended: it converged, its objective no longer changed in the digits of float32 (`precision`), the iterations
 * or the time ran out, the user stopped it, or the factors ceased to be finite (the last finite ones are kept).
 */
export type StopReason = (typeof stopReasons)[number];

export const stopReasons = ['converged', 'precision', 'iterations', 'time', 'stopped', 'diverged'] as const;
