import type {
  Biases,
  Factorization,
  FactorizationSettings,
  Drawing,
  HeldOutFit,
  ImageOptions,
  ReadReport,
  RestartReport,
  SourceIdentity,
  TextOptions,
} from '../factorization/factorization';
import type { Bound, Optimum } from '../factorization/certificate';
import type { RestartSpread } from '../factorization/consensus';
import type { Curvature, Extremes } from '../factorization/curvature';
import { deviceChoices, deviceIds, type Placement } from '../factorization/devices';
import type { Constraint, FactorPenalty, Loss, RankSearch, SolverOptions } from '../factorization/model';
import type { DistributiveOmit } from '../protocol/worker';
import type { RankPoint } from '../factorization/rank-selection';
import {
  centrings,
  type Axis,
  type Preparation,
  type PreparationStep,
  type Scaling,
} from '../factorization/preparation/kinds';
import { startKinds } from '../factorization/starts/kinds';
import {
  complete,
  dictionaryOf,
  FieldError,
  finite,
  flag,
  integer,
  listOf,
  number,
  object,
  oneOf,
  text,
  variant,
  type Check,
  type Fields,
} from './fields';

/** A restart but for its trace, which is stored as arrays. */
type RestartDescription = Omit<RestartReport, 'trace'>;

/** A step of the preparation but for its numbers, which are stored as an array. */
export type StepDescription = DistributiveOmit<PreparationStep, 'by'>;

/** What `factorlens.json` holds of a factorization: all but its arrays. */
export type FactorizationDescription = Omit<Factorization, 'W' | 'H' | 'restarts' | 'biases' | 'preparation'> & {
  restarts: RestartDescription[];
  biases?: Pick<Biases, 'mean'>;
  preparation?: StepDescription[];
};

/**
 * Reads and verifies a factorization's description.
 * @throws FieldError naming the first field that is absent or not what it must be
 */
export function readDescription(fields: Fields): FactorizationDescription {
  const rows = fields.get('rows', integer(1));
  const columns = fields.get('columns', integer(1));
  const restarts = fields.get('restarts', listOf(restart));
  if (restarts.length === 0) {
    throw new FieldError('restarts', 'a list of at least one');
  }
  return complete<FactorizationDescription>({
    rows,
    columns,
    rank: fields.get('rank', integer(1)),
    rowLabels: fields.optional('rowLabels', listOf(text, rows)),
    columnLabels: fields.optional('columnLabels', listOf(text, columns)),
    drawing: fields.optional('drawing', drawing),
    source: fields.get('source', source),
    weights: fields.optional('weights', source),
    reading: fields.get('reading', reading),
    settings: fields.get('settings', settings),
    preparation: fields.optional('preparation', listOf(step)),
    device: fields.object('device', (device) =>
      complete<Factorization['device']>({
        requested: device.get('requested', oneOf(...deviceChoices)),
        used: device.get('used', oneOf(...deviceIds)),
        reason: device.get('reason', text),
        placement: device.optional('placement', listOf(placement)),
      }),
    ),
    precision: fields.get('precision', oneOf('float32', 'float64')),
    solverReason: fields.optional('solverReason', text),
    biases: fields.optional(
      'biases',
      object((biases) => ({ mean: biases.get('mean', finite()) })),
    ),
    componentVariance: fields.optional('componentVariance', listOf(finite(0))),
    restarts,
    best: fields.get('best', integer(0, restarts.length - 1)),
    statistics: fields.object('statistics', (statistics) =>
      complete<Factorization['statistics']>({
        objective: statistics.get('objective', number),
        sse: statistics.get('sse', number),
        relativeError: statistics.get('relativeError', number),
        explainedVariance: statistics.get('explainedVariance', number),
        observed: statistics.get('observed', integer(0)),
      }),
    ),
    optimum: fields.optional('optimum', optimum),
    curvature: fields.optional('curvature', curvature),
    restartSpread: fields.optional('restartSpread', restartSpread),
    rankCurve: fields.optional('rankCurve', listOf(rankPoint)),
    heldOut: fields.optional('heldOut', heldOut),
    timing: fields.object('timing', (timing) =>
      complete<Factorization['timing']>({
        read: timing.get('read', finite(0)),
        chooseRank: timing.optional('chooseRank', finite(0)),
        compile: timing.get('compile', finite(0)),
        iterate: timing.get('iterate', finite(0)),
        total: timing.get('total', finite(0)),
      }),
    ),
    warnings: fields.get('warnings', listOf(text)),
    versions: fields.get('versions', dictionaryOf(text)),
  });
}

