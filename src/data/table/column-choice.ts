import { ColumnFinder, quote } from './columns';
import { DataError, type TableOptions } from '../dataset';
import { isInfinite, isMissing, parsePlain } from './number';
import { Column, numberIn, type Reading } from './column';
import { boundIn, cellKind, looksLikeNumber, notationOf, type Notation } from './notation';
import { AxisSign } from './signs';

/** What each column of a table is at first sight. */
export interface ColumnChoice {
  candidates: Column[];
  /** Why the others are left out, by index. */
  leftOut: Map<number, string>;
  /** Index of the column that names the rows. */
  label: number | undefined;
}

/** What is known of a table from its first rows. */
interface Beginning {
  /** File name, for messages. */
  file: string;
  names: readonly string[];
  reading: Reading;
  /** The first column is there to name the rows. */
  rowNames: boolean;
  /** The first rows, without the header. */
  body: readonly string[][];
}

/**
 * Sorts the columns into candidates, left out and label, by the first rows and the user's choices. A choice is a column's
 * name or number, a pattern (`pixel_*`, `?` for one character), or a kind: `type:number`, `type:text`. What is asked for
 * by name is taken whatever it looks like; what a pattern or a kind finds only if it holds numbers that are no identifiers.
 * @throws DataError for choices that nothing fits, or that contradict each other
 */
export function chooseColumns(beginning: Beginning, options: TableOptions): ColumnChoice {
  const { file, names, reading, rowNames, body } = beginning;
  const kinds = names.map((_, index) => kindOf(body, index, reading));
  const texts = kinds.map((kind) => ('example' in kind ? kind : undefined));
  const finder = new ColumnFinder(names, file);
  const find = (wanted: string): Found => findColumns(wanted, finder, beginning, texts);
  const { columns } = options;
  const chosen =
    columns === undefined
      ? undefined
      : options.exact === true
        ? new Map(finder.findExactly(columns).map((index) => [index, true]))
        : merged(columns.map(find));
  const excluded = merged((options.exclude ?? []).map(find));
  const wantedLabel = options.label === undefined ? undefined : finder.find(options.label);
  const leftOut = new Map<number, string>();
  const candidates: Column[] = [];
  const labels: { index: number; distinct: boolean }[] = [];
  // Names of rows that only count them say less than a text that tells the rows apart.
  const named =
    rowNames && chosen?.get(0) !== true && !(texts[0] === undefined && texts.some((text) => text?.distinct));
  const rowLabel = named && !excluded.has(0) ? 0 : undefined;
  names.forEach((name, index) => {
    const byName =
      chosen?.get(index) ?? (options.everyNumber === true && texts[index] === undefined ? true : undefined);
    if (byName === true && (excluded.get(index) === true || index === wantedLabel)) {
      const other = index === wantedLabel ? 'the row label' : 'excluded';
      throw new DataError(`${file}: column ${quote(name)} is both chosen and ${other}; ask for one of the two.`);
    }
    if (index === wantedLabel || (index === rowLabel && wantedLabel === undefined)) {
      return;
    }
    // A name says more than a pattern, whichever of the two takes the column in.
    if (excluded.has(index) && byName !== true) {
      leftOut.set(index, 'excluded as asked');
      return;
    }
    const text = byName === true ? undefined : texts[index];
    if (text !== undefined) {
      leftOut.set(index, `text, such as ${quote(text.example)}`);
      if (text.names) labels.push({ index, distinct: text.distinct });
    } else if (chosen !== undefined && byName === undefined) {
      leftOut.set(index, 'not among the chosen columns');
    } else {
      const notation = (kinds[index] as Notation | undefined) ?? { kind: 'plain' };
      // Along the first column the others may be measured.
      const axis = candidates.length === 0 && chosen === undefined ? new AxisSign() : undefined;
      candidates.push(
        new Column(index, name, byName === true, 'example' in notation ? { kind: 'plain' } : notation, reading, axis),
      );
    }
  });
  const label = wantedLabel ?? rowLabel ?? (labels.find((text) => text.distinct) ?? labels[0])?.index;
  if (label !== undefined) {
    leftOut.delete(label);
  }
  return { candidates, leftOut, label };
}

