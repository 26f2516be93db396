import type { Foretelling } from './findings';
import { fitFrom, type FitControl } from './best-fit';
import type { FactorizationSettings } from '../../model/settings';
import { mayChooseRidge, type Model } from '../../model/model';
import { noPenalty } from '../../model/penalties';
import type { NamedSolverOptions } from '../../model/solvers';
import { lossOf } from '../objective/losses';
import { isPartial, positionOf, withoutEntries, type Observations } from '../observations';
import { additive, columnMeans, drawFolds, heldOutError, type Entries } from './held-out';
import { productAt, ridgeData, ridgeFit, workOfSweep, type SmallFit } from './ridge-path';
import { chooseSolver } from '../solvers/solvers';
import { prepareStarts } from '../starts/start';

/** Part of the entries held out at a time, and how often. */
const fraction = 0.1;
const foldsFor = (observed: number): number => (observed < 2000 ? 8 : observed < 50_000 ? 3 : 1);

/** Fits that are compiled are fewer, since each takes as long however small the data are. */
const maxCompiled = 3;
const maxIterations = 200;

/** Penalties compared, as parts of √ΣX², which no singular value exceeds. */
const ridgeParts = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];
const ridgeSweeps = { least: 15, most: 60 };
const maxWork = 3e9;

/** A penalty is taken if it lowers the error by more than this part: less tells nothing. */
const worthwhile = 0.01;

/** Not that of the settings: restart k of seed s is to be the one run of seed s + k. */
const ownSeed = 7919;

export interface Foretold {
  model: Model;
  foretelling?: Foretelling;
  warnings: string[];
}

/**
 * Where entries are missing, fits without some of the others are judged on them; and where the settings leave the penalty to
 * the data, the one that foretells best is taken. What it finds depends on the data alone, and not on the seed.
 */
export async function foretell(
  observations: Observations,
  settings: FactorizationSettings,
  control: FitControl,
): Promise<Foretold> {
  const { model, rank } = settings;
  const { mask, places, observed } = observations;
  if ((!mask && !places) || control.shouldStop()) return { model, warnings: [] };
  const folds = drawFolds(observations, { folds: foldsFor(observed), fraction, seed: ownSeed }).filter(
    (entries) => entries.length > 0,
  );
  if (folds.length === 0) return { model, warnings: [] };
  const choosing = settings.ridge === 'held-out' && mayChooseRidge(model) && settings.solver.id !== 'svd';
  const work = folds.length * ridgeParts.length * workOfSweep(observations, rank);
  const sweeps = Math.min(ridgeSweeps.most, Math.floor(maxWork / work));
  const chosen =
    choosing && sweeps >= ridgeSweeps.least ? chooseRidge(observations, folds, settings, sweeps) : undefined;
  const compared = chosen ? folds : folds.slice(0, maxCompiled);
  const rmse = chosen
    ? (chosen.ridges.find(({ l2 }) => l2 === chosen.l2)?.rmse ?? NaN)
    : await compiledError(observations, compared, settings, control);
  const plain = plainErrors(observations, compared, model);
  const foretelling: Foretelling = { rmse, ...plain, ...(chosen && { ridges: chosen.ridges }) };
  const l2 = { ...noPenalty, l2: chosen?.l2 ?? 0 };
  return {
    model: chosen && chosen.l2 > 0 ? { ...model, penalties: { W: l2, H: l2 } } : model,
    ...(Number.isFinite(rmse) && { foretelling }),
    warnings: [
      ...(choosing && !chosen
        ? [
            'The data are too large for comparing L2 penalties on held-out entries, so there is none; give one by yourself (--l2).',
          ]
        : []),
      ...aboutForetelling(foretelling),
    ],
  };
}

function aboutForetelling({ rmse, columnMeans, biases, entries }: Foretelling): string[] {
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  const best = Math.min(columnMeans, biases);
  if (rmse < best) return [];
  const what = columnMeans <= biases ? 'column means' : 'a number for each row and column';
  return [
    `On ${entries} held-out entries this model errs by ${shown(rmse)}, and ${what} by ${shown(best)}: do not rely on what it fills in; take a lower rank or a larger penalty.`,
  ];
}