const placement = object((fields) =>
  complete<Placement>({
    operation: fields.get('operation', text),
    device: fields.get('device', text),
    count: fields.get('count', integer(1)),
  }),
);

const seed = integer(Number.MIN_SAFE_INTEGER);

const restart = object((fields) =>
  complete<RestartDescription>({
    seed: fields.get('seed', seed),
    objective: fields.get('objective', number),
    iterations: fields.get('iterations', integer(0)),
    stopReason: fields.get('stopReason', oneOf('converged', 'iterations', 'time', 'stopped', 'diverged')),
  }),
);

const hash: Check<string> = (value, place) => {
  const digits = text(value, place);
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw new FieldError(place, '64 hexadecimal digits');
  }
  return digits;
};

const source = object((fields) =>
  complete<SourceIdentity>({
    name: fields.get('name', text),
    uri: fields.optional('uri', text),
    bytes: fields.get('bytes', integer(0)),
    sha256: fields.get('sha256', hash),
  }),
);

const bound = (fields: Fields) =>
  complete<Omit<Bound<'ridge'>, 'kind'>>({
    bound: fields.get('bound', finite(0)),
    gap: fields.get('gap', number),
    exact: fields.get('exact', flag),
    meaning: fields.get('meaning', text),
  });

const optimum = variant<'kind', Optimum>('kind', {
  'eckart-young': (fields) => ({ kind: 'eckart-young', ...bound(fields) }),
  ridge: (fields) => ({ kind: 'ridge', ...bound(fields) }),
  'lower-bound': (fields) => ({ kind: 'lower-bound', ...bound(fields) }),
  none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
});

const extremes = (fields: Fields) =>
  complete<Omit<Extremes<'saddle'>, 'kind'>>({
    smallest: fields.get('smallest', finite()),
    largest: fields.get('largest', finite()),
    resolution: fields.get('resolution', finite(0)),
    meaning: fields.get('meaning', text),
  });

const curvature = variant<'kind', Curvature>('kind', {
  minimum: (fields) => ({ kind: 'minimum', ...extremes(fields) }),
  saddle: (fields) => ({ kind: 'saddle', ...extremes(fields) }),
  undecided: (fields) => ({ kind: 'undecided', ...extremes(fields) }),
  none: (fields) => ({ kind: 'none', reason: fields.get('reason', text) }),
});

const restartSpread = object((fields) =>
  complete<RestartSpread>({
    best: fields.get('best', finite()),
    median: fields.get('median', finite()),
    worst: fields.get('worst', finite()),
    relative: fields.get('relative', number),
    componentSimilarity: fields.optional('componentSimilarity', listOf(finite(0))),
    spaceSimilarity: fields.optional('spaceSimilarity', finite(0)),
  }),
);

const rankPoint = object((fields) =>
  complete<RankPoint>({
    rank: fields.get('rank', integer(1)),
    error: fields.get('error', number),
    standardError: fields.get('standardError', number),
  }),
);

const heldOut = object((fields) =>
  complete<HeldOutFit>({
    rmse: fields.get('rmse', number),
    mae: fields.get('mae', number),
    entries: fields.get('entries', integer(1)),
  }),
);

const imageOptions = variant<'as', ImageOptions>('as', {
  gray: () => ({ as: 'gray' }),
  channels: () => ({ as: 'channels' }),
  patches: (fields) =>
    complete<Extract<ImageOptions, { as: 'patches' }>>({
      as: 'patches',
      size: fields.get('size', integer(1)),
      stride: fields.optional('stride', integer(1)),
    }),
});

const textOptions = object((fields) =>
  complete<TextOptions>({
    from: fields.optional('from', text),
    minimum: fields.get('minimum', finite(0)),
    maximum: fields.get('maximum', finite(0)),
    stopWords: fields.get('stopWords', oneOf('auto', 'none', 'en', 'de', 'fr', 'es')),
    vocabulary: fields.optional('vocabulary', listOf(text)),
  }),
);

const drawing = object((fields) =>
  complete<Drawing>({
    width: fields.get('width', integer(1)),
    height: fields.get('height', integer(1)),
    channels: fields.get('channels', oneOf(1, 3)),
  }),
);

