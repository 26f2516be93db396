import { parseArgs } from 'node:util';
import type { TableOptions } from '../data/dataset';
import { deviceChoices } from '../factorization/devices';
import type { Diagnose } from '../factorization/diagnostics';
import type { FactorizationSettings } from '../factorization/settings';
import { mayChooseRidge } from '../model/model';
import { defaultStopping } from '../model/stopping';
import { UsageError } from './errors';
import { modelFrom, penaltyNames, presetFrom, solverFrom } from './method';
import { usualFor } from '../factorization/preparation/kinds';
import { preparationFrom } from './preparation';
import { readingFrom } from './reading';
import type { Selection } from './selection';
import { selectionFrom } from './selection';
import { suggest } from './suggest';
import type { AskedUse } from './uses';
import { matrixFile, usesFrom } from './uses';
import { choice, integer, number } from './values';

export interface RunCommand {
  kind: 'run';
  file: string;
  settings: FactorizationSettings;
  table: TableOptions;
  /** The file that weighs the entries. */
  weights?: string;
  /** The factors file to begin with. */
  init?: Selection['init'];
  /** What the result is used for at once. */
  uses: AskedUse[];
  /** As given; absent for the default beside the file. */
  out?: string;
  json: boolean;
  quiet: boolean;
  trace: boolean;
  diagnose: Diagnose;
}

/** Uses a result that is saved. */
export interface UseCommand {
  kind: 'use';
  /** The factors file. */
  result: string;
  /** The data, or the new rows; absent for what lies beside the result under its name. */
  data?: string;
  /** The weights of the data; absent for those that lie beside the result. */
  weights?: string;
  /** Whether the data are new rows. */
  transform: boolean;
  uses: AskedUse[];
  json: boolean;
  quiet: boolean;
}

export type Command = RunCommand | UseCommand | { kind: 'help' } | { kind: 'version' };

export const defaults = { rank: 10, restarts: 5, seed: 0, device: 'auto' } as const;

