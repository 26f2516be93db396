import type { RankPoint } from './findings';
import { consensusOf, groupsOf, refusesConsensus, rowsToCompare } from '../diagnostics/consensus';
import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { RankSearch } from '../../model/run';
import type { NamedSolverOptions } from '../../model/solvers';
import type { Stopping } from '../../model/stopping';
import { columnMeans, drawFolds, heldOutError, type Entries } from './held-out';
import { candidateRanks, gapUnder, meanWithError, minError, smallestWithinOneError } from './curve';
import { lossOf } from '../objective/losses';
import { positionOf, withoutEntries, type Observations } from '../observations';
import { bestFit, type Fit } from './best-fit';
import { prepareStarts } from '../starts/start';

export interface RankSelection {
  rank: number;
  /** By increasing rank. */
  curve: RankPoint[];
  /** The mean loss of each column's mean on the same held-out entries. */
  plain: number;
}

export interface RankSettings {
  model: Model;
  solver: NamedSolverOptions;
  stopping: Stopping;
  seed: number;
  device: DeviceChoice;
}

export interface RankControl {
  signal: AbortSignal;
  /** True ends the search with what there is. */
  shouldStop(): boolean;
  /** Before every run. */
  onRun(run: { rank: number; fold: number; folds: number; curve: readonly RankPoint[] }): void;
}

/** More iterations than this seldom change which rank is best. */
const maxIterations = 300;

/** Rows whose groups are compared: a clustering at every rank must not take long beside the fits. */
const maxRows = 200;

/** The search ends when so many ranks in a row are worse than the best by more than its standard error. */
const patience = 3;

/**
 * Chooses a rank by speckled cross-validation: at each rank, several fits to all but some random entries, judged on those
 * entries. The smallest rank wins whose error is within one standard error of the least (Breiman et al. 1984, sec. 3.4.3);
 * since all ranks are judged on the same entries, that is the error of their difference, in which what makes some
 * entries harder than others cancels. Ranks are tried from 1 upwards at growing distances; the gap under the winner is then
 * tried in full. Where none foretells better than the column means, there is no more to find than rank 1.
 */
export async function selectRank(
  observations: Observations,
  settings: RankSettings,
  search: RankSearch,
  control: RankControl,
): Promise<RankSelection> {
  const folds = drawFolds(observations, { ...search, seed: settings.seed }).filter((entries) => entries.length > 0);
  const training = folds.map((entries) => ({ entries, observations: withoutEntries(observations, entries) }));
  const curve: RankPoint[] = [];
  // So few entries that none can be spared.
  if (training.length === 0) return { rank: 1, curve, plain: Infinity };
  const plain = meanWithError(training.map((part) => lossOfMeans(observations, part, settings.model))).error;

  const rows = rowsToCompare(observations.rows, settings.seed, maxRows);
  const losses = new Map<number, readonly number[]>();
  /** Of the first rank that is tried. */
  let one: number | undefined;
  /** Whether the rank could be tried. */
  const tryRank = async (rank: number): Promise<boolean> => {
    const trained: Fit[] = [];
    for (const [fold, part] of training.entries()) {
      control.signal.throwIfAborted();
      if (control.shouldStop()) return false;
      control.onRun({ rank, fold, folds: training.length, curve });
      trained.push(await fitFold(part.observations, rank, [settings.seed + fold], settings, control));
    }
    one ??= minOf(trained.map(costOfEntry));
    for (const fold of stuckFolds(trained, one, settings.model)) {
      if (control.shouldStop()) return false;
      const seeds = Array.from({ length: moreStarts }, (_, k) => settings.seed + fold + (k + 1) * training.length);
      const again = await fitFold(training[fold]!.observations, rank, seeds, settings, control);
      if (again.statistics.objective < trained[fold]!.statistics.objective) trained[fold] = again;
    }
    const fits = trained.map((fit, fold) => judged(observations, training[fold]!.entries, fit, rank, settings, rows));
    losses.set(
      rank,
      fits.map(({ heldOutLoss }) => heldOutLoss),
    );
    curve.push({ rank, ...summaryOf(fits, settings.model, rank, rows) });
    curve.sort((a, b) => a.rank - b.rank);
    return true;
  };
  const chosen = (): number => ((minError(curve)?.error ?? 0) < plain ? smallestWithinOneError(curve, losses) : 1);

  const most = Math.min(search.most, Math.max(1, Math.min(observations.rows, observations.columns) - 1));
  let worse = 0;
  for (const rank of candidateRanks(most)) {
    if (!(await tryRank(rank))) return { rank: chosen(), curve, plain };
    const best = minError(curve);
    const latest = curve.at(-1);
    worse = best && latest && latest.error > best.error + best.standardError ? worse + 1 : 0;
    if (worse === patience) break;
  }
  for (const rank of gapUnder(chosen(), curve)) {
    if (!(await tryRank(rank))) break;
  }
  return { rank: chosen(), curve, plain };
}

