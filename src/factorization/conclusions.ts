import { certify, type Optimum } from './certificate';
import { similaritiesTo, spreadOf, type RestartSpread } from './consensus';
import { smallestCurvature, type Curvature } from './curvature';
import type { Model } from './model';
import type { Observations } from './observations';
import type { Standing } from './standing';

/** What is found out about a result once its runs have ended. */
export interface Conclusions {
  optimum: Optimum;
  curvature: Curvature;
  /** Absent for fewer than two restarts. */
  restartSpread?: RestartSpread;
}

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

/**
 * @param ended H of the restarts that ended in this job, by their place among the restarts
 */
export async function concludeFrom(
  model: Model,
  observations: Observations,
  rank: number,
  { restarts, best, factors }: Standing,
  ended: ReadonlyMap<number, Float32Array>,
  { signal, iterating, stopped }: ConclusionOptions,
): Promise<Conclusions> {
  const spread = spreadOf(restarts);
  const others = [...ended].filter(([index]) => index !== best && restarts[index]?.stopReason !== 'diverged');
  const restartSpread = spread && {
    ...spread,
    ...similaritiesTo(
      factors.H,
      others.map(([, H]) => H),
      rank,
    ),
  };
  if (stopped) {
    const reason = 'It was left out, since the run was stopped.';
    return {
      optimum: { kind: 'none', reason },
      curvature: { kind: 'none', reason },
      ...(restartSpread && { restartSpread }),
    };
  }
  const seconds = Math.max(leastSeconds, shareOfRuns * iterating);
  const objective = restarts[best]?.objective ?? NaN;
  return {
    optimum: await certify(model, observations, rank, objective, { signal, seconds }),
    curvature: await smallestCurvature(model, observations, rank, factors, { signal, seconds }),
    ...(restartSpread && { restartSpread }),
  };
}
