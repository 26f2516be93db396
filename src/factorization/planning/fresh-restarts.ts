import type { Dataset } from '../../data/dataset';
import { withBound } from '../../model/bounds';
import { withPenaltiesInUnits, withDelta } from './from-data';
import type { Factors } from '../factors';
import { checkMemory } from './memory';
import { isPartial, type Observations } from '../observations';
import type { Plan, Planner, Chosen } from '../plan';
import { noPreparation } from '../../model/preparation';
import { measurePreparation } from '../preparation/measure';
import { holdOut } from '../rank/held-out';
import type { FactorizationSettings } from '../../model/settings';
import { chooseSolver, solverOf } from '../solvers/solvers';
import { isSeedless } from '../../model/starts';
import { prepareStarts, type MakeStart, checkWarmStart, type WarmStart } from '../starts/start';
import { TraceRecorder } from '../runs/trace';
import { checkSettings } from './validation';
import { maxUsefulRank } from '../../model/run';
import { foretell } from '../rank/foretelling';
import type { RankPoint } from '../rank/findings';
import { selectRank, type RankControl } from '../rank/selection';

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
    measure: (raw) => measurePreparation(holdOut(raw, asked).observations, asked.preparation ?? noPreparation, dataset),
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
    soFar: null,
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

/**
 * The settings with a rank that the data allow, where the rank is proposed and not asked for.
 */
function withFittingRank(
  { rankProposed, ...settings }: FactorizationSettings,
  { rows, columns }: Pick<Dataset, 'rows' | 'columns'>,
): { settings: FactorizationSettings; rankReason?: string } {
  const side = Math.min(rows, columns);
  const rank = maxUsefulRank(side);
  if (!rankProposed || settings.rank <= rank) return { settings };
  return {
    settings: { ...settings, rank },
    rankReason: `none was asked for, and at rank ${side} nothing of ${rows} × ${columns} data is left to learn`,
  };
}

/** Sets held-out entries aside and, where the rank is to be chosen, chooses it by what is left. */
async function prepareRuns(all: Observations, asked: FactorizationSettings, control: RankControl): Promise<Chosen> {
  const kept = holdOut(all, asked);
  const { rankSearch } = asked;
  const fitted = async (rank: number): Promise<FactorizationSettings> => ({
    ...asked,
    rank,
    model: await withDelta(asked.model, kept.observations, { ...asked, rank }, control),
  });
  const foretold = async (rank: number, warnings: string[]): Promise<Chosen> => {
    const settings = await fitted(rank);
    const { model, foretelling, warnings: more } = await foretell(kept.observations, settings, control);
    return {
      ...kept,
      settings: { ...settings, model },
      ...(foretelling && { foretelling }),
      warnings: [...warnings, ...more],
    };
  };
  if (!rankSearch) return foretold(asked.rank, []);
  // Ranks are compared by one and the same loss: that of a single component's residuals.
  const settings = await fitted(1);
  const choice = chooseSolver(settings.solver, settings.model, true, { ...all, rank: settings.rank });
  const solver = 'solver' in choice ? choice.solver : choice;
  // Other folds than the one that is held out already: the next seed's.
  const { rank, curve, plain } = await selectRank(
    kept.observations,
    { ...settings, solver, seed: settings.seed + 1 },
    rankSearch,
    control,
  );
  const warnings = control.shouldStop()
    ? [
        `The search for a rank was stopped after ${curve.length === 1 ? '1 rank was' : `${curve.length} ranks were`} compared.`,
      ]
    : aboutPlain(curve, plain);
  return { ...(await foretold(rank, warnings)), rankCurve: curve };
}

/** What the user should know of ranks none of which foretells anything. */
function aboutPlain(curve: readonly RankPoint[], plain: number): string[] {
  const least = curve.reduce((lowest, { error }) => Math.min(lowest, error), Infinity);
  if (curve.length === 0 || least < plain) return [];
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  return [
    `No rank beats the column means: on held-out entries the best loses ${shown(least)} an entry, and the means ${shown(plain)}. The data show nothing that factors would find; the rank says no more than that one had to be taken.`,
  ];
}
