import { defaultText } from '../data/text/options';
import { combinationsOf } from '../model/constraints';
import { namesOf, type Field, type OptionWords } from '../model/fields';
import { centring, noPreparation, scalingOption } from '../model/preparation';
import { run } from '../model/run';
import { automatic, sharedOptions, solverIdsOf, type SharedOption } from '../model/solvers';
import { namedStartsOf } from '../model/starts';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { constraintForms } from './constraint';
import { either } from './method';

/** The column in which an option is explained, and the one in which lines end at the latest. */
const [textColumn, lastColumn] = [23, 104];

/** An option's lines. */
function entry(name: string, value: string, text: string): string {
  const head = `  --${name} ${value}`.padEnd(textColumn);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textColumn + line.length + 1 + word.length > lastColumn) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((part, at) => `${at === 0 ? head : ' '.repeat(textColumn)}${part}\n`).join('');
}

/** The option of a field. */
function fieldEntry(field: Field, owners = ''): string {
  return field.option ? optionEntry(field.option, field, owners) : '';
}

function optionEntry({ name, value, help }: OptionWords, field: Field, owners: string): string {
  const names = field.kind === 'choice' ? namesOf(field).join(', ') : '';
  const standard = field.kind === 'mark' ? '' : String(field.default);
  return entry(
    name,
    value,
    help.replaceAll('{names}', names).replaceAll('{default}', standard).replaceAll('{owners}', owners),
  );
}

const entriesOf = (fields: Readonly<Record<string, Field>>, but: readonly string[] = []): string =>
  Object.entries(fields)
    .map(([name, field]) => (but.includes(name) ? '' : fieldEntry(field)))
    .join('');

/** An option that several solvers may have, with the default of each of them where it is a number. */
function sharedEntry({ owners }: SharedOption): string {
  const [first] = owners;
  const named = owners.map(({ id, field }) => (field.kind === 'number' ? `${id} (${field.default})` : id));
  return first ? fieldEntry(first.field, either(named)) : '';
}

const list = (names: readonly string[]): string => names.join(', ');

function objective({ losses, presets, penalties, constraints }: Vocabulary): string {
  return [
    'Objective: Σ(X−WH)² + λW·ΣW² + λH·ΣH² + μW·Σ|W| + μH·Σ|H| over the observed entries\n',
    fieldEntry(run.rank),
    entry('preset', 'NAME', `a model by name, to which the options below are changes: ${list(Object.keys(presets))}`),
    entry('loss', 'NAME', `instead of the square: ${list(Object.keys(losses))}`),
    ...Object.values(losses).map(({ options }) => entriesOf(options ?? {})),
    entry(
      'constrain',
      'CW,CH',
      `what the factors' entries may be; one name stands for both (none): ${list([...constraintForms(constraints), ...combinationsOf(constraints)])} ` +
        '(components at most 1 long: unit-ball; of length 1: unit-norm; rows with sum 1: simplex)',
    ),
    entry('nonnegative', 'WHICH', 'the same for signs alone: none, W, H or both (none)'),
    ...Object.values(penalties).map(({ weight }) => fieldEntry(weight)),
  ].join('');
}

const preparation = ({ scalings }: Vocabulary): string =>
  [
    'Preparation, undone in reconstructions\n',
    fieldEntry(centring),
    entry(
      scalingOption.name,
      scalingOption.value,
      scalingOption.help.replace('{names}', list(Object.keys(scalings))).replace('{default}', noPreparation.scale.kind),
    ),
  ].join('');

const solver = ({ solvers, starts, stopping, run: settings }: Vocabulary): string =>
  [
    'Solver\n',
    entry('solver', 'NAME', `${list(solverIdsOf(solvers))} (${automatic.id}: ${automatic.help})`),
    ...sharedOptions(solvers).map(sharedEntry),
    entry('init', 'NAME', `where they begin: ${list(namedStartsOf(starts))}, or a .factors.npz file (random)`),
    entriesOf(stopping),
    entriesOf(settings, ['rank']),
    entry(
      'diagnose',
      'HOW',
      'what is found out about the result once its factors are written: none, full, or auto: what can be in as long as the run took (auto)',
    ),
  ].join('');

const top = `Usage: factorlens FILE [options]

Factorizes a table (CSV, TSV, …), an image or a folder of images, X ≈ W·H, and writes FILE.factors.npz,
which numpy.load and the Factorlens inspector open.
`;

const images = `Images, one or a folder of them (a row of the matrix each; of one size)
  --image NAME         gray, channels (red, green and blue side by side) or patches (gray)
  --patch P,STRIDE     patches of P×P pixels, in colour: every STRIDE pixels or, without it, anywhere,
                       at most 20000; their means are subtracted where the model allows

Text as a matrix of documents and terms: a .txt file, .jsonl, a table's column, a folder of .txt files
  --text WHAT          the column or field that holds the text, or lines: a document a line
  --min-df N           terms in fewer documents are left out; below 1 a part of them (${defaultText.minimum})
  --max-df N           terms in more documents are left out; up to 1 a part of them (${defaultText.maximum})
  --stop-words NAME    left out as well: auto (by language), none, en, de, fr, es (auto)
`;

const rest = `Table
  --columns A,B        only these columns; "…" around a name that holds a comma. Patterns such as
                       'pixel_*' and kinds (type:number, type:text) leave identifiers out, names do not
  --exclude C,D        all but these
  --label E            the column that names the rows
  --delimiter C        comma, semicolon, tab, space, bar or a character (guessed)
  --header WHICH       yes or no: whether the first row names the columns (guessed)
  --skip N             lines above the table that are no part of it (guessed)
  --missing A,B        cells that mean "not observed" besides the usual ones, such as -999
  --detection-limit W  what a cell such as <0.5 is: missing, or half of the limit (missing)
  --encoding NAME      of text that is not UTF-8, such as windows-1251 (guessed)
  --weights FILE       a weight for every entry (CSV or NumPy), at least 0; 0 means not observed
  --long U,I,R         each line is an entry: row U, column I, value R; a fourth column weighs it

Use of a result: of FILE's at once, or of a saved one, RESULT.factors.npz in place of FILE
  --fill OUT           the data with what is missing filled in, as .csv or .npy
  --reconstruct OUT    X̂ in the data's units; --components K of the K components that add most
  --anomalies OUT      the rows by their error, worst first
  --nearest ROW,N      the N rows nearest to a row, by label or number, in factor space
  --data FILE          the data of a saved result (found beside it under its name)
  --transform RESULT   W of FILE's rows with that result's H fixed; columns are matched by name,
                       and --out names the .csv or .npy file (FILE.W.csv)

Output
  --out FILE           where to write the factors (FILE.factors.npz beside the input)
  --json               one JSON object on standard output instead of a summary
  --trace              with --json: the objective along the best restart
  --quiet              neither progress nor summary
  -h, --help           this text
  --version            the version

Ctrl-C stops and writes what there is; a second Ctrl-C gives up and writes nothing more.
FACTORLENS_LOG=1 in the environment shows the worker's log on standard error.

Exit codes: 0 done; 1 a fault of Factorlens; 2 a wrong option or bad input, nothing written;
3 the computing process crashed; 130 interrupted (143 by SIGTERM).
`;

/** What `--help` prints. */
export const helpText = (words: Vocabulary = vocabulary): string =>
  [top, objective(words), images, preparation(words), solver(words), rest].join('\n');

export const help = helpText();
