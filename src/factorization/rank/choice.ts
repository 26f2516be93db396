import type { RankPoint } from './findings';
import type { FactorizationSettings } from '../../model/settings';
import { withoutEntries, type Observations } from '../observations';
import { foretell } from './foretelling';
import { withDelta } from '../planning/from-data';
import type { Chosen } from '../plan';
import { drawFolds } from './folds';
import { selectRank, type RankControl } from './selection';
import { chooseSolver } from '../solvers/choose';

/** Sets the held-out entries aside. They depend on the seed alone, so that a continued run has the same ones. */
export function holdOut(
  all: Observations,
  { holdout, seed }: FactorizationSettings,
): Pick<Chosen, 'observations' | 'heldOut'> {
  if (holdout === undefined) return { observations: all };
  const [heldOut] = drawFolds(all, { folds: 1, fraction: holdout, seed });
  return heldOut && heldOut.length > 0
    ? { observations: withoutEntries(all, heldOut), heldOut }
    : { observations: all };
}

/** Sets held-out entries aside and, where the rank is to be chosen, chooses it by what is left. */
export async function prepareRuns(
  all: Observations,
  asked: FactorizationSettings,
  control: RankControl,
): Promise<Chosen> {
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