function chooseRidge(
  observations: Observations,
  folds: readonly Entries[],
  { model, rank }: FactorizationSettings,
  sweeps: number,
): { l2: number; ridges: { l2: number; rmse: number }[] } {
  const nonNegative = {
    W: model.constraints.W.kind === 'non-negative',
    H: model.constraints.H.kind === 'non-negative',
  };
  const size = Math.sqrt(observations.sumOfSquares);
  const vanished = 1e-4 * Math.sqrt(size / Math.sqrt(observations.observed));
  const parts = folds.map((entries) => ({ entries, kept: ridgeData(withoutEntries(observations, entries)) }));
  // With more components than rows or columns there is nothing to reach that fewer do not reach.
  const enough = Math.min(rank, observations.rows, observations.columns);
  // From the largest down, each from where the last one came: a way around bad minima.
  const reached: SmallFit[] = [];
  let leastSquares = Infinity;
  const ridges = [...ridgeParts].reverse().map((part) => {
    const l2 = part * size;
    let squares = 0;
    let count = 0;
    for (const [fold, { entries, kept }] of parts.entries()) {
      // One that errs more on some folds than another on all has lost. Mostly that is none at all, whose fits take longest.
      if (squares > leastSquares) break;
      const fit = (from?: SmallFit): SmallFit =>
        ridgeFit(kept, enough, l2, { nonNegative, seed: ownSeed + fold, sweeps }, from);
      // Without a penalty many factors fit alike, and the way there leads to better ones than the result's random starts do.
      const fits = l2 > 0 ? [fit(reached[fold])] : [fit(), fit(reached[fold])];
      const [fitted] = fits.sort((one, other) => one.squares - other.squares) as [SmallFit];
      // Where nothing is left, nothing comes back.
      if (fitted.W.some((w) => Math.abs(w) > vanished)) reached[fold] = fitted;
      for (const at of entries) {
        const { row, column } = positionOf(observations, at);
        squares += (observations.X[at]! - productAt(fitted, enough, row, column)) ** 2;
        count++;
      }
    }
    leastSquares = Math.min(leastSquares, squares);
    return { l2, rmse: Math.sqrt(squares / count) };
  });
  ridges.reverse();
  const none = ridges[0]?.rmse ?? Infinity;
  const best = ridges.reduce((a, b) => (b.rmse < a.rmse ? b : a));
  return { l2: best.rmse < (1 - worthwhile) * none ? best.l2 : 0, ridges };
}

/** By fits as the result's own, of one start each. */
async function compiledError(
  observations: Observations,
  folds: readonly Entries[],
  settings: FactorizationSettings,
  control: FitControl,
): Promise<number> {
  const { model, rank, device } = settings;
  const stopping = { ...settings.stopping, iterations: Math.min(maxIterations, settings.stopping.iterations) };
  let squares = 0;
  let count = 0;
  for (const [fold, entries] of folds.entries()) {
    control.signal.throwIfAborted();
    const kept = withoutEntries(observations, entries);
    const choice = chooseSolver(settings.solver, model, isPartial(kept), { ...kept, rank });
    const options: NamedSolverOptions = 'solver' in choice ? choice.solver : choice;
    const start = (await prepareStarts('random', kept, model, rank))(ownSeed + fold);
    const factors = await fitFrom(kept, rank, start, { model, solver: options, stopping, device }, control);
    const { rmse, entries: judged } = heldOutError(observations, entries, factors, rank, model);
    squares += rmse * rmse * judged;
    count += judged;
  }
  return Math.sqrt(squares / count);
}

function plainErrors(
  observations: Observations,
  folds: readonly Entries[],
  { loss }: Model,
): Pick<Foretelling, 'columnMeans' | 'biases' | 'entries'> {
  const { expectation, link } = lossOf(loss);
  let [ofMeans, ofBiases, entries] = [0, 0, 0];
  for (const fold of folds) {
    const kept = withoutEntries(observations, fold);
    const [means, sums] = [columnMeans(kept), additive(kept)];
    for (const at of fold) {
      const { row, column } = positionOf(observations, at);
      const x = observations.X[at]!;
      ofMeans += (x - expectation(link(means(row, column)))) ** 2;
      ofBiases += (x - sums(row, column)) ** 2;
      entries++;
    }
  }
  return { columnMeans: Math.sqrt(ofMeans / entries), biases: Math.sqrt(ofBiases / entries), entries };
}
