import type { FactorizationSettings } from '../../model/settings';
import type { Constraint } from '../../model/constraints';
import type { Loss } from '../../model/losses';
import type { Model } from '../../model/model';
import type { FactorPenalty, PenaltyName } from '../../model/penalties';
import { centring, type Axis, type Preparation, type Scaling } from '../../model/preparation';
import type { RankSearch, RunSettings } from '../../model/run';
import type { SolverOptions } from '../../model/solvers';
import type { StartKind } from '../../model/starts';
import type { Stopping } from '../../model/stopping';
import { vocabulary, type Vocabulary } from '../../model/vocabulary';
import { complete, FieldError, finite, flag, integer, listOf, object, oneOf, type Check } from '../schema';
import { checkOf, typed, valuesOf, variantOf } from './fields';

/** Of a run that went on from an earlier one it may be anything. */
export const seed = integer(Number.MIN_SAFE_INTEGER);

export const axis = oneOf<Axis>('rows', 'columns');

const bothFactors = <T>(check: Check<T>) =>
  object((fields) => ({ W: fields.get('W', check), H: fields.get('H', check) }));

const rankSearch = object((fields) =>
  complete<RankSearch>({
    folds: fields.get('folds', integer(1)),
    fraction: fields.get('fraction', finite(0)),
    most: fields.get('most', integer(1)),
  }),
);

/** In files written before components could have a length of exactly 1, `unit-norm` alone was the name of the ball. */
const isFormerBall = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.entries(value).join() === 'kind,unit-norm';

function constraintReader({ constraints }: Vocabulary): Check<Constraint> {
  const known = typed<Constraint>(variantOf('kind', constraints));
  return (value, place) => (isFormerBall(value) ? { kind: 'unit-ball', nonNegative: false } : known(value, place));
}

/** The weights of a factor's penalties; those that there were not always may be absent. */
function penaltyReader({ penalties }: Vocabulary): Check<FactorPenalty> {
  const weights = Object.fromEntries(Object.entries(penalties).map(([name, { weight }]) => [name, weight]));
  const later = Object.entries(penalties).flatMap(([name, record]) => (record.later ? [name] : []));
  return typed(object((fields) => valuesOf(weights, fields, later)));
}

/** `true` is how it was written while L2 alone could be. */
function relativeReader({ penalties }: Vocabulary): Check<NonNullable<Model['relative']>> {
  const names = Object.keys(penalties) as PenaltyName[];
  const listed = listOf(oneOf(...names), undefined, names.length);
  return (value, place) => (value === true ? ['l2'] : listed(value, place));
}

const modelReader = (words: Vocabulary): Check<Model> => {
  const penalty = bothFactors(penaltyReader(words));
  const constraint = bothFactors(constraintReader(words));
  const loss = typed<Loss>(variantOf('kind', words.losses));
  return object((fields) =>
    complete<Model>({
      loss: fields.get('loss', loss),
      penalties: fields.get('penalties', penalty),
      constraints: fields.get('constraints', constraint),
      biases: fields.optional(
        'biases',
        object((biases) => ({ l2: biases.get('l2', finite(0)) })),
      ),
      relative: fields.optional('relative', relativeReader(words)),
    }),
  );
};

const model = modelReader(vocabulary);

/** A model that was kept somewhere; undefined for what is none. */
export function modelFrom(value: unknown): Model | undefined {
  try {
    return model(value, 'model');
  } catch (error) {
    if (error instanceof FieldError) return undefined;
    throw error;
  }
}

/** What was asked of a factorization. */
export function settingsReader(words: Vocabulary = vocabulary): Check<FactorizationSettings> {
  const readModel = modelReader(words);
  const scaling = typed<Scaling>(variantOf('kind', words.scalings));
  const preparation = object((fields) =>
    complete<Preparation>({
      centre: fields.get('centre', typed<Preparation['centre']>(checkOf(centring))),
      scale: fields.get('scale', scaling),
    }),
  );
  const solver = typed<SolverOptions>(variantOf('id', words.solvers, ['auto']));
  const start = typed<StartKind>(oneOf(...Object.keys(words.starts)));
  // Read by a reader of its own.
  const { seed: _, ...run } = words.run;
  return object((fields) => {
    const ofRun = valuesOf(run, fields) as Omit<RunSettings, 'seed'>;
    const others = complete<Omit<FactorizationSettings, keyof typeof ofRun>>({
      model: fields.get('model', readModel),
      preparation: fields.optional('preparation', preparation),
      solver: fields.get('solver', solver),
      stopping: fields.object('stopping', (stopping) => valuesOf(words.stopping, stopping) as Stopping),
      rankProposed: fields.optional('rankProposed', flag) === true ? true : undefined,
      seed: fields.get('seed', seed),
      start: fields.optional('start', start),
      ridge: fields.optional('ridge', oneOf('held-out')),
      rankSearch: fields.optional('rankSearch', rankSearch),
    });
    return { ...ofRun, ...others };
  });
}

export const settings = settingsReader();