/** What the fold's entries cost if each is taken for its column's mean. */
function lossOfMeans(
  all: Observations,
  { entries, observations }: { entries: Entries; observations: Observations },
  { loss }: Model,
): number {
  const { value, link } = lossOf(loss);
  const means = columnMeans(observations);
  return (
    entries.reduce((sum, at) => {
      const { row, column } = positionOf(all, at);
      return sum + value(all.X[at]!, link(means(row, column)), loss);
    }, 0) / entries.length
  );
}

interface FoldFit {
  heldOutLoss: number;
  explainedVariance: number | undefined;
  /** Of the rows that are compared. */
  groups: Int32Array;
}

/** Starts that a fold whose fit got stuck has beside its first. */
const moreStarts = 2;

/**
 * Part of its objective by which a fold's fit may be above the best of the other folds at the same rank, or if that is more
 * of a single component's. They share nearly all of their entries, so that one further up has got stuck where another did
 * not; what is left once all is fitted may differ as it likes.
 */
const maxAbove = { ofBest: 0.05, ofOne: 0.01 };

/**
 * The folds whose fits are worse than what fits of nearly the same entries come to, from another start.
 * @param one what a fit of a single component costs an entry
 */
function stuckFolds(fits: readonly Fit[], one: number, { loss, penalties, constraints }: Model): number[] {
  const plain =
    loss.kind === 'squared' &&
    [penalties.W, penalties.H].every(({ l1, group, orthogonal }) => l1 === 0 && group === 0 && orthogonal === 0) &&
    [constraints.W, constraints.H].every(({ kind }) => kind === 'none');
  // Least squares have no other minima that a run would stay in.
  if (plain) return [];
  const each = fits.map(costOfEntry);
  const least = minOf(each);
  const most = least + Math.max(maxAbove.ofBest * least, maxAbove.ofOne * one);
  return [...each.keys()].filter((fold) => !(each[fold]! <= most));
}

const minOf = (values: readonly number[]): number => values.reduce((least, value) => Math.min(least, value), Infinity);

const costOfEntry = ({ statistics: { objective, observed } }: Fit): number => objective / Math.max(1, observed);

/** The best fit of several starts to all but one fold's entries. */
async function fitFold(
  kept: Observations,
  rank: number,
  seeds: readonly number[],
  { model, solver, stopping, device }: RankSettings,
  control: RankControl,
): Promise<Fit> {
  const limited = { ...stopping, iterations: Math.min(stopping.iterations, maxIterations) };
  const makeStart = await prepareStarts('random', kept, model, rank);
  return bestFit(kept, rank, seeds.map(makeStart), { model, solver, stopping: limited, device }, control);
}

/** How well a fit foretells the entries that it did not see. */
function judged(
  all: Observations,
  entries: Entries,
  { factors, statistics: { explainedVariance } }: Fit,
  rank: number,
  { model }: RankSettings,
  rows: readonly number[],
): FoldFit {
  const { meanLoss } = heldOutError(all, entries, factors, rank, model);
  return {
    heldOutLoss: Number.isNaN(meanLoss) ? Infinity : meanLoss,
    explainedVariance,
    groups: groupsOf(factors, rank, rows),
  };
}

function summaryOf(
  fits: readonly FoldFit[],
  model: Model,
  rank: number,
  rows: readonly number[],
): Omit<RankPoint, 'rank'> {
  const comparable = fits.length > 1 && rows.length > 1 && refusesConsensus(model, rank) === undefined;
  const cophenetic = comparable
    ? consensusOf(
        rows,
        fits.map(({ groups }) => groups),
        rank,
      ).cophenetic
    : undefined;
  const explained = fits.flatMap(({ explainedVariance }) => explainedVariance ?? []);
  return {
    ...meanWithError(fits.map(({ heldOutLoss }) => heldOutLoss)),
    ...(explained.length > 0 && {
      explainedVariance: explained.reduce((sum, part) => sum + part, 0) / explained.length,
    }),
    ...(cophenetic !== undefined && { cophenetic }),
  };
}
