import { certify, type Optimum } from './certificate';
import { similaritiesTo, spreadOf, type RestartSpread } from './consensus';
import { consensusOf, groupsOf, obstacleToConsensus, type Consensus } from './consensus-matrix';
import { smallestCurvature, type Curvature } from './curvature';
import type { Model } from './model';
import type { Observations } from './observations';
import { beyondRank, screeOf, type Scree } from './scree';
import { findSpectrum } from './decomposition/spectrum';
import type { Factors } from './solvers/solver';
import type { Standing } from './standing';

/** What is found out about a result once its runs have ended. */
export interface Conclusions {
  optimum: Optimum;
  curvature: Curvature;
  /** Absent for fewer than two restarts. */
  restartSpread?: RestartSpread;
  consensus: Consensus;
  scree: Scree;
}

/** What is kept of a restart that ended, to be compared with the others. */
export interface EndedRestart {
  H: Float32Array;
  /** Of each row that is compared, the group it is in. */
  groups: Int32Array;
}

/** W, which may be large, is not kept. */
export const endedRestart = (factors: Factors, rank: number, rows: readonly number[]): EndedRestart => ({
  H: factors.H,
  groups: groupsOf(factors, rank, rows),
});

export interface ConclusionOptions {
  signal: AbortSignal;
  /** Seconds that the runs took: the conclusions take a small part of that at most, or a little if it was little. */
  iterating: number;
  /** The user wants the result now. */
  stopped: boolean;
}

/** Most seconds for each conclusion, at least, and as a part of the seconds that the runs took. */
const leastSeconds = 2;
const shareOfRuns = 0.15;

/** A part of the objective that a bound cannot tell from nothing. */
const noGap = 1e-7;

/**
 * @param ended the restarts that ended in this job, by their place among the restarts
 * @param rows the rows of X that the groups of the ended restarts are of
 */
export async function concludeFrom(
  model: Model,
  observations: Observations,
  rank: number,
  { restarts, best, factors }: Standing,
  ended: ReadonlyMap<number, EndedRestart>,
  rows: readonly number[],
  { signal, iterating, stopped }: ConclusionOptions,
): Promise<Conclusions> {
  const spread = spreadOf(restarts);
  const compared = [...ended].filter(([index]) => restarts[index]?.stopReason !== 'diverged');
  const restartSpread = spread && {
    ...spread,
    ...similaritiesTo(
      factors.H,
      compared.filter(([index]) => index !== best).map(([, { H }]) => H),
      rank,
    ),
  };
  const shared = {
    ...(restartSpread && { restartSpread }),
    consensus: agreementOf(
      model,
      rank,
      restarts.length,
      ended.size,
      rows,
      compared.map(([, { groups }]) => groups),
    ),
  };
  if (stopped) {
    const none = { kind: 'none', reason: 'It was left out, since the run was stopped.' } as const;
    return { optimum: none, curvature: none, ...shared, scree: none };
  }
  const seconds = Math.max(leastSeconds, shareOfRuns * iterating);
  const objective = restarts[best]?.objective ?? NaN;
  const spectrum = await findSpectrum(observations, rank + beyondRank, { signal, seconds });
  const optimum = certify(model, rank, objective, spectrum);
  return {
    optimum,
    curvature: isBest(optimum)
      ? { kind: 'none', reason: 'The result reaches the bound, so no direction lowers the objective.' }
      : await smallestCurvature(model, observations, rank, factors, { signal, seconds }),
    ...shared,
    scree: screeOf(spectrum, observations),
  };
}

/** Whether a bound proves that nothing better is left, to the digits that it has itself. */
const isBest = (optimum: Optimum): boolean => optimum.kind !== 'none' && optimum.gap <= noGap;

/** The consensus of the groups, or why there is none. */
function agreementOf(
  model: Model,
  rank: number,
  restarts: number,
  ended: number,
  rows: readonly number[],
  groups: readonly Int32Array[],
): Consensus {
  const none = (reason: string): Consensus => ({ kind: 'none', reason });
  if (restarts < 2) return none('There was one restart, and agreement takes at least two.');
  const obstacle = obstacleToConsensus(model, rank);
  if (obstacle !== undefined) return none(obstacle);
  if (ended < 2)
    return none('This result was continued from one restart, and the factors of the others were not kept.');
  if (groups.length < 2) return none('All restarts but one diverged, and agreement takes at least two.');
  if (rows.length < 2) return none('There is one row, and agreement is about pairs of rows.');
  return consensusOf(rows, groups, rank);
}
