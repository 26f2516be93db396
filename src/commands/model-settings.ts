import { number, recordOf, type Field, type Fields, type Value } from '../model/fields';
import { accepts, wanted } from '../model/ranges';
import type { RunSettings } from '../model/run';
import { solverIdsOf, solverSetting, solverWith, type SolverOptions } from '../model/solvers';
import type { Stopping } from '../model/stopping';
import { vocabulary, type Vocabulary } from '../model/vocabulary';

/** Reads the editor's settings, below `factorlens.`, that say how a model is fitted. Nothing here knows the editor. */

/** The value of a setting, which may be anything: settings.json is a person's. */
export type GetSetting = (name: string) => unknown;

/** How long a start takes. */
export const stoppingFrom = (get: GetSetting, { stopping }: Vocabulary = vocabulary): Stopping =>
  settingsOf(stopping, get) as Stopping;

/** What a run is given beside. */
export const runFrom = (get: GetSetting, { run }: Vocabulary = vocabulary): Omit<RunSettings, 'rank'> =>
  settingsOf(run, get) as Omit<RunSettings, 'rank'>;

/** The solver, with those of its options that have a setting. */
export function solverFrom(get: GetSetting, { solvers }: Vocabulary = vocabulary): SolverOptions {
  const { name } = solverSetting;
  const ids = solverIdsOf(solvers);
  const id = ids.find((known) => known === get(name));
  if (id === undefined) throw wrong(name, `one of ${ids.join(', ')}`, get(name));
  if (id === 'auto') return { id };
  return solverWith(id, settingsOf(recordOf(solvers, id).options ?? {}, get), solvers);
}

/** The weight of a preset. */
export function weightFrom(get: GetSetting, name: string): number {
  return Number(settingOf(number({ noun: 'weight', least: 0, default: 0, setting: { name, words: '' } }), get));
}

/** The fields that have a setting. */
const settingsOf = (fields: Fields, get: GetSetting): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => (field.setting ? [[name, settingOf(field, get)]] : [])),
  );

/** @throws Error that names the setting and what it must be */
function settingOf(field: Field, get: GetSetting): Value {
  const { name = '', least } = field.setting ?? {};
  const narrowed = field.kind === 'number' && least !== undefined ? { ...field, least } : field;
  const value = get(name);
  if (accepts(narrowed, value)) return value;
  throw wrong(name, wanted(narrowed, true), value);
}

export const wrong = (name: string, wantedText: string, value: unknown): Error =>
  new Error(`The setting factorlens.${name} must be ${wantedText}, and is ${JSON.stringify(value)}.`);