const reading = variant<'kind', ReadReport>('kind', {
  table: (fields) =>
    complete<Extract<ReadReport, { kind: 'table' }>>({
      kind: 'table',
      delimiter: fields.get('delimiter', text),
      encoding: fields.get('encoding', text),
      decimal: fields.get('decimal', oneOf('.', ',')),
      header: fields.get('header', flag),
      features: fields.get('features', listOf(text)),
      label: fields.optional('label', text),
      leftOut: fields.get(
        'leftOut',
        listOf(object((column) => ({ column: column.get('column', text), reason: column.get('reason', text) }))),
      ),
    }),
  long: (fields) =>
    complete<Extract<ReadReport, { kind: 'long' }>>({
      kind: 'long',
      delimiter: fields.get('delimiter', text),
      encoding: fields.get('encoding', text),
      decimal: fields.get('decimal', oneOf('.', ',')),
      header: fields.get('header', flag),
      row: fields.get('row', text),
      column: fields.get('column', text),
      value: fields.get('value', text),
      weight: fields.optional('weight', text),
      leftOut: fields.get('leftOut', listOf(text)),
    }),
  image: (fields) =>
    complete<Extract<ReadReport, { kind: 'image' }>>({
      kind: 'image',
      format: fields.get('format', text),
      width: fields.get('width', integer(1)),
      height: fields.get('height', integer(1)),
      bands: fields.get('bands', integer(1)),
      bits: fields.get('bits', integer(1)),
      as: fields.optional('as', imageOptions),
    }),
  text: (fields) =>
    complete<Extract<ReadReport, { kind: 'text' }>>({
      kind: 'text',
      options: fields.get('options', textOptions),
      language: fields.optional('language', text),
      distinct: fields.get('distinct', integer(1)),
    }),
  images: (fields) => ({
    kind: 'images',
    as: fields.get('as', imageOptions),
    count: fields.get('count', integer(1)),
    width: fields.get('width', integer(1)),
    height: fields.get('height', integer(1)),
  }),
});

const loss = variant<'kind', Loss>('kind', {
  squared: () => ({ kind: 'squared' }),
  absolute: () => ({ kind: 'absolute' }),
  huber: (fields) => ({ kind: 'huber', delta: fields.get('delta', finite(0)) }),
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

const constraint = variant<'kind', Constraint>('kind', {
  none: () => ({ kind: 'none' }),
  'non-negative': () => ({ kind: 'non-negative' }),
  box: (fields) => ({ kind: 'box', least: fields.get('least', finite()), most: fields.get('most', finite()) }),
  'unit-norm': () => ({ kind: 'unit-norm' }),
  simplex: () => ({ kind: 'simplex' }),
});

const axis = oneOf<Axis>('rows', 'columns');

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

const step = variant<'kind', StepDescription>('kind', {
  log1p: () => ({ kind: 'log1p' }),
  shift: (fields) => ({
    kind: 'shift',
    axis: fields.get('axis', oneOf<Axis | 'global'>('rows', 'columns', 'global')),
    statistic: fields.get('statistic', oneOf('mean', 'least')),
  }),
  scale: (fields) => ({
    kind: 'scale',
    axis: fields.get('axis', axis),
    statistic: fields.get('statistic', oneOf('deviation', 'range', 'norm', 'inverse-idf')),
  }),
});

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
  adam: (fields) => ({ id: 'adam', rate: fields.get('rate', finite(0)) }),
  momentum: (fields) => ({
    id: 'momentum',
    rate: fields.get('rate', finite(0)),
    momentum: fields.get('momentum', finite(0)),
  }),
});

const bothFactors = <T>(check: Check<T>) =>
  object((fields) => ({ W: fields.get('W', check), H: fields.get('H', check) }));

const settings = object((fields) =>
  complete<FactorizationSettings>({
    model: fields.object('model', (model) =>
      complete<FactorizationSettings['model']>({
        loss: model.get('loss', loss),
        penalties: model.get('penalties', bothFactors(penalty)),
        constraints: model.get('constraints', bothFactors(constraint)),
        biases: model.optional(
          'biases',
          object((biases) => ({ l2: biases.get('l2', finite(0)) })),
        ),
      }),
    ),
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
    holdout: fields.optional('holdout', finite(0)),
    rankSearch: fields.optional('rankSearch', rankSearch),
  }),
);

const rankSearch = object((fields) =>
  complete<RankSearch>({
    folds: fields.get('folds', integer(1)),
    fraction: fields.get('fraction', finite(0)),
    most: fields.get('most', integer(1)),
  }),
);
