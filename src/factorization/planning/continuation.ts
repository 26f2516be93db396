import type { Dataset } from '../../data/dataset';
import type { Factorization } from '../result';
import type { Factors } from '../factors';
import { checkMemory } from './memory';
import type { Plan, Planner } from '../plan';
import { holdOut } from '../rank/held-out';
import type { FactorizationSettings } from '../../model/settings';
import { chooseSolver } from '../solvers/solvers';
import { TraceRecorder } from '../runs/trace';
import { checkContinuation, checkSettings } from './validation';

/**
 * A job that goes on from an earlier result: with what was done to its data, held out of them and chosen by them then.
 * @param wanted how many iterations more, and where they are computed
 */
export function continuationOf(dataset: Dataset, from: Factorization, wanted: FactorizationSettings): Planner {
  return {
    asked: from.settings,
    ...(from.rankReason !== undefined && { rankReason: from.rankReason }),
    comparesRanks: false,
    orthogonal: from.componentVariance !== undefined,
    check() {
      checkSettings(wanted, dataset);
      checkMemory(dataset, from.settings);
      checkContinuation(from, dataset);
      return [];
    },
    measure: () => ({ steps: from.preparation ?? [], warnings: [] }),
    choose: (prepared) =>
      Promise.resolve({
        ...holdOut(prepared, from.settings),
        settings: from.settings,
        ...(from.rankCurve && { rankCurve: from.rankCurve }),
        ...(from.foretelling && { foretelling: from.foretelling }),
        warnings: [],
      }),
    plan: () => Promise.resolve(planContinuation(from, wanted)),
  };
}

/** The factors of a result, with its biases. */
const factorsOf = ({ W, H, biases }: Factorization): Factors => ({ W, H, ...(biases && { biases }) });

/**
 * Goes on with the best restart of an earlier result. A run that was stopped takes up its schedule where it left off.
 * One that had come to its end gets as many iterations again; normalised gradient descent then takes an adaptive rate,
 * since any other schedule would begin with long steps and throw away what was reached.
 */
function planContinuation(from: Factorization, settings: FactorizationSettings): Plan {
  const previous = from.restarts[from.best]!;
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
    soFar: { restarts: from.restarts, best: from.best, factors: factorsOf(from) },
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
