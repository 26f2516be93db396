import { type RestartReport, type Trace, withRestart, type RestartsSoFar } from './trace';
import type { StopReason, Stopping } from '../../model/stopping';
import type { PlannedRun } from '../plan';
import type { ConvergenceTest } from './convergence';
import { runTogether } from './restart';
import type { SolverPool } from '../solvers/batching';
import type { Factors } from '../factors';

/** What a chunk of iterations brought one of the runs. */
export interface RunProgress {
  run: PlannedRun;
  points: Trace;
  rate: number;
  factors: Factors;
  /** How many of all runs are made, counting parts of them. */
  made: number;
}

export interface RestartsControl {
  shouldStop(): boolean;
  signal: AbortSignal;
  /** What a run that was told to stop says of it. */
  whyStopped(): 'stopped' | 'time';
  /** How a run stands that is under way, from what is at hand. */
  underWay(run: PlannedRun, iterations: number): RestartReport;
  /** How a run stands after so many iterations, its objective computed anew. */
  report(run: PlannedRun, factors: Factors, iterations: number, stopReason: StopReason): RestartReport;
  /** After every chunk for each run that goes on. `soFar` tells how all runs stand then, if it is called before the next chunk. */
  onProgress(progress: RunProgress, soFar: () => RestartsSoFar | null): void;
  onEnded(run: PlannedRun, report: RestartReport, factors: Factors): void;
  /** A batch has ended. */
  onBatchEnded(soFar: RestartsSoFar | null): void;
}

/**
 * Makes runs in batches whose runs go side by side, one batch after another until one is stopped.
 * @returns how all of them stand, from `soFar` before them on
 */
export async function runInBatches(
  batches: readonly (readonly PlannedRun[])[],
  solvers: SolverPool,
  stopping: Stopping,
  converged: ConvergenceTest,
  soFar: RestartsSoFar | null,
  control: RestartsControl,
): Promise<RestartsSoFar | null> {
  let before = soFar;
  let made = 0;
  for (const batch of batches) {
    const outcome = await runBatch(batch, solvers, stopping, converged, before, made, control);
    before = outcome.soFar;
    made += batch.length;
    control.onBatchEnded(before);
    if (outcome.stopped) break;
  }
  return before;
}

async function runBatch(
  batch: readonly PlannedRun[],
  solvers: SolverPool,
  stopping: Stopping,
  converged: ConvergenceTest,
  before: RestartsSoFar | null,
  madeBefore: number,
  control: RestartsControl,
): Promise<{ soFar: RestartsSoFar | null; stopped: boolean }> {
  const begun = batch.map((run) => ({ start: run.start(), recorder: run.recorder }));
  const reached = batch.map(({ done }, place) => ({ factors: begun[place]?.start as Factors, iterations: done }));
  const reports: RestartReport[] = [];
  /** In the order of the runs, whichever ended first. */
  const soFar = (): RestartsSoFar | null => {
    const all = batch.reduce<RestartsSoFar | null>((leading, run, place) => {
      const now = reached[place]!;
      const stands = reports[place] ?? control.underWay(run, now.iterations);
      return withRestart(leading, run.index, stands, now.factors);
    }, before);
    const place = batch.findIndex(({ index }) => index === all?.best);
    const [best, now] = [batch[place], reached[place]];
    if (!all || !best || !now || reports[place]) return all;
    return withRestart(all, best.index, control.report(best, now.factors, now.iterations, 'stopped'), now.factors);
  };
  const made = (): number =>
    batch.reduce((sum, run, place) => {
      const iterations = reached[place]?.iterations ?? run.done;
      return sum + (reports[place] ? 1 : (iterations - run.done) / Math.max(1, stopping.iterations - run.done));
    }, madeBefore);

  const outcomes = await runTogether(
    (runs, iterations) => solvers.solverFor(runs, iterations),
    begun,
    batch[0]?.done ?? 0,
    stopping,
    converged,
    {
      shouldStop: control.shouldStop,
      signal: control.signal,
      onPoints: (place, points, rate, factors, iterations) => {
        reached[place] = { factors, iterations };
        control.onProgress({ run: batch[place]!, points, rate, factors, made: made() }, soFar);
      },
      onEnded: (place, { factors, iterations, stopReason }) => {
        const run = batch[place]!;
        const reason = stopReason === 'stopped' ? control.whyStopped() : stopReason;
        const ended = control.report(run, factors, iterations, reason);
        reached[place] = { factors, iterations };
        reports[place] = ended;
        control.onEnded(run, ended, factors);
      },
    },
  );
  return { soFar: soFar(), stopped: outcomes.some(({ stopReason }) => stopReason === 'stopped') };
}
