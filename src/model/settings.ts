import * as v from 'valibot';
import { integer, object, oneOf, optional, type Schema } from '../untrusted/schema';
import { modelSchema } from './model';
import { preparationSchema } from './preparation';
import { rankSearchSchema, type run } from './run';
import { entriesOf, variantSchemaOf } from './schema';
import type { SolverOptions } from './solvers';
import type { StartKind } from './starts';
import type { stopping } from './stopping';
import { vocabulary, type Vocabulary } from './vocabulary';

/** What was asked of a factorization: with the same data, seed and device it gives the same result. */
export type FactorizationSettings = v.InferOutput<ReturnType<typeof settingsSchema>>;

/** The seed of a restart: of a run that went on from an earlier one it may be any number. */
export const seed = integer(Number.MIN_SAFE_INTEGER);

/** The schema of settings, of records that a test may have added to. */
export const settingsSchema = (words: Vocabulary = vocabulary) =>
  object({
    model: modelSchema(words),
    /** What is done to X beforehand; nothing where absent. */
    preparation: optional(preparationSchema(words.scalings)),
    solver: variantSchemaOf('id', { auto: {}, ...words.solvers }) as Schema<SolverOptions>,
    stopping: object(entriesOf<typeof stopping>(words.stopping as typeof stopping)),
    ...entriesOf<typeof run>(words.run as typeof run),
    seed,
    /** The rank is our proposal, which the data may lower. Absent in a result, and where the rank was asked for. */
    rankProposed: optional(v.literal(true, 'true, or absent')),
    /** Where the runs begin; `random` where absent. */
    start: optional(oneOf(Object.keys(words.starts) as StartKind[])),
    /** Where entries are missing and nothing is penalised, an L2 penalty of both factors is chosen by held-out entries. */
    ridge: optional(oneOf(['held-out'])),
    /** How the rank is chosen; `rank` is then what was chosen, and before that without meaning. */
    rankSearch: optional(rankSearchSchema),
  });

/** Settings that cannot be used with these data. The message names the setting and the remedy; it is shown to the user as it stands. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