/** Columns by index, each with whether its very name was given. */
type Found = ReadonlyMap<number, boolean>;

function merged(found: readonly Found[]): Map<number, boolean> {
  const result = new Map<number, boolean>();
  for (const [index, byName] of found.flatMap((columns) => [...columns])) {
    result.set(index, byName || result.get(index) === true);
  }
  return result;
}

function findColumns(
  wanted: string,
  finder: ColumnFinder,
  { names, file }: Beginning,
  texts: readonly (Text | undefined)[],
): Found {
  const kind = /^type:(.*)$/i.exec(wanted)?.[1]?.toLowerCase();
  const pattern = /[*?]/.test(wanted) ? globPattern(wanted) : undefined;
  if (finder.has(wanted) || (kind === undefined && pattern === undefined)) {
    return new Map([[finder.find(wanted), true]]);
  }
  if (kind !== undefined && kind !== 'number' && kind !== 'text') {
    throw new DataError(`${file}: ${quote(wanted)} is no kind of column; write type:number or type:text.`);
  }
  const fits = (name: string, index: number): boolean =>
    kind === undefined ? pattern?.test(name) === true : (kind === 'text') === (texts[index] !== undefined);
  const indices = names.flatMap((name, index) => (fits(name, index) ? [index] : []));
  if (indices.length === 0) {
    throw new DataError(
      `${file}: no column fits ${quote(wanted)}; the first columns are ${names.slice(0, 5).map(quote).join(', ')}.`,
    );
  }
  return new Map(indices.map((index) => [index, false]));
}

/** `*` for any characters, `?` for one; capitals and small letters are alike. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'isu');
}

interface Text {
  example: string;
  /** Whether most of the texts differ, as names do. */
  distinct: boolean;
  /** Whether they may name rows: numbers in a way of writing that is not understood are left out, and name nothing. */
  names: boolean;
}

/** What a column looks like in the first rows: text, or how its numbers are written. */
function kindOf(body: readonly string[][], index: number, { decimal, missing }: Reading): Text | Notation {
  // Nearly every cell is a plain number, which says all that there is to say of it; the others are looked at closely.
  const others: string[] = [];
  let plain = 0;
  let zeros = 0;
  for (const row of body) {
    const cell = (row[index] ?? '').trim();
    if (missing.includes(cell)) continue;
    if (!Number.isNaN(parsePlain(cell, decimal))) {
      plain++;
      if (cell === '0') zeros++;
    } else if (!isMissing(cell)) others.push(cell);
  }
  const notation: Notation =
    plain > zeros ? { kind: 'plain' } : notationOf(zeros > 0 ? ['0', ...others] : others, decimal);
  if (notation.kind !== 'plain') return notation;
  const texts = others.filter((cell) => isText(cell, decimal));
  const [example] = texts;
  const marks = others.filter((cell) => cellKind(cell, decimal) === 'missing').length;
  const numbers = plain + others.length - texts.length - marks;
  // A column with some numbers is one of numbers until the whole of it is known, unless most of it is text.
  if (example === undefined || texts.length <= numbers) return notation;
  return {
    example,
    distinct: new Set(texts).size > 0.5 * texts.length,
    names: !texts.every(looksLikeNumber),
  };
}

/** Whether a cell is text in a column without a notation of its own: a unit that others lack makes text of a number. */
function isText(cell: string, decimal: Reading['decimal']): boolean {
  const kind = cellKind(cell, decimal);
  if (kind !== 'number') return kind === 'text';
  return Number.isNaN(numberIn(cell, decimal)) && !isInfinite(cell) && boundIn(cell, decimal) === undefined;
}
