import type { FitStatistics } from '../result';
import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { Stopping } from '../../model/stopping';
import type { Observations } from '../observations';
import { convergenceTestOf } from '../runs/convergence';
import { runRestart, runTogether } from '../runs/restart';
import { buildBatch, buildSolver } from '../solvers/build';
import { inBatches, sideBySide, SolverPool, workOf } from '../solvers/batching';
import type { Factors } from '../factors';
import { fitStatistics } from '../objective/statistics';
import { TraceRecorder } from '../runs/trace';

export interface FitSettings {
  model: Model;
  solver: NamedSolverOptions;
  stopping: Stopping;
  device: DeviceChoice;
}

export interface Fit {
  factors: Factors;
  statistics: FitStatistics;
}

export interface FitControl {
  signal: AbortSignal;
  shouldStop(): boolean;
}

/** The factors that a run from one start ends with. */
export async function fitFrom(
  observations: Observations,
  rank: number,
  start: Factors,
  { model, solver: options, stopping, device }: FitSettings,
  { signal, shouldStop }: FitControl,
): Promise<Factors> {
  const solver = await buildSolver(model, options, observations, rank, device);
  try {
    const converged = convergenceTestOf(stopping, observations, model, options);
    const control = { shouldStop, signal, onPoints: () => undefined };
    return (await runRestart(solver, start, 0, stopping, converged, new TraceRecorder(), control)).factors;
  } finally {
    await solver.dispose();
  }
}

/** Fits from every start, side by side where that pays, and keeps the one whose objective is the least. */
export async function bestFit(
  observations: Observations,
  rank: number,
  starts: readonly Factors[],
  { model, solver: options, stopping, device }: FitSettings,
  { signal, shouldStop }: FitControl,
): Promise<Fit> {
  const { size } = sideBySide(model, options, observations, rank, starts.length);
  const build = (count: number) => buildBatch(model, options, observations, rank, device, undefined, count);
  const solvers = new SolverPool(await build(size), build, workOf(observations, rank));
  const converged = convergenceTestOf(stopping, observations, model, options);
  let best: Fit | undefined;
  try {
    for (const batch of inBatches(starts, size)) {
      const outcomes = await runTogether(
        (runs, iterations) => solvers.solverFor(runs, iterations),
        batch.map((start) => ({ start, recorder: new TraceRecorder() })),
        0,
        stopping,
        converged,
        { shouldStop, signal, onPoints: () => undefined, onEnded: () => undefined },
      );
      for (const { factors } of outcomes) {
        const statistics = fitStatistics(observations, factors, rank, model);
        if (!best || statistics.objective < best.statistics.objective) best = { factors, statistics };
      }
    }
  } finally {
    await solvers.dispose();
  }
  if (!best) throw new Error('no start to fit from');
  return best;
}
