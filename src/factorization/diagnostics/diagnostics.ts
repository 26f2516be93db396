import type { Optimum, RestartSpread, Consensus, Curvature, Scree } from './findings';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { beyondRank, certify, screeOf } from './eckart-young';
import { similaritiesTo, spreadOf } from './restart-spread';
import { consensusOf, groupsOf, refusesConsensus } from './consensus';
import { notInTime, smallestCurvature } from './curvature';
import type { Model } from '../../model/model';
import type { Observations } from '../observations';
import { findSpectrum } from '../linear-algebra/svd';
import type { Factors } from '../factors';
import type { RestartsSoFar } from '../runs/trace';

/**
 * How much is found out about a result once its factors are there: nothing; what can be within as long as the run itself took;
 * that and some seconds more, where the factors are shown already and nobody waits; or everything, however long that takes.
 */
export type Diagnose = 'none' | 'auto' | 'beside' | 'full';

/** What is found out about a result once its runs have ended. */
export interface Diagnosis {
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

export interface DiagnosisOptions {
  signal: AbortSignal;
  /** Most seconds to spend. */
  seconds: number;
  /** Asked in between: the user wants the result now. */
  shouldStop(): boolean;
  /** Told before each part. */
  onPart?(part: 'consensus' | 'bound' | 'curvature'): void;
}

/** Seconds that a diagnosis may take however short the run was. */
const minSeconds = { auto: 0.1, beside: 5 };

/** How long a diagnosis may take after a run that iterated for so many seconds, of which so many were left. */
export const secondsFor = (effort: Exclude<Diagnose, 'none'>, ran: number, left = Infinity): number =>
  Math.min(left, effort === 'full' ? Infinity : Math.max(minSeconds[effort], ran));

/**
 * A part of the objective that is not worth looking for: less than what a run of the usual tolerance leaves, and than the digits
 * that are shown.
 */
const noGap = 1e-5;

/**
 * @param ended the restarts that ended in this job, by their place among the restarts
 * @param rows the rows of X that the groups of the ended restarts are of
 */
export async function diagnose(
  model: Model,
  observations: Observations,
  rank: number,
  { restarts, best, factors }: RestartsSoFar,
  ended: ReadonlyMap<number, EndedRestart>,
  rows: readonly number[],
  { signal, seconds, shouldStop, onPart = () => undefined }: DiagnosisOptions,
): Promise<Diagnosis> {
  const deadline = performance.now() + 1000 * seconds;
  const left = (): number => Math.max(0, deadline - performance.now()) / 1000;
  onPart('consensus');
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
  const none = (reason: string) => ({ kind: 'none', reason }) as const;
  if (shouldStop()) return { optimum: none(stopped), curvature: none(stopped), ...shared, scree: none(stopped) };
  const objective = restarts[best]?.objective ?? NaN;
  onPart('bound');
  const spectrum = await findSpectrum(observations, rank + beyondRank, {
    signal,
    seconds: left(),
    outOfTime: notInTime,
  });
  const optimum = certify(model, rank, objective, spectrum);
  onPart('curvature');
  // Stopping is heard between the parts too.
  await setImmediate();
  return {
    optimum,
    curvature: await curvatureOf(),
    ...shared,
    scree: screeOf(spectrum, observations),
  };

  async function curvatureOf(): Promise<Curvature> {
    const reached = reachedBound(optimum);
    if (reached !== undefined) return none(reached);
    if (shouldStop()) return none(stopped);
    if (left() === 0) return none(notInTime);
    return smallestCurvature(model, observations, rank, factors, {
      signal,
      deadline,
      shouldStop,
      signOnly: Number.isFinite(seconds),
    });
  }
}

const stopped = 'It was left out, since the run was stopped.';

/** Why no direction is worth looking for, where a bound tells so. */
function reachedBound(optimum: Optimum): string | undefined {
  if (optimum.kind === 'none' || !(optimum.gap <= noGap)) return undefined;
  const part = Math.max(0, optimum.gap);
  const most = part > 0 ? ` by more than ${Number((100 * part).toPrecision(2))} % of itself` : '';
  return `The result reaches the bound, so no direction lowers the objective${most}.`;
}

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
  const refusal = refusesConsensus(model, rank);
  if (refusal !== undefined) return none(refusal);
  if (ended < 2)
    return none('This result was continued from one restart, and the factors of the others were not kept.');
  if (groups.length < 2) return none('All restarts but one diverged, and agreement takes at least two.');
  if (rows.length < 2) return none('There is one row, and agreement is about pairs of rows.');
  return consensusOf(rows, groups, rank);
}
