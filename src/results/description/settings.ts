import { deviceChoices } from '../../factorization/devices';
import type { FactorizationSettings } from '../../factorization/settings';
import type { Constraint } from '../../model/constraints';
import type { Loss } from '../../model/losses';
import type { Model } from '../../model/model';
import type { FactorPenalty } from '../../model/penalties';
import type { RankSearch } from '../../model/run';
import type { SolverOptions } from '../../model/solvers';
import { centrings } from '../../factorization/preparation/kinds';
import type { Axis, Preparation, Scaling } from '../../model/preparation';
import { startKinds } from '../../model/starts';
import { complete, FieldError, finite, flag, integer, object, oneOf, variant, type Check } from '../schema';

export const seed = integer(Number.MIN_SAFE_INTEGER);

const loss = variant<'kind', Loss>('kind', {
  squared: () => ({ kind: 'squared' }),
  absolute: () => ({ kind: 'absolute' }),
  huber: (fields) => ({
    kind: 'huber',
    delta: fields.get('delta', finite(0)),
    ...(fields.optional('fromData', flag) === true && { fromData: true as const }),
  }),
  'kullback-leibler': () => ({ kind: 'kullback-leibler' }),
  'itakura-saito': () => ({ kind: 'itakura-saito' }),
  poisson: () => ({ kind: 'poisson' }),
  logistic: () => ({ kind: 'logistic' }),
});

const penalty = object((fields) =>
  complete<FactorPenalty>({
    l1: fields.get('l1', finite(0)),
    l2: fields.get('l2', finite(0)),
    group: fields.get('group', finite(0)),
    // Absent from files written before there were these penalties.
    smooth: fields.optional('smooth', finite(0)) ?? 0,
    orthogonal: fields.optional('orthogonal', finite(0)) ?? 0,
  }),
);

const knownConstraint = variant<'kind', Constraint>('kind', {
  none: () => ({ kind: 'none' }),
  'non-negative': () => ({ kind: 'non-negative' }),
  box: (fields) => ({ kind: 'box', least: fields.get('least', finite()), most: fields.get('most', finite()) }),
  'unit-ball': (fields) => ({ kind: 'unit-ball', nonNegative: fields.get('nonNegative', flag) }),
  'unit-norm': (fields) => ({ kind: 'unit-norm', nonNegative: fields.get('nonNegative', flag) }),
  simplex: () => ({ kind: 'simplex' }),
});

/** In files written before components could have a length of exactly 1, `unit-norm` alone was the name of the ball. */
const isFormerBall = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.entries(value).join() === 'kind,unit-norm';

const constraint: Check<Constraint> = (value, place) =>
  isFormerBall(value) ? { kind: 'unit-ball', nonNegative: false } : knownConstraint(value, place);

export const axis = oneOf<Axis>('rows', 'columns');

const scaling = variant<'kind', Scaling>('kind', {
  none: () => ({ kind: 'none' }),
  log1p: () => ({ kind: 'log1p' }),
  'tf-idf': () => ({ kind: 'tf-idf' }),
  zscore: (fields) => ({ kind: 'zscore', axis: fields.get('axis', axis) }),
  minmax: (fields) => ({ kind: 'minmax', axis: fields.get('axis', axis) }),
  'unit-norm': (fields) => ({ kind: 'unit-norm', axis: fields.get('axis', axis) }),
});

const preparation = object((fields) =>
  complete<Preparation>({ centre: fields.get('centre', oneOf(...centrings)), scale: fields.get('scale', scaling) }),
);

const solver = variant<'id', SolverOptions>('id', {
  auto: () => ({ id: 'auto' }),
  ngd: (fields) => ({
    id: 'ngd',
    rate: fields.get('rate', finite(0)),
    schedule: fields.get('schedule', oneOf('constant', 'inverse-sqrt', 'cosine', 'adaptive')),
    stepLength: fields.get('stepLength', oneOf('relative', 'absolute')),
  }),
  apg: (fields) => ({ id: 'apg', inner: fields.get('inner', integer(1)) }),
  hals: (fields) => ({ id: 'hals', sweeps: fields.get('sweeps', integer(1)) }),
  lbfgs: (fields) => ({ id: 'lbfgs', memory: fields.get('memory', integer(1)) }),
  mu: () => ({ id: 'mu' }),
  svd: () => ({ id: 'svd' }),
  als: (fields) => ({ id: 'als', inner: fields.get('inner', integer(1)) }),
  irls: (fields) => ({ id: 'irls', inner: fields.get('inner', integer(1)) }),
  adam: (fields) => ({ id: 'adam', rate: fields.get('rate', finite(0)) }),
  momentum: (fields) => ({
    id: 'momentum',
    rate: fields.get('rate', finite(0)),
    momentum: fields.get('momentum', finite(0)),
  }),
});

const bothFactors = <T>(check: Check<T>) =>
  object((fields) => ({ W: fields.get('W', check), H: fields.get('H', check) }));

const rankSearch = object((fields) =>
  complete<RankSearch>({
    folds: fields.get('folds', integer(1)),
    fraction: fields.get('fraction', finite(0)),
    most: fields.get('most', integer(1)),
  }),
);

const model = object((fields) =>
  complete<Model>({
    loss: fields.get('loss', loss),
    penalties: fields.get('penalties', bothFactors(penalty)),
    constraints: fields.get('constraints', bothFactors(constraint)),
    biases: fields.optional(
      'biases',
      object((biases) => ({ l2: biases.get('l2', finite(0)) })),
    ),
    relative: fields.optional('relative', flag) === true ? true : undefined,
  }),
);

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
export const settings = object((fields) =>
  complete<FactorizationSettings>({
    model: fields.get('model', model),
    preparation: fields.optional('preparation', preparation),
    solver: fields.get('solver', solver),
    stopping: fields.object('stopping', (stopping) =>
      complete<FactorizationSettings['stopping']>({
        iterations: stopping.get('iterations', integer(0)),
        tolerance: stopping.get('tolerance', finite(0)),
        seconds: stopping.optional('seconds', finite(0)),
      }),
    ),
    rank: fields.get('rank', integer(1)),
    restarts: fields.get('restarts', integer(1)),
    seed: fields.get('seed', seed),
    device: fields.get('device', oneOf(...deviceChoices)),
    start: fields.optional('start', oneOf(...startKinds)),
    ridge: fields.optional('ridge', oneOf('held-out')),
    holdout: fields.optional('holdout', finite(0)),
    rankSearch: fields.optional('rankSearch', rankSearch),
  }),
);