const options = {
  rank: { type: 'string' },
  preset: { type: 'string' },
  loss: { type: 'string' },
  delta: { type: 'string' },
  nonnegative: { type: 'string' },
  constrain: { type: 'string' },
  l1: { type: 'string' },
  l2: { type: 'string' },
  group: { type: 'string' },
  smooth: { type: 'string' },
  orthogonal: { type: 'string' },
  center: { type: 'string' },
  scale: { type: 'string' },
  solver: { type: 'string' },
  rate: { type: 'string' },
  schedule: { type: 'string' },
  step: { type: 'string' },
  restarts: { type: 'string' },
  iterations: { type: 'string' },
  tolerance: { type: 'string' },
  'time-limit': { type: 'string' },
  seed: { type: 'string' },
  init: { type: 'string' },
  holdout: { type: 'string' },
  device: { type: 'string' },
  columns: { type: 'string', multiple: true },
  exclude: { type: 'string', multiple: true },
  label: { type: 'string' },
  delimiter: { type: 'string' },
  header: { type: 'string' },
  skip: { type: 'string' },
  missing: { type: 'string', multiple: true },
  'detection-limit': { type: 'string' },
  encoding: { type: 'string' },
  long: { type: 'string' },
  image: { type: 'string' },
  patch: { type: 'string' },
  weights: { type: 'string' },
  text: { type: 'string' },
  'min-df': { type: 'string' },
  'max-df': { type: 'string' },
  'stop-words': { type: 'string' },
  transform: { type: 'string' },
  data: { type: 'string' },
  fill: { type: 'string' },
  reconstruct: { type: 'string' },
  components: { type: 'string' },
  anomalies: { type: 'string' },
  nearest: { type: 'string' },
  out: { type: 'string' },
  diagnose: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  trace: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Options that may be given several times. */
const repeatable: ReadonlySet<string> = new Set(['columns', 'exclude', 'missing']);

/**
 * Reads the arguments after the program's name.
 * @throws UsageError naming the option, what is wrong and what to write instead.
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals, tokens } = parse(bindNegativeNumbers(args));
  if (values.help) {
    return { kind: 'help' };
  }
  if (values.version) {
    return { kind: 'version' };
  }
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'option' && !repeatable.has(token.name)) {
      if (seen.has(token.name)) {
        throw new UsageError(`--${token.name} was given twice; give it once.`);
      }
      seen.add(token.name);
    }
  }
  const [file, ...more] = positionals;
  if (file === undefined || file === '') {
    throw new UsageError('Name the file to factorize: factorlens FILE [options]; --help lists the options.');
  }
  if (more.length > 0) {
    throw new UsageError(`One file at a time: "${file}" is followed by "${more.join('", "')}".`);
  }
  if (values.out === '') {
    throw new UsageError('--out wants the name of the file to write.');
  }
  const uses = usesFrom(values);
  if (values.transform !== undefined || /\.npz$/i.test(file)) {
    return useCommand(file, values, uses, seen);
  }
  if (values.data !== undefined) {
    throw new UsageError('--data names the data of a saved result; name that .factors.npz file in place of the data.');
  }
  if (values.weights === '') {
    throw new UsageError('--weights wants the name of the file with a weight for every entry.');
  }
  const table = readingFrom(values);
  const preset = presetFrom(values.preset);
  const selection = selectionFrom(values, defaults.rank);
  const model = modelFrom(values);
  const preparation = preparationFrom(values, preset?.preparation ?? usualFor(table.image?.as, model));
  return {
    kind: 'run',
    file,
    settings: {
      model,
      // Where entries are missing; a penalty that is given, be it 0, is meant as it is.
      ...(!penaltyNames.some((name) => values[name] !== undefined) &&
        values.weights === undefined &&
        mayChooseRidge(model) &&
        preset?.solver === undefined && { ridge: 'held-out' as const }),
      solver: solverFrom(values, preset),
      ...(preparation && { preparation }),
      stopping: {
        iterations: integer('iterations', values.iterations ?? `${defaultStopping.iterations}`, {
          minimum: 0,
          maximum: 1e8,
        }),
        tolerance: number('tolerance', values.tolerance ?? `${defaultStopping.tolerance}`, { minimum: 0, maximum: 1 }),
        ...(values['time-limit'] !== undefined && {
          seconds: number('time-limit', values['time-limit'], { minimum: 0, maximum: 1e9, above: true }),
        }),
      },
      ...selection.settings,
      restarts: integer('restarts', values.restarts ?? `${defaults.restarts}`, { minimum: 1, maximum: 1000 }),
      seed: integer('seed', values.seed ?? `${defaults.seed}`, { minimum: 0, maximum: 2 ** 32 - 1 }),
      device: choice('device', values.device ?? defaults.device, deviceChoices),
    },
    table,
    ...(values.weights !== undefined && { weights: values.weights }),
    ...(selection.init && { init: selection.init }),
    uses,
    ...(values.out !== undefined && { out: values.out }),
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    trace: values.trace ?? false,
    diagnose: choice('diagnose', values.diagnose ?? 'auto', ['none', 'auto', 'full']),
  };
}

/** The options that go with a saved result. */
const useOptions = [
  'transform',
  'data',
  'weights',
  'fill',
  'reconstruct',
  'components',
  'anomalies',
  'nearest',
  'json',
  'quiet',
];

function useCommand(
  file: string,
  { transform, data, weights, out, json = false, quiet = false }: ReturnType<typeof parse>['values'],
  uses: AskedUse[],
  given: ReadonlySet<string>,
): UseCommand {
  const foreign = [...given].find(
    (option) => !useOptions.includes(option) && !(option === 'out' && transform !== undefined),
  );
  if (foreign !== undefined) {
    const instead =
      foreign === 'out'
        ? '--fill, --reconstruct and --anomalies name their own files'
        : 'factorize the data anew with it';
    throw new UsageError(`--${foreign} does not go with a result that is saved already; ${instead}.`);
  }
  if (transform === undefined) {
    if (uses.length === 0) {
      throw new UsageError(
        `${file} is a result: say what to use it for, such as --fill OUT.csv, or NEW.csv --transform ${file}.`,
      );
    }
    return {
      kind: 'use',
      result: file,
      ...(data !== undefined && { data }),
      ...(weights !== undefined && { weights }),
      transform: false,
      uses,
      json,
      quiet,
    };
  }
  if (transform === '') {
    throw new UsageError('--transform wants the .factors.npz file whose H stays fixed.');
  }
  if (weights !== undefined) {
    throw new UsageError('--weights does not go with --transform: new rows count alike.');
  }
  if (uses.length > 0 || data !== undefined) {
    throw new UsageError(
      '--transform goes by itself: it is about new rows, and the other uses about those that the result came from.',
    );
  }
  const target = out === undefined ? `${file}.W.csv` : matrixFile('out', out);
  return {
    kind: 'use',
    result: transform,
    data: file,
    transform: true,
    uses: [{ use: { kind: 'transform' }, out: target }],
    json,
    quiet,
  };
}

/** `--rate -1` is a rate that is wrong, not an option called -1: bound together, it gets the error that says so. */
function bindNegativeNumbers(args: readonly string[]): string[] {
  const bound: string[] = [];
  for (const [index, arg] of args.entries()) {
    if (arg === '--') {
      return [...bound, ...args.slice(index)];
    }
    const last = bound.at(-1);
    if (/^-[\d.]/.test(arg) && last !== undefined && /^--[a-z0-9-]+$/.test(last)) {
      bound[bound.length - 1] = `${last}=${arg}`;
    } else {
      bound.push(arg);
    }
  }
  return bound;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true, tokens: true });
  } catch (error) {
    if (!(error instanceof TypeError) || !('code' in error)) {
      throw error;
    }
    const option = /'(?:-\w, )?(--?[^\s'=]+)/.exec(error.message)?.[1] ?? '';
    if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const meant = suggest(option.replace(/^-+/, ''), Object.keys(options));
      const hint = meant === undefined ? '--help lists them all.' : `Did you mean --${meant}?`;
      throw new UsageError(`There is no option ${option}. ${hint}`);
    }
    if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
      throw new UsageError(
        /does not take an argument/.test(error.message)
          ? `${option} takes no value.`
          : `${option} wants a value; --help says which.`,
      );
    }
    throw error;
  }
}
