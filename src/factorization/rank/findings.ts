import type * as v from 'valibot';
import { finite, integer, listOf, number, object, optional } from '../../untrusted/schema';
import { share } from '../diagnostics/findings';

/** A rank that was tried: the mean of the model's loss over held-out entries, and its standard error over the folds. */
export type RankPoint = v.InferOutput<typeof rankPointSchema>;

export const rankPointSchema = object({
  rank: integer(1),
  error: number,
  standardError: number,
  /** Mean over the folds' fits of the variance that each explains of the entries it was fitted to. */
  explainedVariance: optional(number),
  /**
   * Cophenetic correlation of the consensus of the folds' fits, which differ in their starts and in the entries they do not
   * see, on at most 200 rows. Absent where there is one fit, and where a model and rank have no groups to agree on.
   */
  cophenetic: optional(share(-1)),
});

/**
 * How well fits like the result's foretell entries that they do not see, beside what takes no factors. Root mean squares of
 * the errors on the same held-out entries, in the units of X as it was prepared.
 */
export type Foretelling = v.InferOutput<typeof foretellingSchema>;

export const foretellingSchema = object({
  rmse: number,
  /** Of each column's mean. */
  columnMeans: number,
  /** Of a mean, a number for each row and one for each column. */
  biases: number,
  entries: integer(1),
  /**
   * The L2 penalties that were compared, where one was to be chosen. The error of one that errs more on the first folds than
   * another on all is of those folds.
   */
  ridges: optional(listOf(object({ l2: finite(0), rmse: number }))),
});
