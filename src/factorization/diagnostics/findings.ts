import * as v from 'valibot';
import {
  agreeing,
  finite,
  flag,
  integer,
  listOf,
  number,
  object,
  optional,
  text,
  variant,
} from '../../untrusted/schema';

/** What is found out about a result, as it is told and saved. */

const untold = { reason: text };

const bound = {
  bound: finite(0),
  /** (objective − bound)/objective: the part of the objective that might still be saved. 0 for an objective that is nothing beside ΣX². */
  gap: number,
  /** Whether the bound is exact to rounding; otherwise it may be too high by some 1e-7 of ΣX². */
  exact: flag,
  /** What this proves and what it does not, in a sentence for the user. */
  meaning: text,
};

/**
 * What is known about the least objective that any factorization of this rank can have.
 * - `eckart-young`, `ridge`: `bound` is the global minimum itself, so a gap of 0 proves the result a best one, and a gap
 *   above 0 proves that it is not.
 * - `lower-bound`: nothing can be below `bound`, but perhaps nothing reaches it: a gap of 0 proves the result a best
 *   one, and a gap above 0 proves nothing.
 * - `none`: nothing is proven; `reason` says why.
 */
export type Optimum = v.InferOutput<typeof optimumSchema>;

export const optimumSchema = variant('kind', {
  'eckart-young': bound,
  ridge: bound,
  'lower-bound': bound,
  none: untold,
});

const extremes = {
  /** Smallest and largest eigenvalue of the Hessian, found by iteration, off the directions that change nothing. */
  smallest: finite(),
  largest: finite(),
  /** Curvatures nearer to zero than this count as zero. */
  resolution: finite(0),
  /** What this proves and what it does not, in a sentence for the user. */
  meaning: text,
};

/**
 * What the second derivatives say about the point that a run ended at.
 * - `saddle`: there is a direction along which the objective curves downwards, which proves that it is no minimum.
 * - `minimum`: none was found. Directions of no curvature are not told from slightly upward ones, and a better minimum
 *   may lie elsewhere.
 * - `undecided`: the search was too short to say.
 * - `none`: nothing was computed; `reason` says why.
 */
export type Curvature = v.InferOutput<typeof curvatureSchema>;

export const curvatureSchema = variant('kind', {
  minimum: extremes,
  saddle: extremes,
  undecided: extremes,
  none: untold,
});

/** How far apart the restarts ended: what another start might have given. Diverged restarts are left out. */
export type RestartSpread = v.InferOutput<ReturnType<typeof restartSpreadSchema>>;

export const restartSpreadSchema = (rank: number) =>
  object({
    /** Least, middle and greatest of the final objectives. */
    best: finite(),
    median: finite(),
    worst: finite(),
    /** (worst − best)/|best|; 0 where all are equal, or nothing beside what the runs began with. */
    relative: number,
    /**
     * For each component of the kept restart, in order, the mean over the other restarts of its similarity to the one that
     * matches it: |cosine| of the rows of H, 1 for the same direction. Only under penalties or constraints are components
     * themselves, and not just the space that they span, determined by the data; see `spaceSimilarity`.
     */
    componentSimilarity: optional(listOf(finite(0), rank)),
    /** Mean over the other restarts of how alike the spaces spanned by the rows of H are, from 0 to 1. */
    spaceSimilarity: optional(finite(0)),
  });

/** A finite number from `least` to 1. */
export const share = (least: number) => v.pipe(finite(least), v.maxValue(1, `a number from ${least} to 1`));

export type ConsensusDescription = v.InferOutput<ReturnType<typeof consensusSchema>>;

/** How far the restarts agree on which rows of X belong together, or why that is not told. */
export type Consensus = ConsensusMatrix | Extract<ConsensusDescription, { kind: 'none' }>;

/** The consensus of Brunet, Tamayo, Golub & Mesirov (2004), with its clustering. */
export type ConsensusMatrix = Extract<ConsensusDescription, { kind: 'consensus' }> & {
  /** Symmetric, as long as `rows` both ways, row-major: the part of the restarts that have both rows in one group. */
  matrix: Float32Array;
};

/** A consensus but for its matrix, which is saved as an array; for data of so many rows. */
export const consensusSchema = (rows: number) =>
  v.pipe(
    variant('kind', {
      consensus: {
        /** Number of restarts that were compared, at least 2. */
        restarts: integer(2),
        /** The rows that were compared, rising from 0: all, or some drawn at random where there are many. */
        rows: listOf(integer(0, rows - 1)),
        /** Places in `rows`, as the leaves of the average-linkage clustering by 1 − matrix come. */
        order: listOf(integer(0)),
        /** Sizes of the clusters, in that order, when there are as many as components, or fewer where more could not be told apart. */
        clusters: listOf(integer(1)),
        /**
         * Correlation of 1 − matrix with the distances in the clustering's tree: 1 where restarts agree on every pair. Absent where
         * all pairs are alike.
         */
        cophenetic: optional(share(-1)),
        /** Mean of (2·entry − 1)² over the matrix (Kim & Park 2007): 1 where restarts agree on every pair, 0 where every pair is a toss-up. */
        dispersion: share(0),
      },
      none: untold,
    }),
    agreeing((consensus) => {
      if (consensus.kind === 'none') return undefined;
      const { rows: compared, order, clusters } = consensus;
      const size = compared.length;
      if (size < 2 || compared.some((row, k) => k > 0 && row <= compared[k - 1]!)) {
        return { at: ['rows'], wanted: 'a list of at least two rising numbers' };
      }
      if (order.length !== size) return { at: ['order'], wanted: `a list of ${size}` };
      const beyond = order.findIndex((place) => place >= size);
      if (beyond >= 0) return { at: ['order', beyond], wanted: `a whole number from 0 to ${size - 1}` };
      if (new Set(order).size !== size) return { at: ['order'], wanted: `a list of all numbers below ${size}` };
      return clusters.reduce((sum, part) => sum + part, 0) === size
        ? undefined
        : { at: ['clusters'], wanted: `a list with the sum ${size}` };
    }),
  );

/** The singular values of the data as they were prepared, or why they are not told. */
export type Scree = v.InferOutput<ReturnType<typeof screeSchema>>;
export type KnownScree = Extract<Scree, { kind: 'singular-values' }>;

/** For data with so many singular values. */
export const screeSchema = (most: number) =>
  v.pipe(
    variant('kind', {
      'singular-values': {
        /** From the largest. */
        values: listOf(finite(0), most),
        /** Whether these are all; otherwise they are the largest, somewhat more than the rank asks for. */
        complete: flag,
        /**
         * Entry k−1 is 1 − Σ_{i>k} σ_i² / Σ(X−mean(X))², the variance that a factorization of rank k explains at most (Eckart &
         * Young 1936). It is to be compared with `explainedVariance` of the fit, and for centred data it is the usual cumulative
         * explained variance.
         */
        explainedVariance: listOf(number),
      },
      none: untold,
    }),
    agreeing((scree) =>
      scree.kind === 'none' || scree.values.length === scree.explainedVariance.length
        ? undefined
        : { at: ['explainedVariance'], wanted: `a list of ${scree.values.length}` },
    ),
  );
