import { performance } from 'node:perf_hooks';
import { runtime } from '../engine';
import { rowsToCompare } from './diagnostics/consensus';
import { endedRestart, type Diagnosis, type EndedRestart } from './diagnostics/diagnostics';
import type { Factorization, FitStatistics } from './result';
import type { Factors } from './factors';
import { finish, type Finished, resultOf, type Ingredients, type Prepared } from './runs/assemble';
import { type Job, TimeShare } from './runs/job';
import type { Observations } from './observations';
import type { Chosen, Plan, PlannedRun } from './plan';
import { previewOf } from './progress';
import { unreachableEntries } from './diagnostics/warnings';
import { convergenceTestOf } from './runs/convergence';
import { runInBatches } from './runs/restarts';
import { buildBatch } from './solvers/build';
import { inBatches, sideBySide, SolverPool, workOf } from './solvers/batching';
import type { BatchSolver } from './solvers/solver';
import { solverOf } from './solvers/solvers';
import { type RestartsSoFar, type RestartReport, TraceRecorder } from './runs/trace';
import { fitStatistics } from './objective/statistics';

/** Shortest time between two previews of the factors, in seconds. */
const previewInterval = 0.4;

/** Runs that have ended, with what is done to their factors afterwards. */
export interface Ran {
  finished: Finished;
  /** By their place among the restarts. */
  ended: ReadonlyMap<number, EndedRestart>;
  /** The rows of X that the groups of the ended restarts are of. */
  rows: readonly number[];
  /** The result, with what was found out about it. */
  result(diagnosis?: Diagnosis): Factorization;
}

/**
 * Compiles the solver and makes all runs that are planned, telling how they go. From then on the job can be asked for the best
 * factorization so far.
 */
export async function run(job: Job, prepared: Prepared, chosen: Chosen, plan: Plan): Promise<Ran> {
  const { dataset, callbacks, watch, planner } = job;
  const { observations } = chosen;
  const { model, solver: options, rank, stopping, device, seed, restarts } = plan.settings;
  watch.begin('loadRuntime');
  await runtime();
  watch.begin('compile');
  const together = sideBySide(model, options, observations, rank, plan.runs.length);
  const batches = inBatches(plan.runs, together.size);
  const build = (size: number): Promise<BatchSolver> =>
    buildBatch(model, options, observations, rank, device, stopping.iterations * batches.length, size);
  const solvers = new SolverPool(await build(together.size), build, workOf(observations, rank));
  const iterateBegan = performance.now();
  const converged = convergenceTestOf(stopping, observations, model, options);

  watch.begin('iterate');
  const statisticsOf = statisticsFor(plan, observations);
  const ingredients: Ingredients = {
    job,
    prepared,
    chosen,
    plan,
    device: solvers.device,
    together,
    unreachable: unreachableEntries(model, observations),
    statisticsOf,
  };
  /** How a run stands after so many iterations, its last objective recomputed in float64. */
  const report = (
    { seed: own, recorder: run }: PlannedRun,
    factors: Factors,
    iterations: number,
    stopReason: RestartReport['stopReason'],
  ): RestartReport => {
    const { objective } = statisticsOf(factors);
    const recorder = TraceRecorder.from(run.trace());
    recorder.add(iterations, run.elapsed, objective);
    return { seed: own, objective, iterations, stopReason, trace: recorder.trace() };
  };

  const reached: { soFar: RestartsSoFar | null; finished?: Finished } = { soFar: plan.soFar };
  let underWay: (() => RestartsSoFar | null) | null = null;
  const ended = new Map<number, EndedRestart>();
  const rows = rowsToCompare(dataset.rows, seed);
  const checkpoints = new TimeShare(secondsToAssemble(observations, rank));
  callbacks.onCheckpointable((waitedFor = true) => {
    if (!waitedFor && !checkpoints.allows(watch.total)) return null;
    return checkpoints.spend(() => {
      const now = underWay ? underWay() : reached.soFar;
      return now && resultOf(ingredients, now, reached);
    });
  });

  let lastPreview = -Infinity;
  const previews = new TimeShare(0);
  try {
    reached.soFar = await runInBatches(batches, solvers, stopping, converged, reached.soFar, {
      shouldStop: job.shouldStop,
      signal: callbacks.signal,
      whyStopped: () => (callbacks.shouldStop() ? 'stopped' : 'time'),
      report,
      underWay: ({ seed: own, recorder }, iterations) => {
        const trace = recorder.trace();
        return { seed: own, objective: trace.objective.at(-1) ?? Infinity, iterations, stopReason: 'stopped', trace };
      },
      onProgress: ({ run: { index, seed: own }, points, rate, factors, made }, soFarNow) => {
        underWay = soFarNow;
        const elapsed = (performance.now() - iterateBegan) / 1000;
        const due = elapsed - lastPreview >= previewInterval && previews.allows(elapsed);
        if (due) lastPreview = elapsed;
        const tell = (): void =>
          callbacks.onProgress({
            phase: 'iterating',
            restart: index,
            restarts: Math.max(plan.soFar?.restarts.length ?? 0, restarts),
            seed: own,
            points,
            rate,
            elapsed,
            remaining: remainingSeconds(elapsed, made, plan.runs.length),
            device: solvers.device,
            ...(due && {
              preview: { W: previewOf(factors.W, dataset.rows, rank), H: previewOf(factors.H, rank, dataset.columns) },
            }),
          });
        if (due) previews.spend(tell);
        else tell();
      },
      onEnded: ({ index }, final, factors) => {
        ended.set(index, endedRestart(factors, rank, rows));
        callbacks.onProgress({ phase: 'restart-ended', restart: index, report: final });
      },
      onBatchEnded: (now) => {
        reached.soFar = now;
        underWay = null;
      },
    });
  } finally {
    await solvers.dispose();
  }
  if (!reached.soFar) throw new Error('No run was planned.');
  const orthogonal = planner.orthogonal && solverOf(options).direct !== true;
  const finished = finish(model, observations, rank, reached.soFar, orthogonal);
  Object.assign(reached, { finished, soFar: finished.soFar });
  return {
    finished,
    ended,
    rows,
    result: (diagnosis) => resultOf(ingredients, finished.soFar, { finished, diagnosis }),
  };
}

/** Computed once for the same factors: it goes over all entries in float64. */
function statisticsFor(
  { settings: { rank, model } }: Plan,
  observations: Observations,
): (factors: Factors) => FitStatistics {
  const known = new WeakMap<Factors, FitStatistics>();
  return (factors) => {
    const statistics = known.get(factors) ?? fitStatistics(observations, factors, rank, model);
    known.set(factors, statistics);
    return statistics;
  };
}

/** Seconds that a factorization takes to be put together, about: its statistics go over all entries in float64. */
const secondsToAssemble = ({ X }: Observations, rank: number): number => 2e-9 * X.length * (rank + 5);

/** By rule of three, as if every run took all of its iterations. */
function remainingSeconds(elapsed: number, runsMade: number, runs: number): number {
  return runsMade > 0 ? (elapsed * (runs - runsMade)) / runsMade : Infinity;
}
