import * as vscode from 'vscode';
import { typedNumber } from '../model/schema';
import { oneOf, type Schema } from '../untrusted/schema';
import type { FactorizationSettings } from '../model/settings';
import type { Model } from '../model/model';
import type { TableOptions } from '../data/dataset';
import type { TextOptions, LongColumns } from '../data/reading-report';
import { namedDelimiters } from '../protocol/naming';
import { defaultPreparationFor } from '../model/preparation';
import { mayChooseRidge } from '../model/model';
import { defaultRankSearch } from '../model/run';
import { stopWordChoices } from '../data/text/options';
import type { ImageChoiceId } from './images';
import type { RankAnswer } from './rank';
import { encodingOf } from './encoding';
import { methodOf, type MethodId } from './methods';
import { runFrom, solverFrom, stoppingFrom, weightFrom, checked, type GetSetting } from './model-settings';

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
  const get: GetSetting = (name) => configuration.get<unknown>(name);
  const { model: plain, weight, solver, preparation: own } = methodOf(id);
  const given = id === 'custom' && custom ? custom : plain;
  const model = weight ? weight.apply(given, weightFrom(get, weight.setting)) : given;
  const preparation = own ?? defaultPreparationFor(image, model);
  return {
    model,
    ...(preparation && { preparation }),
    solver: solver ?? solverFrom(get),
    // Where entries are missing and the method has no penalty of its own.
    ...(id !== 'custom' && solver === undefined && mayChooseRidge(model) && !weight && { ridge: 'held-out' as const }),
    stopping: stoppingFrom(get),
    ...(rank === 'auto' ? { rank: 1, rankSearch: defaultRankSearch } : { rank }),
    ...runFrom(get),
  };
}

/** What the editor's settings say of how tables are read; undefined where all of it is to be guessed. */
export function readingSettings(resource: vscode.Uri): TableOptions | undefined {
  const configuration = vscode.workspace.getConfiguration('factorlens', resource);
  const delimiter =
    namedDelimiters[setting(configuration, 'delimiter', oneOf(['auto', ...Object.keys(namedDelimiters)]))];
  const header = setting(configuration, 'header', oneOf(['auto', 'yes', 'no']));
  const encoding = encodingOf(resource);
  if (delimiter === undefined && header === 'auto' && encoding === undefined) return undefined;
  return {
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== 'auto' && { header: header === 'yes' }),
    ...(encoding !== undefined && { encoding }),
  };
}

/** What the editor's settings say of which terms of a text are kept. */
export function textSettings(resource: vscode.Uri): Pick<TextOptions, 'minimum' | 'maximum' | 'stopWords'> {
  const configuration = vscode.workspace.getConfiguration('factorlens', resource);
  return {
    minimum: setting(configuration, 'text.minimum', typedNumber({ whole: false, least: 0 })),
    maximum: setting(configuration, 'text.maximum', typedNumber({ whole: false, above: 0 })),
    stopWords: setting(configuration, 'text.stopWords', oneOf(stopWordChoices)),
  };
}

/**
 * One setting, checked: settings.json may hold anything.
 * @throws Error that names the setting and what it must be.
 */
function setting<T>(configuration: vscode.WorkspaceConfiguration, name: string, schema: Schema<T>): T {
  return checked(name, schema, configuration.get<unknown>(name));
}
