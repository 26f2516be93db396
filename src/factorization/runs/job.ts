import { performance } from 'node:perf_hooks';
import type { Dataset } from '../../data/dataset';
import type { Diagnose } from '../diagnostics/diagnostics';
import type { DiagnosisTiming, Factorization, Timing } from '../result';
import type { Planner } from '../plan';
import type { FactorizationProgress } from '../progress';

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

/** Tells what the time went into: at any moment one part is under way, so that the parts add up to the whole. */
class Stopwatch<Part extends string> {
  private readonly milliseconds = new Map<Part, number>();
  private since: number;

  /** @param began when the first part began, in milliseconds of `performance.now()` */
  constructor(
    private current: Part,
    private readonly began = performance.now(),
  ) {
    this.since = began;
  }

  /** Ends the part that is under way and begins another, or goes on with one. */
  begin(part: Part): void {
    this.lap();
    this.current = part;
  }

  /** Seconds of all parts so far. */
  get total(): number {
    this.lap();
    return (this.since - this.began) / 1000;
  }

  /** Seconds of each part at one moment, so that they add up to the total; 0 for one that has not begun. */
  read(): { seconds: (part: Part) => number; total: number } {
    this.lap();
    const parts = new Map(this.milliseconds);
    return { seconds: (part) => (parts.get(part) ?? 0) / 1000, total: (this.since - this.began) / 1000 };
  }

  private lap(): void {
    const now = performance.now();
    this.milliseconds.set(this.current, (this.milliseconds.get(this.current) ?? 0) + now - this.since);
    this.since = now;
  }
}

/** The part of a run's time that telling of it may take. */
const largest = 0.01;

/** Something that is done now and then, while it takes no more than a small part of the time in all. */
export class TimeShare {
  private spent = 0;

  /** @param expected seconds that it takes once, as far as is known before */
  constructor(private expected: number) {}

  /** Whether it can be done once more after so many seconds. */
  allows(elapsed: number): boolean {
    return this.spent + this.expected <= largest * elapsed;
  }

  /** Does it. */
  spend<T>(work: () => T): T {
    const began = performance.now();
    try {
      return work();
    } finally {
      const seconds = (performance.now() - began) / 1000;
      this.spent += seconds;
      this.expected = seconds;
    }
  }
}
