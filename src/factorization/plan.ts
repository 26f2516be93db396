import type { Factorization, FactorizationSettings, RestartReport } from './factorization';
import { feasible } from './feasible';
import { randomStart } from './initialization';
import { lossOf } from './losses/losses';
import type { Model, NamedSolverOptions } from './model';
import type { Observations } from './observations';
import { chooseSolver } from './solvers/choose';
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
  /** With the solver itself where `auto` was asked for. */
  settings: FactorizationSettings & { solver: NamedSolverOptions };
  /** Why `auto` chose it; absent where it was asked for by name. */
  solverReason?: string;
  /** What stands before the first run. */
  standing: Standing | null;
  runs: PlannedRun[];
  warnings: string[];
}

/** Fresh restarts; restart k draws from seed + k, so that any one of them can be had again alone. */
export function planRestarts(settings: FactorizationSettings, observations: Observations): Plan {
  const { model, rank } = settings;
  const choice = chooseSolver(settings.solver, model, observations.weights !== undefined);
  const runs = Array.from({ length: settings.restarts }, (_, index) => {
    const seed = settings.seed + index;
    return {
      index,
      seed,
      done: 0,
      recorder: new TraceRecorder(),
      start: () => feasibleFactors(randomStart(scaledFor(model, observations), rank, seed), model, rank),
    };
  });
  const solver = 'solver' in choice ? choice.solver : choice;
  return {
    settings: { ...settings, solver },
    ...('reason' in choice && { solverReason: choice.reason }),
    standing: null,
    runs,
    warnings: [],
  };
}

/** The data's size as a start should see it, whose W·H is not in X's units under a loss with a link. */
function scaledFor({ loss }: Model, observations: Observations): Observations {
  const count = Math.max(1, observations.observed);
  const meanSquare = lossOf(loss).startMeanSquare(observations.sumOfSquares / count);
  return { ...observations, sumOfSquares: meanSquare * count };
}

/** Factors that satisfy the model's constraints. */
function feasibleFactors({ W, H }: Factors, { constraints }: Model, rank: number): Factors {
  return { W: feasible(W, constraints.W, 'W', rank), H: feasible(H, constraints.H, 'H', rank) };
}

/**
 * Goes on with the best restart of an earlier result. A run that was stopped takes up its schedule where it left off.
 * One that had come to its end gets as many iterations again; normalised gradient descent then takes an adaptive rate,
 * since any other schedule would begin with long steps and throw away what was reached.
 */
export function planContinuation(from: Factorization, settings: FactorizationSettings): Plan {
  const previous = from.restarts[from.best] as RestartReport;
  const interrupted = previous.stopReason === 'stopped' && previous.iterations < from.settings.stopping.iterations;
  const { stopping } = from.settings;
  const choice = chooseSolver(
    from.settings.solver,
    from.settings.model,
    from.statistics.observed < from.rows * from.columns,
  );
  const solver = 'solver' in choice ? choice.solver : choice;
  const adapted = !interrupted && solver.id === 'ngd' && solver.schedule !== 'adaptive';
  const extended: Plan['settings'] = {
    ...from.settings,
    device: settings.device,
    stopping: interrupted
      ? stopping
      : { ...stopping, iterations: previous.iterations + Math.max(1, settings.stopping.iterations) },
    solver: adapted ? { ...solver, schedule: 'adaptive' } : solver,
  };
  return {
    settings: extended,
    ...(from.solverReason !== undefined && { solverReason: from.solverReason }),
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
    warnings: adapted
      ? [
          `Restart ${from.best + 1} went on from iteration ${previous.iterations} with an adaptive rate, which never raises the objective.`,
        ]
      : [],
  };
}
