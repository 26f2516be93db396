import { parseArgs } from 'node:util';
import type { TableOptions } from '../data/dataset';
import type { Diagnose } from '../factorization/diagnostics/diagnostics';
import type { FactorizationSettings } from '../model/settings';
import { defaultsOf, type Fields, type Value } from '../model/fields';
import { mayChooseRidge } from '../model/model';
import type { RunSettings } from '../model/run';
import { sharedOptions } from '../model/solvers';
import type { Stopping } from '../model/stopping';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { UsageError } from './errors';
import { lossOptions, modelFrom, penaltyOptions, presetFrom, solverFrom } from './method';
import { defaultPreparationFor } from '../model/preparation';
import { preparationFrom } from './preparation';
import { readingFrom } from './reading';
import type { Selection } from './selection';
import { selectionFrom } from './selection';
import { suggest } from './suggest';
import type { AskedUse } from './uses';
import { matrixFile, usesFrom } from './uses';
import { choice, valueOf, type Given } from './values';

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

/** Options that say what is minimised and how, and others that stand for one field: each takes a text, as its records have it. */
export function modelOptions(words: Vocabulary): string[] {
  return [
    ...['preset', 'loss', 'nonnegative', 'constrain', 'solver', 'init', 'center', 'scale'],
    ...lossOptions(words.losses).map(({ name }) => name),
    ...penaltyOptions(words).map(([name]) => name),
    ...sharedOptions(words.solvers).map(({ name }) => name),
    ...[words.stopping, words.run].flatMap((fields) =>
      Object.values(fields).flatMap(({ option }) => (option ? [option.name] : [])),
    ),
  ];
}

const otherOptions = {
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
export function parseCommandLine(args: readonly string[], words: Vocabulary = vocabulary): Command {
  const { values, given, positionals, tokens } = parse(bindNegativeNumbers(args), words);
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
  const preset = presetFrom(given['preset'], words);
  const selection = selectionFrom(given, words);
  const model = modelFrom(given, words);
  const preparation = preparationFrom(
    given,
    preset?.preparation ?? defaultPreparationFor(table.image?.as, model, words),
    words,
  );
  return {
    kind: 'run',
    file,
    settings: {
      model,
      // Where entries are missing; a penalty that is given, be it 0, is meant as it is.
      ...(!penaltyOptions(words).some(([option]) => given[option] !== undefined) &&
        values.weights === undefined &&
        mayChooseRidge(model) &&
        preset?.solver === undefined && { ridge: 'held-out' as const }),
      solver: solverFrom(given, preset, words),
      ...(preparation && { preparation }),
      stopping: fieldsFrom(words.stopping, given) as Stopping,
      ...(fieldsFrom(words.run, given, Object.keys(selection.settings)) as Omit<RunSettings, 'rank'>),
      ...selection.settings,
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

/** The values of fields that stand for themselves, each as it is given or by default; absent where it may be and is not given. */
function fieldsFrom(fields: Fields, given: Given, settled: readonly string[] = []): Record<string, Value> {
  const values: Record<string, Value> = { ...defaultsOf(fields) };
  for (const [name, field] of Object.entries(fields)) {
    const text = field.option && given[field.option.name];
    if (settled.includes(name)) delete values[name];
    else if (field.option && text !== undefined) values[name] = valueOf(field, field.option.name, text);
  }
  return values;
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

function parse(args: string[], words: Vocabulary) {
  const named = modelOptions(words);
  const options = { ...Object.fromEntries(named.map((name) => [name, { type: 'string' }] as const)), ...otherOptions };
  try {
    const { values, ...rest } = parseArgs({ args, options, strict: true, allowPositionals: true, tokens: true });
    const texts: Readonly<Record<string, unknown>> = values;
    const given: Given = Object.fromEntries(
      named.flatMap((name) => (typeof texts[name] === 'string' ? [[name, texts[name]]] : [])),
    );
    return { values, given, ...rest };
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
