import type { Optimum, Scree } from './findings';
import type { Model } from '../../model/model';
import { penaltyNames, penaltyRecord } from '../../model/penalties';
import type { Spectrum } from '../linear-algebra/svd';
import { isNothing } from '../objective/statistics';
import type { Observations } from '../observations';

/** Finds the bound for a model and how far a result's objective is from it. */
export function certify(
  model: Model,
  rank: number,
  objective: number,
  spectrum: Spectrum | { reason: string },
): Optimum {
  if (model.loss.kind !== 'squared') return { kind: 'none', reason: 'No bound is known for this loss.' };
  if (model.biases) return { kind: 'none', reason: 'No bound is known for a model with biases.' };
  return 'reason' in spectrum
    ? { kind: 'none', reason: spectrum.reason }
    : optimumFrom(spectrum, model, rank, objective);
}

/**
 * The least objective of a squared-loss model on full data, from the data's singular values σ.
 *
 * With ridge penalties λ_W, λ_H > 0 the penalty of a product Z = WH of rank ≤ r, at its best split, is 2τ‖Z‖_* with
 * τ = √(λ_W·λ_H), for λ_W‖W‖² + λ_H‖H‖² ≥ 2τ‖W‖‖H‖ column by row, with equality where both sides are balanced (Srebro,
 * Rennie & Jaakkola 2004). By von Neumann's trace inequality the best Z shares X's singular vectors, which leaves
 * Σ_{i≤r} min_d [(σ_i − d)² + 2τd] + Σ_{i>r} σ_i², whose minimum soft-thresholds: d_i = max(σ_i − τ, 0). Hence
 *
 *     bound = ΣX² − Σ_{i≤r} max(σ_i − τ, 0)²,
 *
 * and with τ = 0 the theorem of Eckart & Young (1936). Constraints and other penalties can only raise the minimum; a
 * penalty on one factor alone is evaded by shrinking it and growing the other, so the bound is then approached only.
 */
function optimumFrom(spectrum: Spectrum, model: Model, rank: number, objective: number): Optimum {
  const { W, H } = model.penalties;
  const threshold = Math.sqrt(W.l2 * H.l2);
  const bound = minObjective(spectrum, threshold, rank);
  const shared = {
    bound,
    gap: isNothing(objective, spectrum.total) ? 0 : (objective - bound) / objective,
    exact: spectrum.complete,
  };
  const estimated = spectrum.complete
    ? ''
    : ' The singular values behind it were found by iteration, to 1e-7 of their squares at worst.';

  const omitted = omittedParts(model);
  if (omitted.length > 0) {
    return {
      kind: 'lower-bound',
      ...shared,
      meaning: `No factorization of rank ${rank} can be below this bound, which leaves out ${list(omitted)}; perhaps none reaches it, so a gap does not mean that there is a better one.${estimated}`,
    };
  }
  return {
    kind: threshold > 0 ? 'ridge' : 'eckart-young',
    ...shared,
    meaning: `This is the least objective of any factorization of rank ${rank}, and there is one that reaches it: the gap is what the result lacks.${estimated}`,
  };
}

function minObjective({ squares, total, complete }: Spectrum, threshold: number, rank: number): number {
  // Where the whole spectrum is known, the tail is summed itself: taking the head from the total would lose its digits.
  let sum = complete ? 0 : total;
  squares.forEach((square, i) => {
    const value = Math.sqrt(square);
    if (i >= rank) sum += complete ? square : 0;
    else if (complete) sum += value > threshold ? threshold * (2 * value - threshold) : square;
    else sum -= Math.max(0, value - threshold) ** 2;
  });
  return Math.max(0, sum);
}

/** The parts of a model that the bound does not know of, in words. */
function omittedParts({ penalties, constraints }: Model): string[] {
  const parts: string[] = [];
  const factors = ['W', 'H'] as const;
  const { W, H } = penalties;
  if (W.l2 > 0 !== H.l2 > 0) parts.push('the L2 penalty, which is on one factor only');
  for (const name of penaltyNames) {
    if (name !== 'l2' && factors.some((factor) => penalties[factor][name] > 0)) {
      parts.push(`the ${penaltyRecord(name).weight.noun}`);
    }
  }
  if (factors.some((factor) => constraints[factor].kind !== 'none')) parts.push('the constraints');
  return parts;
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Beyond the rank, so many singular values are looked for: an elbow is seen from both sides. */
export const beyondRank = 10;

/** What the spectrum of the observations says of every rank. */
export function screeOf(
  spectrum: Spectrum | { reason: string },
  { centredSumOfSquares, sumOfSquares }: Pick<Observations, 'centredSumOfSquares' | 'sumOfSquares'>,
): Scree {
  if ('reason' in spectrum) return { kind: 'none', reason: spectrum.reason };
  const { squares, total, complete } = spectrum;
  // Rounding leaves something of a square that vanishes beside the largest one.
  const noise = squares.length * Number.EPSILON * (squares[0] ?? 0);
  const kept = squares.map((square) => (square > noise ? square : 0));
  // What rank k leaves. Where the whole spectrum is known, the tail is summed itself, from its small end.
  const left = new Float64Array(kept.length);
  let sum = complete ? 0 : total;
  if (complete) {
    for (let k = kept.length - 1; k >= 0; k--) {
      left[k] = sum;
      sum += kept[k]!;
    }
  } else {
    kept.forEach((square, k) => {
      sum -= square;
      left[k] = Math.max(0, sum);
    });
  }
  return {
    kind: 'singular-values',
    values: listOf(kept.map(Math.sqrt)),
    complete,
    // Data that are all alike are explained whole by one component.
    explainedVariance: listOf(
      left.map((rest) => (isNothing(centredSumOfSquares, sumOfSquares) ? 1 : 1 - rest / centredSumOfSquares)),
    ),
  };
}

/** Of a few numbers, one a rank. */
const listOf = (values: Float64Array): number[] => Array.from({ length: values.length }, (_, k) => values[k]!);
