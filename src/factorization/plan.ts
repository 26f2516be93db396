import type { Factorization, FactorizationSettings, RestartReport } from './factorization';
import { randomStart } from './initialization';
import type { Observations } from './observations';
import type { Factors } from './solvers/solver';
import type { Standing } from './standing';
import { TraceRecorder } from './trace-recorder';

/** One run to make. */
export interface PlannedRun {
  /** Its place among the restarts. */
  index: number;
  seed: number;
  /** Iterations made before, by a run that this one goes on from. */
  done: number;
  recorder: TraceRecorder;
  start(): Factors;
}

export interface Plan {
  settings: FactorizationSettings;
  /** What stands before the first run. */
  standing: Standing | null;
  runs: PlannedRun[];
  warnings: string[];
}

/** Fresh restarts; restart k draws from seed + k, so that any one of them can be had again alone. */
export function planRestarts(settings: FactorizationSettings, observations: Observations): Plan {
  const runs = Array.from({ length: settings.restarts }, (_, index) => {
    const seed = settings.seed + index;
    return {
      index,
      seed,
      done: 0,
      recorder: new TraceRecorder(),
      start: () => randomStart(observations, settings.rank, seed),
    };
  });
  return { settings, standing: null, runs, warnings: [] };
}

/**
 * Goes on with the best restart of an earlier result. A run that was stopped takes up its schedule where it left off.
 * One that had come to its end gets as many iterations again, at an adaptive rate: any other schedule would begin with
 * long steps and throw away what was reached.
 */
export function planContinuation(from: Factorization, settings: FactorizationSettings): Plan {
  const previous = from.restarts[from.best] as RestartReport;
  const interrupted = previous.stopReason === 'stopped' && previous.iterations < from.settings.stopping.iterations;
  const { solver, stopping } = from.settings;
  const extended: FactorizationSettings = {
    ...from.settings,
    device: settings.device,
    stopping: interrupted
      ? stopping
      : { ...stopping, iterations: previous.iterations + Math.max(1, settings.stopping.iterations) },
    solver: interrupted ? solver : { ...solver, schedule: 'adaptive' },
  };
  return {
    settings: extended,
    standing: { restarts: from.restarts, best: from.best, factors: { W: from.W, H: from.H } },
    runs: [
      {
        index: from.best,
        seed: previous.seed,
        done: previous.iterations,
        recorder: TraceRecorder.from(previous.trace),
        start: () => ({ W: from.W, H: from.H }),
      },
    ],
    warnings:
      interrupted || solver.schedule === 'adaptive'
        ? []
        : [
            `Restart ${from.best + 1} went on from iteration ${previous.iterations} with an adaptive rate, which never raises the objective.`,
          ],
  };
}
