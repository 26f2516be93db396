import * as v from 'valibot';
import { finite, listOf, object, oneOf, optional, type Schema } from '../untrusted/schema';
import { constraints, unconstrained, type Constraint, type ConstraintRecords } from './constraints';
import { losses, type Loss, type LossRecords } from './losses';
import {
  isPenalisedBy,
  noPenalty,
  penalties,
  type FactorPenalty,
  type PenaltyName,
  type PenaltyRecords,
} from './penalties';
import { entriesOf, variantSchemaOf } from './schema';

/**
 * A model says what is minimised; a solver's options say how; stopping says for how long.
 * All three are plain data, so that they cross process borders and are saved with a result.
 *
 * The objective: Σ weight·loss over observed entries, plus the penalties of W and H, subject to their constraints.
 * It is a sum, neither halved nor averaged, so a penalty's meaning does not change with the data's size.
 */
export type Model = v.InferOutput<ReturnType<typeof modelSchema>>;

/** The schema of a model, of records that a test may have added to. */
export const modelSchema = (words: ModelRecords = { losses, penalties, constraints }) =>
  object({
    loss: variantSchemaOf('kind', words.losses) as Schema<Loss>,
    penalties: ofBoth(penaltySchema(words.penalties)),
    constraints: ofBoth(constraintSchema(words.constraints)),
    /**
     * Adds to (WH)ij the mean of the observed entries (under a loss with a link, the y whose expectation it is), a number of
     * row i and one of column j, with the penalty l2·Σb² on the latter two; absent where the model has none.
     */
    biases: optional(object({ l2: finite(0) })),
    /**
     * Penalties of W and H whose weights are for data of standard deviation 1, so that they mean the same in any unit: those
     * of the data come from it. Never in a result.
     */
    relative: optional(relativeSchema(words.penalties)),
  });

interface ModelRecords {
  losses: LossRecords;
  penalties: PenaltyRecords;
  constraints: ConstraintRecords;
}

const ofBoth = <T>(schema: Schema<T>) => object({ W: schema, H: schema });

/** The weights of a factor's penalties; those that there were not always may be absent. */
function penaltySchema(records: PenaltyRecords): Schema<FactorPenalty> {
  const weights = Object.fromEntries(Object.entries(records).map(([name, { weight }]) => [name, weight]));
  const later = Object.keys(records).filter((name) => records[name]?.later);
  return object(entriesOf(weights, later)) as unknown as Schema<FactorPenalty>;
}

/** In files written before components could have a length of exactly 1, `unit-norm` alone was the name of the ball. */
const constraintSchema = (records: ConstraintRecords) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (isFormerBall(value) ? { kind: 'unit-ball', nonNegative: false } : value)),
    variantSchemaOf('kind', records) as Schema<Constraint>,
  );

const isFormerBall = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.entries(value).join() === 'kind,unit-norm';

/** `true` is how it was written while L2 alone could be. */
const relativeSchema = (records: PenaltyRecords) => {
  const names = Object.keys(records) as PenaltyName[];
  return v.pipe(
    v.unknown(),
    v.transform((value) => (value === true ? ['l2'] : value)),
    listOf(oneOf(names), names.length),
    v.readonly(),
  );
};

export const defaultModel: Model = {
  loss: { kind: 'squared' },
  penalties: { W: noPenalty, H: noPenalty },
  constraints: { W: unconstrained, H: unconstrained },
};

/**
 * Whether the objective or a constraint tells components apart from their mixtures W·Q, Qᵀ·H with Q orthogonal. Otherwise
 * only the space that components span is determined: the loss, L2 and smoothness penalties are the same for all mixtures.
 */
export const hasOwnComponents = ({ penalties, constraints }: Pick<Model, 'penalties' | 'constraints'>): boolean =>
  [penalties.W, penalties.H].some((penalty) =>
    isPenalisedBy(penalty, ({ tellsComponents }) => tellsComponents === true),
  ) || [constraints.W, constraints.H].some(({ kind }) => kind !== 'none');

/** Whether an L2 penalty may be chosen for a model: least squares that nothing else penalises, with or without signs. */
export const mayChooseRidge = ({ loss, penalties, constraints, biases }: Model): boolean =>
  loss.kind === 'squared' &&
  !biases &&
  [penalties.W, penalties.H].every((penalty) => !isPenalisedBy(penalty, () => true)) &&
  [constraints.W, constraints.H].every(({ kind }) => kind === 'none' || kind === 'non-negative');
