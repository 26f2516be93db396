import { performance } from 'node:perf_hooks';
import type { Dataset } from '../../data/dataset';
import type { Diagnose } from '../diagnostics/diagnostics';
import type { DiagnosisTiming, Factorization, Timing } from '../result';
import type { Planner } from '../plan';
import type { FactorizationProgress } from '../progress';
import { Stopwatch } from './stopwatch';

export interface FactorizeCallbacks {
  onProgress(progress: FactorizationProgress): void;
  /** Asked between chunks of iterations: the user wants to stop and keep what there is. */
  shouldStop(): boolean;
  /** Gives the job up: the promise rejects with the signal's reason. */
  signal: AbortSignal;
  /**
   * Called once, with a function that makes the best factorization so far, or null before there is one. For one that nobody
   * waits for it is null too while making it would take more than a small share of the time.
   */
  onCheckpointable(make: (waitedFor?: boolean) => Factorization | null): void;
  /** Called once, with the factors as they will stay: what is found out about them is still to come. */
  onFitted?(fitted: Factorization): void | Promise<void>;
  /** How much is to be found out about the result: `auto` by default. */
  diagnose?: Diagnose;
}

/** A factorization that is being made: what of, how, for whom, and since when. */
export interface Job {
  readonly dataset: Dataset;
  readonly planner: Planner;
  readonly callbacks: FactorizeCallbacks;
  readonly watch: Stopwatch<WatchedPart>;
  /** Seconds that it may take in all; Infinity where there is no limit. */
  readonly limit: number;
  /** Whether more than this part of the time is used up; all of it by default. */
  outOfTime(part?: number): boolean;
  /** Whether it is to end with what there is. */
  shouldStop(): boolean;
}

export function jobOf(dataset: Dataset, planner: Planner, callbacks: FactorizeCallbacks): Job {
  const began = performance.now();
  const limit = planner.asked.stopping.seconds ?? Infinity;
  const outOfTime = (part = 1): boolean => (performance.now() - began) / 1000 >= part * limit;
  return {
    dataset,
    planner,
    callbacks,
    watch: new Stopwatch<WatchedPart>('read', began),
    limit,
    outOfTime,
    shouldStop: () => callbacks.shouldStop() || outOfTime(),
  };
}

type WatchedPart = 'read' | 'chooseRank' | 'loadRuntime' | 'compile' | 'iterate' | keyof DiagnosisTiming;

export function timingOf({ watch, planner }: Job): Timing {
  const { seconds: part, total } = watch.read();
  const diagnose = { consensus: part('consensus'), bound: part('bound'), curvature: part('curvature') };
  return {
    read: part('read'),
    ...(planner.comparesRanks && { chooseRank: part('chooseRank') }),
    loadRuntime: part('loadRuntime'),
    // Nothing is compared where the rank is given, but what is held out is chosen.
    compile: part('compile') + (planner.comparesRanks ? 0 : part('chooseRank')),
    ...(sum(diagnose) > 0 && { diagnose }),
    iterate: part('iterate'),
    total,
  };
}

const sum = (parts: object): number =>
  Object.values(parts).reduce((total: number, seconds: unknown) => total + Number(seconds), 0);
