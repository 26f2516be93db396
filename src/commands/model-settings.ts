import { recordOf, type Field, type Fields, type Value } from '../model/fields';
import { typedNumber, typedSchemaOf } from '../model/schema';
import type { RunSettings } from '../model/run';
import { solverIdsOf, solverSetting, solverWith, type SolverOptions } from '../model/solvers';
import type { Stopping } from '../model/stopping';
import { FieldError, oneOf, readAs, type Schema } from '../untrusted/schema';
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
  const id = checked(name, oneOf(ids), get(name));
  if (id === 'auto') return { id };
  return solverWith(id, settingsOf(recordOf(solvers, id).options ?? {}, get), solvers);
}

/** The weight of a preset. */
export function weightFrom(get: GetSetting, name: string): number {
  return checked(name, typedNumber({ whole: false, least: 0 }), get(name));
}

/** The fields that have a setting. */
const settingsOf = (fields: Fields, get: GetSetting): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => (field.setting ? [[name, settingOf(field, get)]] : [])),
  );

function settingOf(field: Field, get: GetSetting): Value {
  const { name = '', least } = field.setting ?? {};
  const narrowed = field.kind === 'number' && least !== undefined ? { ...field, least } : field;
  return checked(name, typedSchemaOf(narrowed), get(name));
}

/**
 * The value of a setting.
 * @throws Error that names the setting and what it must be
 */
export function checked<T>(name: string, schema: Schema<T>, value: unknown): T {
  try {
    return readAs(schema, value, `The setting factorlens.${name}`);
  } catch (error) {
    throw error instanceof FieldError ? new Error(`${error.message}, and is ${JSON.stringify(value)}.`) : error;
  }
}
