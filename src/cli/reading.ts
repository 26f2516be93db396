import type { ImageOptions, TextOptions, LongColumns } from '../data/reading-report';
import type { TableOptions } from '../data/dataset';
import { stopWordChoices, defaultText } from '../data/text/options';
import { namedDelimiters } from '../protocol/naming';
import { UsageError } from './errors';
import { choice, integer, names, number } from './values';

/** The options that say how a file is read, as they were written. */
export interface ReadingOptions {
  columns?: string[] | undefined;
  exclude?: string[] | undefined;
  label?: string | undefined;
  delimiter?: string | undefined;
  header?: string | undefined;
  skip?: string | undefined;
  missing?: string[] | undefined;
  'detection-limit'?: string | undefined;
  encoding?: string | undefined;
  long?: string | undefined;
  image?: string | undefined;
  patch?: string | undefined;
  text?: string | undefined;
  'min-df'?: string | undefined;
  'max-df'?: string | undefined;
  'stop-words'?: string | undefined;
}

/** @throws UsageError naming the option */
export function readingFrom(given: ReadingOptions): TableOptions {
  const { columns, exclude, label, long, image, patch } = given;
  const options: TableOptions = {};
  if (columns) {
    options.columns = columns.flatMap((text) => names('columns', text));
  }
  if (exclude) {
    options.exclude = exclude.flatMap((text) => names('exclude', text));
  }
  if (label !== undefined) {
    if (label === '') {
      throw new UsageError('--label wants the name of the column that names the rows.');
    }
    options.label = label;
  }
  if (long !== undefined) {
    options.long = longColumns(long);
    const other = Object.entries({ columns, exclude, label }).find(([, value]) => value !== undefined)?.[0];
    if (other !== undefined) {
      throw new UsageError(`--long names all columns that are read, so --${other} has nothing to say; leave one out.`);
    }
  }
  if (given.delimiter !== undefined) {
    options.delimiter = delimiterFrom(given.delimiter);
  }
  if (given.header !== undefined) {
    options.header = choice('header', given.header, ['yes', 'no']) === 'yes';
  }
  if (given.skip !== undefined) {
    options.skip = integer('skip', given.skip, { minimum: 0, maximum: 1e9 });
  }
  if (given.missing) {
    options.missing = given.missing.flatMap((text) => names('missing', text));
  }
  if (given['detection-limit'] !== undefined) {
    options.detectionLimit = choice('detection-limit', given['detection-limit'], ['missing', 'half']);
  }
  if (given.encoding !== undefined) {
    options.encoding = given.encoding;
  }
  const asked = imageFrom(image, patch);
  if (asked) {
    options.image = asked;
  }
  const text = textFrom(given);
  if (text) {
    options.text = text;
  }
  return options;
}

function delimiterFrom(text: string): string {
  const named = namedDelimiters[text.toLowerCase()] ?? (text === '\\t' ? '\t' : text);
  if (named.length !== 1 || /["\r\n]/.test(named)) {
    throw new UsageError(
      `--delimiter wants ${Object.keys(namedDelimiters).join(', ')} or one character that is no quotation mark, not "${text}".`,
    );
  }
  return named;
}

/** The name that says that a line is a document, of a file that has no columns. */
const everyLine = 'lines';

function textFrom(given: ReadingOptions): TextOptions | undefined {
  const { text, 'min-df': least, 'max-df': most, 'stop-words': stopWords } = given;
  if (text === undefined && least === undefined && most === undefined && stopWords === undefined) {
    return undefined;
  }
  if (text === '') {
    throw new UsageError(
      `--text wants the column or field that holds the text, or ${everyLine} for a document a line.`,
    );
  }
  const other = (['columns', 'exclude', 'label', 'long', 'image', 'patch'] as const).find(
    (option) => given[option] !== undefined,
  );
  if (other !== undefined) {
    throw new UsageError(`Text becomes a matrix of its terms, so --${other} has nothing to say; leave one out.`);
  }
  const range = { minimum: 0, maximum: 1e9 };
  return {
    ...(text !== undefined && text !== everyLine && { from: text }),
    minimum: least === undefined ? defaultText.minimum : number('min-df', least, range),
    maximum: most === undefined ? defaultText.maximum : number('max-df', most, { ...range, above: true }),
    stopWords: stopWords === undefined ? defaultText.stopWords : choice('stop-words', stopWords, stopWordChoices),
  };
}

const largestPatch = 256;

function imageFrom(image: string | undefined, patch: string | undefined): ImageOptions | undefined {
  const as = image === undefined ? undefined : choice('image', image, ['gray', 'channels', 'patches']);
  if (patch === undefined) {
    if (as === 'patches') {
      throw new UsageError('--image patches wants their size as well: --patch 8, or --patch 8,4 for every 4th place.');
    }
    return as && { as };
  }
  if (as !== undefined && as !== 'patches') {
    throw new UsageError(`--patch belongs to --image patches, not to ${as}.`);
  }
  const [size = '', stride, ...more] = patch.split(',');
  if (more.length > 0) {
    throw new UsageError(`--patch wants a size and perhaps a stride, such as 8 or 8,4, not "${patch}".`);
  }
  const range = { minimum: 1, maximum: largestPatch };
  return {
    as: 'patches',
    size: integer('patch', size, range),
    ...(stride !== undefined && { stride: integer('patch', stride, range) }),
  };
}

/** The columns that name an entry's row and column and hold its value, and perhaps its weight. */
function longColumns(text: string): LongColumns {
  const [row, column, value, weight, ...more] = names('long', text);
  if (row === undefined || column === undefined || value === undefined || more.length > 0) {
    throw new UsageError(
      `--long wants the names of three columns, such as user,item,rating, or four with that of a weight, not "${text}".`,
    );
  }
  return { row, column, value, ...(weight !== undefined && { weight }) };
}
