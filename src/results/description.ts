import { deviceChoices, deviceIds } from '../model/run';
import type { Biases } from '../factorization/factors';
import type { Drawing, SourceIdentity } from '../data/dataset';
import type { Factorization } from '../factorization/result';
import type { RestartReport } from '../factorization/runs/trace';
import { stopReasons } from '../model/stopping';
import type { PreparationStep, Axis } from '../model/preparation';
import { resultLimits } from '../model/result-limits';
import {
  type DistributiveOmit,
  consensusOf,
  curvature,
  foretelling,
  heldOut,
  optimum,
  rankPoint,
  restartSpread,
  scree,
  type ConsensusDescription,
} from './description/diagnostics';
import { advice, reading } from './description/reading';
import { axis, seed, settings } from './description/settings';
import {
  complete,
  dictionaryOf,
  FieldError,
  finite,
  integer,
  listOf,
  number,
  object,
  oneOf,
  text,
  texts,
  variant,
  type Check,
  type Fields,
} from './schema';

/** A restart but for its trace, which is stored as arrays. */
type RestartDescription = Omit<RestartReport, 'trace'>;

/** A step of the preparation but for its numbers, which are stored as an array. */
export type StepDescription = DistributiveOmit<PreparationStep, 'by'>;

/** What `factorlens.json` holds of a factorization: all but its arrays. */
export type FactorizationDescription = Omit<
  Factorization,
  'W' | 'H' | 'restarts' | 'biases' | 'preparation' | 'consensus'
> & {
  restarts: RestartDescription[];
  biases?: Pick<Biases, 'mean'>;
  preparation?: StepDescription[];
  consensus?: ConsensusDescription;
};

/**
 * Reads and verifies a factorization's description.
 * @throws FieldError naming the first field that is absent or not what it must be
 */
export function readDescription(fields: Fields): FactorizationDescription {
  const rows = fields.get('rows', integer(1));
  const columns = fields.get('columns', integer(1));
  const rank = fields.get('rank', integer(1));
  const restarts = fields.get('restarts', listOf(restart, undefined, resultLimits.restarts));
  if (restarts.length === 0) {
    throw new FieldError('restarts', 'a list of at least one');
  }
  return complete<FactorizationDescription>({
    rows,
    columns,
    rank,
    rowLabels: fields.optional('rowLabels', texts(rows)),
    columnLabels: fields.optional('columnLabels', texts(columns)),
    drawing: fields.optional('drawing', drawing),
    source: fields.get('source', source),
    weights: fields.optional('weights', source),
    reading: fields.get('reading', reading),
    settings: fields.get('settings', settings),
    preparation: fields.optional('preparation', remarks(step)),
    device: fields.object('device', (device) =>
      complete<Factorization['device']>({
        requested: device.get('requested', oneOf(...deviceChoices)),
        used: device.get('used', oneOf(...deviceIds)),
        reason: device.get('reason', text),
        placement: device.optional('placement', remarks(placement)),
      }),
    ),
    precision: fields.get('precision', oneOf('float32', 'float64')),
    rankReason: fields.optional('rankReason', text),
    solverReason: fields.optional('solverReason', text),
    restartsAtOnce: fields.optional(
      'restartsAtOnce',
      object((together) => ({ size: together.get('size', integer(1)), reason: together.get('reason', text) })),
    ),
    biases: fields.optional(
      'biases',
      object((biases) => ({ mean: biases.get('mean', finite()) })),
    ),
    componentVariance: fields.optional('componentVariance', listOf(finite(), undefined, rank)),
    restarts,
    best: fields.get('best', integer(0, restarts.length - 1)),
    statistics: fields.object('statistics', (statistics) =>
      complete<Factorization['statistics']>({
        objective: statistics.get('objective', number),
        sse: statistics.get('sse', number),
        relativeError: statistics.get('relativeError', number),
        explainedVariance: statistics.optional('explainedVariance', number),
        observed: statistics.get('observed', integer(0)),
      }),
    ),
    optimum: fields.optional('optimum', optimum),
    curvature: fields.optional('curvature', curvature),
    restartSpread: fields.optional('restartSpread', restartSpread(rank)),
    consensus: fields.optional('consensus', consensusOf(rows)),
    scree: fields.optional('scree', scree(Math.min(rows, columns))),
    rankCurve: fields.optional('rankCurve', remarks(rankPoint)),
    foretelling: fields.optional('foretelling', foretelling),
    heldOut: fields.optional('heldOut', heldOut),
    timing: fields.object('timing', (timing) =>
      complete<Factorization['timing']>({
        start: timing.optional('start', finite(0)),
        queue: timing.optional('queue', finite(0)),
        read: timing.get('read', finite(0)),
        chooseRank: timing.optional('chooseRank', finite(0)),
        loadRuntime: timing.optional('loadRuntime', finite(0)),
        compile: timing.get('compile', finite(0)),
        iterate: timing.get('iterate', finite(0)),
        diagnose: timing.optional(
          'diagnose',
          object((diagnose) => ({
            consensus: diagnose.get('consensus', finite(0)),
            bound: diagnose.get('bound', finite(0)),
            curvature: diagnose.get('curvature', finite(0)),
          })),
        ),
        use: timing.optional('use', finite(0)),
        write: timing.optional('write', finite(0)),
        total: timing.get('total', finite(0)),
      }),
    ),
    warnings: fields.get('warnings', remarks(text)),
    advice: fields.optional('advice', remarks(advice)),
    versions: fields.get('versions', dictionaryOf(text, resultLimits.names)),
  });
}

function remarks<T>(check: Check<T>): Check<T[]> {
  return listOf(check, undefined, resultLimits.remarks);
}

const placement = object((fields) =>
  complete<NonNullable<Factorization['device']['placement']>[number]>({
    operation: fields.get('operation', text),
    device: fields.get('device', text),
    count: fields.get('count', integer(1)),
  }),
);

const restart = object((fields) =>
  complete<RestartDescription>({
    seed: fields.get('seed', seed),
    objective: fields.get('objective', number),
    iterations: fields.get('iterations', integer(0)),
    stopReason: fields.get('stopReason', oneOf(...stopReasons)),
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

const drawing = object((fields) =>
  complete<Drawing>({
    width: fields.get('width', integer(1)),
    height: fields.get('height', integer(1)),
    channels: fields.get('channels', oneOf(1, 3)),
  }),
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
