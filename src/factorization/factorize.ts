import { performance } from 'node:perf_hooks';
import type { Dataset } from '../data/dataset';
import type { Continuation, JobProgress } from '../protocol/worker';
import type { Factorization, FactorizationSettings, RestartReport } from './factorization';
import { gatherObservations } from './observations';
import { planContinuation, planRestarts, type PlannedRun } from './plan';
import { previewOf } from './preview';
import { convergenceTest, runRestart } from './restart';
import { buildSolver } from './solvers/build';
import type { Factors } from './solvers/solver';
import { standingWith, type Standing } from './standing';
import { baselineOf, fitStatistics } from './statistics';
import { TraceRecorder } from './trace-recorder';
import { checkContinuation, checkObservations, checkSettings } from './validation';
import { versions } from './versions';
import { resultWarnings, settingsWarnings } from './warnings';

type WithoutJobId<T> = T extends unknown ? Omit<T, 'jobId'> : never;

export interface FactorizeCallbacks {
  onProgress(progress: WithoutJobId<JobProgress>): void;
  /** Asked between chunks of iterations: the user wants to stop and keep what there is. */
  shouldStop(): boolean;
  /** Gives the job up: the promise rejects with the signal's reason. */
  signal: AbortSignal;
  /** Called once, with a function that makes the best factorization so far, or null before there is one. */
  onCheckpointable(make: () => Factorization | null): void;
}

/** Shortest time between two previews of the factors, in seconds. */
const previewInterval = 0.4;

/**
 * Learns X ≈ W·H from several random starts and keeps the best; with a continuation, goes on from its factors instead.
 * Yields to the event loop between chunks of about 0.1 s, so that stopping and checkpoints are answered meanwhile.
 *
 * @throws SettingsError when the settings cannot be used with these data
 */
export async function factorize(
  dataset: Dataset,
  settings: FactorizationSettings,
  callbacks: FactorizeCallbacks,
  continuation?: Continuation,
): Promise<Factorization> {
  checkSettings(settings, dataset);
  if (continuation) checkContinuation(continuation.from, dataset);
  const began = performance.now();
  callbacks.onProgress({ phase: 'compiling', data: factsOf(dataset) });
  const observations = await gatherObservations(dataset);
  checkObservations(observations, (continuation?.from.settings ?? settings).model, dataset);
  const plan = continuation ? planContinuation(continuation.from, settings) : planRestarts(settings, observations);
  const { model, solver: options, rank, stopping } = plan.settings;

  const compileBegan = performance.now();
  const solver = await buildSolver(model, options, observations, rank, plan.settings.device);
  const iterateBegan = performance.now();
  const converged = convergenceTest(stopping, baselineOf(observations, model));
  const seconds = (from: number, to = performance.now()): number => (to - from) / 1000;

  const assemble = ({ restarts, best, factors }: Standing): Factorization => ({
    rows: dataset.rows,
    columns: dataset.columns,
    rank,
    ...factors,
    ...(dataset.rowLabels && { rowLabels: dataset.rowLabels }),
    ...(dataset.columnLabels && { columnLabels: dataset.columnLabels }),
    source: dataset.source,
    reading: dataset.reading,
    settings: plan.settings,
    device: solver.device,
    precision: 'float32',
    ...(plan.solverReason !== undefined && { solverReason: plan.solverReason }),
    restarts,
    best,
    statistics: fitStatistics(observations, factors.W, factors.H, rank, model),
    timing: {
      read: seconds(began, compileBegan),
      compile: seconds(compileBegan, iterateBegan),
      iterate: seconds(iterateBegan),
      total: seconds(began),
    },
    warnings: [
      ...dataset.warnings,
      ...settingsWarnings(plan.settings, dataset),
      ...plan.warnings,
      ...resultWarnings(restarts[best] as RestartReport, plan.settings),
    ],
    versions: versions(),
  });

  /** How a run stands after so many iterations, its last objective recomputed in float64. */
  const report = (
    run: PlannedRun,
    factors: Factors,
    iterations: number,
    stopReason: RestartReport['stopReason'],
  ): RestartReport => {
    const { objective } = fitStatistics(observations, factors.W, factors.H, rank, model);
    const recorder = TraceRecorder.from(run.recorder.trace());
    recorder.add(iterations, recorder.elapsed, objective);
    return { seed: run.seed, objective, iterations, stopReason, trace: recorder.trace() };
  };

  let standing = plan.standing;
  let underWay: (() => Standing) | null = null;
  callbacks.onCheckpointable(() => {
    const now = underWay ? underWay() : standing;
    return now && assemble(now);
  });

  try {
    for (const [position, run] of plan.runs.entries()) {
      let lastPreview = -Infinity;
      const outcome = await runRestart(solver, run.start(), run.done, stopping, converged, run.recorder, {
        shouldStop: () => callbacks.shouldStop(),
        signal: callbacks.signal,
        onPoints: (points, rate, factors, iterations) => {
          underWay = () => standingWith(standing, run.index, report(run, factors, iterations, 'stopped'), factors);
          const elapsed = seconds(iterateBegan);
          const due = elapsed - lastPreview >= previewInterval;
          if (due) lastPreview = elapsed;
          callbacks.onProgress({
            phase: 'iterating',
            restart: run.index,
            restarts: standing ? Math.max(standing.restarts.length, settings.restarts) : settings.restarts,
            seed: run.seed,
            points,
            rate,
            elapsed,
            remaining: remainingSeconds(
              elapsed,
              position + fraction(run, iterations, stopping.iterations),
              plan.runs.length,
            ),
            device: solver.device,
            ...(due && {
              preview: { W: previewOf(factors.W, dataset.rows, rank), H: previewOf(factors.H, rank, dataset.columns) },
            }),
          });
        },
      });
      const ended = report(run, outcome.factors, outcome.iterations, outcome.stopReason);
      standing = standingWith(standing, run.index, ended, outcome.factors);
      underWay = null;
      callbacks.onProgress({ phase: 'restart-ended', restart: run.index, report: ended });
      if (outcome.stopReason === 'stopped') break;
    }
    return assemble(standing as Standing);
  } finally {
    await solver.dispose();
  }
}

function factsOf({
  rows,
  columns,
  missing,
  reading,
  warnings,
}: Dataset): Extract<JobProgress, { phase: 'compiling' }>['data'] {
  return { rows, columns, missing, reading, warnings };
}

/** How much of a run's own iterations are made, 0 to 1. */
function fraction(run: PlannedRun, iterations: number, planned: number): number {
  return (iterations - run.done) / Math.max(1, planned - run.done);
}

/** By rule of three, as if every run took all of its iterations. */
function remainingSeconds(elapsed: number, runsMade: number, runs: number): number {
  return runsMade > 0 ? (elapsed * (runs - runsMade)) / runsMade : Infinity;
}
