import type { Factorization } from './factorization';
import type { FactorizationSettings } from './settings';
import type { RestartReport } from './trace';
import type { NamedSolverOptions } from '../model/solvers';
import { isPartial, type Observations } from './observations';
import { chooseSolver } from './solvers/choose';
import type { Factors } from './factors';
import { isSeedless } from '../model/starts';
import type { MakeStart } from './starts/start';
import type { Standing } from './standing';
import { TraceRecorder } from './trace-recorder';

/** Where an earlier run goes on from. */
export interface Continuation {
  /** The result so far; its best restart is continued, the others keep their traces. */
  from: Factorization;
}

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

/**
 * Fresh restarts; restart k draws from seed + k, so that any one of them can be had again alone. Where the start is the
 * same whatever the seed, or does not matter, there is one run.
 */
export function planRestarts(asked: FactorizationSettings, observations: Observations, makeStart: MakeStart): Plan {
  const { model, start = 'random' } = asked;
  const choice = chooseSolver(asked.solver, model, isPartial(observations), { ...observations, rank: asked.rank });
  const solver = 'solver' in choice ? choice.solver : choice;
  const direct = solver.id === 'svd';
  const single = !direct && asked.restarts > 1 && isSeedless(start);
  const settings = single || direct ? { ...asked, restarts: 1 } : asked;
  const runs = Array.from({ length: settings.restarts }, (_, index) => {
    const seed = settings.seed + index;
    return {
      index,
      seed,
      done: 0,
      recorder: new TraceRecorder(),
      start: () => (direct ? zeroFactors(observations, settings.rank) : makeStart(seed)),
    };
  });
  return {
    settings: { ...settings, solver },
    ...('reason' in choice && { solverReason: choice.reason }),
    standing: null,
    runs,
    warnings: single
      ? [`The start ${start} is the same for every seed, so there was one run and not ${asked.restarts}.`]
      : [],
  };
}

/** The factors of a result, with its biases. */
const factorsOf = ({ W, H, biases }: Factorization): Factors => ({ W, H, ...(biases && { biases }) });

/** Where a solver begins that does not care where it begins. */
const zeroFactors = ({ rows, columns }: Observations, rank: number): Factors => ({
  W: new Float32Array(rows * rank),
  H: new Float32Array(rank * columns),
});

/**
 * Goes on with the best restart of an earlier result. A run that was stopped takes up its schedule where it left off.
 * One that had come to its end gets as many iterations again; normalised gradient descent then takes an adaptive rate,
 * since any other schedule would begin with long steps and throw away what was reached.
 */
export function planContinuation(from: Factorization, settings: FactorizationSettings): Plan {
  const previous = from.restarts[from.best] as RestartReport;
  const stopped = previous.stopReason === 'stopped' || previous.stopReason === 'time';
  const interrupted = stopped && previous.iterations < from.settings.stopping.iterations;
  const { stopping } = from.settings;
  const choice = chooseSolver(
    from.settings.solver,
    from.settings.model,
    from.statistics.observed < from.rows * from.columns,
    from,
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
    standing: { restarts: from.restarts, best: from.best, factors: factorsOf(from) },
    runs: [
      {
        index: from.best,
        seed: previous.seed,
        done: previous.iterations,
        recorder: TraceRecorder.from(previous.trace),
        start: () => factorsOf(from),
      },
    ],
    warnings: adapted
      ? [
          `Restart ${from.best + 1} went on from iteration ${previous.iterations} with an adaptive rate, which never raises the objective.`,
        ]
      : [],
  };
}
