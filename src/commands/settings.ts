import * as vscode from 'vscode';
import { deviceChoices } from '../factorization/devices';
import type { DeviceChoice } from '../model/run';
import type { FactorizationSettings } from '../factorization/settings';
import type { Model } from '../model/model';
import type { NormalizedGradientOptions, RateSchedule, SolverOptions } from '../model/solvers';
import type { LongColumns, TableOptions } from '../data/dataset';
import type { TextOptions } from '../data/reading-report';
import { namedDelimiters } from '../protocol/naming';
import { usualFor } from '../factorization/preparation/kinds';
import { mayChooseRidge } from '../model/model';
import { defaultRankSearch } from '../model/run';
import { namedSolvers, solverIds } from '../model/solvers';
import type { ImageChoiceId } from './images';
import type { RankAnswer } from './rank';
import { encodingOf } from './encoding';
import { methodOf, type MethodId } from './methods';

/** What the user chooses for each job; the rest comes from the editor's settings. */
export interface Answers {
  rank: RankAnswer;
  method: MethodId;
  /** The model of the method `custom`. */
  custom?: Model;
  /** The method that was chosen last for text, which wants another than numbers do. */
  textMethod?: MethodId;
  /** Of a recommender: the columns of a table with an entry a line; absent for an ordinary table. */
  long?: LongColumns;
  /** How a file is read as text; absent for numbers. It belongs to the file and is not remembered. */
  text?: TextOptions;
  /** Of images: how they are read; grey where absent. */
  image?: ImageChoiceId;
}

/**
 * A job's settings: the answers, and the editor's settings as they hold for the file.
 *
 * @param image how the file is read, where it is an image or a folder of images
 */
export function jobSettings(
  { rank, method: id, custom }: Answers,
  resource: vscode.Uri,
  image?: ImageChoiceId,
): FactorizationSettings {
  const configuration = vscode.workspace.getConfiguration('factorlens', resource);
  const { model: plain, weight, solver, preparation: own } = methodOf(id);
  const given = id === 'custom' && custom ? custom : plain;
  const model = weight
    ? weight.apply(given, setting(configuration, weight.setting, isWeight, 'a number of at least 0'))
    : given;
  const preparation = own ?? usualFor(image, model);
  return {
    model,
    ...(preparation && { preparation }),
    solver: solver ?? solverOf(configuration),
    // Where entries are missing and the method has no penalty of its own.
    ...(id !== 'custom' && solver === undefined && mayChooseRidge(model) && !weight && { ridge: 'held-out' as const }),
    stopping: {
      iterations: setting(configuration, 'iterations', isCount, 'a whole number of at least 1'),
      tolerance: setting(configuration, 'tolerance', isWeight, 'a number of at least 0'),
    },
    ...(rank === 'auto' ? { rank: 1, rankSearch: defaultRankSearch } : { rank }),
    restarts: setting(configuration, 'restarts', isCount, 'a whole number of at least 1'),
    seed: setting(configuration, 'seed', isSeed, 'a whole number of at least 0'),
    device: setting(configuration, 'device', isDevice, `one of ${deviceChoices.join(', ')}`),
  };
}

/** What the editor's settings say of how tables are read; undefined where all of it is to be guessed. */
export function readingSettings(resource: vscode.Uri): TableOptions | undefined {
  const configuration = vscode.workspace.getConfiguration('factorlens', resource);
  const names = ['auto', ...Object.keys(namedDelimiters)];
  const isName = (value: unknown): value is string => typeof value === 'string' && names.includes(value);
  const delimiter = namedDelimiters[setting(configuration, 'delimiter', isName, `one of ${names.join(', ')}`)];
  const header = setting(configuration, 'header', isHeader, 'auto, yes or no');
  const encoding = encodingOf(resource);
  if (delimiter === undefined && header === 'auto' && encoding === undefined) return undefined;
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== 'auto' && { header: header === 'yes' }),
    ...(encoding !== undefined && { encoding }),
  };
}

function isHeader(value: unknown): value is 'auto' | 'yes' | 'no' {
  return value === 'auto' || value === 'yes' || value === 'no';
}

function solverOf(configuration: vscode.WorkspaceConfiguration): SolverOptions {
  const id = setting(configuration, 'solver', isSolver, `one of ${solverIds.join(', ')}`);
  if (id === 'auto') return { id };
  if (id !== 'ngd') return namedSolvers[id];
  return {
    id,
    rate: setting(configuration, 'rate', isPositive, 'a number above 0'),
    schedule: setting(configuration, 'rateSchedule', isSchedule, `one of ${schedules.join(', ')}`),
    stepLength: setting(configuration, 'stepLength', isStepLength, `one of ${stepLengths.join(', ')}`),
  };
}

/**
 * One setting, checked: settings.json may hold anything.
 * @throws Error that names the setting and what it must be.
 */
function setting<T>(
  configuration: vscode.WorkspaceConfiguration,
  name: string,
  valid: (value: unknown) => value is T,
  wanted: string,
): T {
  const value = configuration.get<unknown>(name);
  if (valid(value)) return value;
  throw new Error(`The setting factorlens.${name} must be ${wanted}, and is ${JSON.stringify(value)}.`);
}

const schedules = ['constant', 'inverse-sqrt', 'cosine', 'adaptive'] as const satisfies readonly RateSchedule[];
const stepLengths = ['relative', 'absolute'] as const satisfies readonly NormalizedGradientOptions['stepLength'][];

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function isWeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function isSeed(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSolver(value: unknown): value is SolverOptions['id'] {
  return solverIds.some((known) => known === value);
}

function isSchedule(value: unknown): value is RateSchedule {
  return schedules.some((known) => known === value);
}

function isStepLength(value: unknown): value is NormalizedGradientOptions['stepLength'] {
  return stepLengths.some((known) => known === value);
}

function isDevice(value: unknown): value is DeviceChoice {
  return deviceChoices.some((known) => known === value);
}
