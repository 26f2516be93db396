import type { DeviceChoice } from './devices';
import type { Model, NamedSolverOptions, Stopping } from './model';
import type { Observations } from './observations';
import { convergenceTestOf, runTogether } from './restart';
import { buildBatch } from './solvers/build';
import { inBatches, sideBySide, SolverPool, workOf } from './solvers/side-by-side';
import type { Factors } from './solvers/solver';
import { fitStatistics } from './statistics';
import { TraceRecorder } from './trace-recorder';
import type { FitStatistics } from './factorization';

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

/** Fits from every start, side by side where that pays, and keeps the one whose objective is the least. */
export async function bestFit(
  observations: Observations,
  rank: number,
  starts: readonly Factors[],
  { model, solver: options, stopping, device }: FitSettings,
  { signal, shouldStop }: { signal: AbortSignal; shouldStop(): boolean },
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
