import type { Dataset } from '../../data/dataset';
import { withBound } from '../../model/bounds';
import { withPenaltiesInUnits } from './from-data';
import type { Factors } from '../factors';
import { checkMemory } from './memory';
import { isPartial, type Observations } from '../observations';
import type { Plan, Planner } from '../plan';
import { noPreparation } from '../../model/preparation';
import { measurePreparation } from '../preparation/prepare';
import { withFittingRank } from '../rank/proposed';
import { holdOut, prepareRuns } from '../rank/choice';
import type { FactorizationSettings } from '../../model/settings';
import { chooseSolver } from '../solvers/choose';
import { solverOf } from '../solvers/solvers';
import { isSeedless } from '../../model/starts';
import { prepareStarts, type MakeStart } from '../starts/start';
import { checkWarmStart, type WarmStart } from '../starts/warm';
import { TraceRecorder } from '../runs/trace-recorder';
import { checkSettings } from './validation';

/**
 * A job from several starts, the best of which is kept. Before that it sets aside what is to be held out and chooses the rank,
 * if the settings say so. A rank that is proposed and not asked for is lowered to what the data allow. A factor that could
 * grow without end is bounded first, and the result's model says so.
 */
export function freshRestarts(dataset: Dataset, wanted: FactorizationSettings, warmStart?: WarmStart): Planner {
  const { settings: asked, rankReason } = withFittingRank({ ...wanted, model: withBound(wanted.model) }, dataset);
  return {
    asked,
    ...(rankReason !== undefined && { rankReason }),
    comparesRanks: asked.rankSearch !== undefined,
    orthogonal: asked.solver.id === 'svd',
    check() {
      checkSettings(asked, dataset);
      checkMemory(dataset, asked);
      return warmStart ? checkWarmStart(warmStart, dataset) : [];
    },
    // Of what the fit will see: nothing that is held out may show in what is subtracted.
    measure: (given) =>
      measurePreparation(holdOut(given, asked).observations, asked.preparation ?? noPreparation, dataset),
    choose(prepared, control) {
      const { observations } = holdOut(prepared, asked);
      return prepareRuns(prepared, { ...asked, model: withPenaltiesInUnits(asked.model, observations) }, control);
    },
    async plan({ settings, observations }, signal) {
      const { start = 'random', model, rank } = settings;
      const makeStart = await prepareStarts(start, observations, model, rank, {
        signal,
        ...(warmStart && { warmStart }),
      });
      return planRestarts(settings, observations, makeStart);
    },
  };
}

/**
 * Fresh restarts; restart k draws from seed + k, so that any one of them can be had again alone. Where the start is the
 * same whatever the seed, or does not matter, there is one run.
 */
function planRestarts(asked: FactorizationSettings, observations: Observations, makeStart: MakeStart): Plan {
  const { model, start = 'random' } = asked;
  const choice = chooseSolver(asked.solver, model, isPartial(observations), { ...observations, rank: asked.rank });
  const solver = 'solver' in choice ? choice.solver : choice;
  const direct = solverOf(solver).direct === true;
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

/** Where a solver begins that does not care where it begins. */
const zeroFactors = ({ rows, columns }: Observations, rank: number): Factors => ({
  W: new Float32Array(rows * rank),
  H: new Float32Array(rank * columns),
});
