import type { HeldOutFit } from '../../factorization/result';
import type { Bound, Optimum, KnownScree, Scree } from '../../factorization/diagnostics/eckart-young';
import type { RestartSpread } from '../../factorization/diagnostics/restart-spread';
import type { Consensus, ConsensusMatrix } from '../../factorization/diagnostics/consensus';
import type { Curvature, Extremes } from '../../factorization/diagnostics/curvature';
import type { Foretelling } from '../../factorization/rank/foretelling';
import type { RankPoint } from '../../factorization/rank/curve';
import {
  complete,
  FieldError,
  finite,
  flag,
  integer,
  listOf,
  number,
  object,
  text,
  variant,
  type Check,
  type Fields,
} from '../schema';

/** `Omit` for each member of a union by itself. */
export type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A consensus but for its matrix, which is stored as an array. */
export type ConsensusDescription = DistributiveOmit<Consensus, 'matrix'>;

/** A finite number from `least` to 1. */
const share =
  (least: number): Check<number> =>
  (value, place) => {
    const found = finite(least)(value, place);
    if (found > 1) throw new FieldError(place, `a number from ${least} to 1`);
    return found;
  };

const correlation = share(-1);

const bound = (fields: Fields) =>
  complete<Omit<Bound<'ridge'>, 'kind'>>({
    bound: fields.get('bound', finite(0)),
    gap: fields.get('gap', number),
    exact: fields.get('exact', flag),
    meaning: fields.get('meaning', text),
  });

/** How far the result is from the least possible. */
export const optimum = variant<'kind', Optimum>('kind', {
  'eckart-young': (fields) => ({ kind: 'eckart-young', ...bound(fields) }),
  ridge: (fields) => ({ kind: 'ridge', ...bound(fields) }),
  'lower-bound': (fields) => ({ kind: 'lower-bound', ...bound(fields) }),
  none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
});

const extremes = (fields: Fields) =>
  complete<Omit<Extremes<'saddle'>, 'kind'>>({
    smallest: fields.get('smallest', finite()),
    largest: fields.get('largest', finite()),
    resolution: fields.get('resolution', finite(0)),
    meaning: fields.get('meaning', text),
  });

export const curvature = variant<'kind', Curvature>('kind', {
  minimum: (fields) => ({ kind: 'minimum', ...extremes(fields) }),
  saddle: (fields) => ({ kind: 'saddle', ...extremes(fields) }),
  undecided: (fields) => ({ kind: 'undecided', ...extremes(fields) }),
  none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
});

export const restartSpread = (rank: number): Check<RestartSpread> =>
  object((fields) =>
    complete<RestartSpread>({
      best: fields.get('best', finite()),
      median: fields.get('median', finite()),
      worst: fields.get('worst', finite()),
      relative: fields.get('relative', number),
      componentSimilarity: fields.optional('componentSimilarity', listOf(finite(0), undefined, rank)),
      spaceSimilarity: fields.optional('spaceSimilarity', finite(0)),
    }),
  );

/** A rank that was tried. */
export const rankPoint = object((fields) =>
  complete<RankPoint>({
    rank: fields.get('rank', integer(1)),
    error: fields.get('error', number),
    standardError: fields.get('standardError', number),
    explainedVariance: fields.optional('explainedVariance', number),
    cophenetic: fields.optional('cophenetic', correlation),
  }),
);

export const foretelling = object((fields) =>
  complete<Foretelling>({
    rmse: fields.get('rmse', number),
    columnMeans: fields.get('columnMeans', number),
    biases: fields.get('biases', number),
    entries: fields.get('entries', integer(1)),
    ridges: fields.optional(
      'ridges',
      listOf(object((ridge) => ({ l2: ridge.get('l2', finite(0)), rmse: ridge.get('rmse', number) }))),
    ),
  }),
);

export const heldOut = object((fields) =>
  complete<HeldOutFit>({
    rmse: fields.get('rmse', number),
    mae: fields.get('mae', number),
    entries: fields.get('entries', integer(1)),
  }),
);

/** The consensus of the restarts for data of so many rows. */
export const consensusOf = (rows: number): Check<ConsensusDescription> =>
  variant<'kind', ConsensusDescription>('kind', {
    consensus: (fields) => {
      const compared = fields.get('rows', rising(rows));
      const size = compared.length;
      return {
        kind: 'consensus',
        ...complete<Omit<ConsensusMatrix, 'kind' | 'matrix'>>({
          restarts: fields.get('restarts', integer(2)),
          rows: compared,
          order: fields.get('order', permutation(size)),
          clusters: fields.get('clusters', partition(size)),
          cophenetic: fields.optional('cophenetic', correlation),
          dispersion: fields.get('dispersion', share(0)),
        }),
      };
    },
    none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
  });

/** At least two rising numbers of rows. */
const rising =
  (rows: number): Check<number[]> =>
  (value, place) => {
    const found = listOf(integer(0, rows - 1))(value, place);
    if (found.length < 2 || found.some((row, k) => k > 0 && row <= found[k - 1]!)) {
      throw new FieldError(place, 'a list of at least two rising numbers');
    }
    return found;
  };

/** The numbers from 0 to size − 1, in any order. */
const permutation =
  (size: number): Check<number[]> =>
  (value, place) => {
    const found = listOf(integer(0, size - 1), size)(value, place);
    if (new Set(found).size !== size) throw new FieldError(place, `a list of all numbers below ${size}`);
    return found;
  };

/** Sizes of parts of `size`. */
const partition =
  (size: number): Check<number[]> =>
  (value, place) => {
    const found = listOf(integer(1, size))(value, place);
    if (found.reduce((sum, part) => sum + part, 0) !== size) throw new FieldError(place, `a list with the sum ${size}`);
    return found;
  };

/** The singular values of the data, of which there are at most so many. */
export const scree = (most: number): Check<Scree> =>
  variant<'kind', Scree>('kind', {
    'singular-values': (fields) => {
      const values = fields.get('values', listOf(finite(0), undefined, most));
      return {
        kind: 'singular-values',
        ...complete<Omit<KnownScree, 'kind'>>({
          values,
          complete: fields.get('complete', flag),
          explainedVariance: fields.get('explainedVariance', listOf(number, values.length)),
        }),
      };
    },
    none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
  });
