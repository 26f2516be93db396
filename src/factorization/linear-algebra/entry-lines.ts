import { forEachObserved, type Observations, type SparseObservations } from '../observations';

/** Observed entries line by line, a line being a row or a column of X. */
export interface EntryLines {
  /** Entries of line i are `begins[i] … begins[i+1] − 1` of the lists below. */
  begins: Uint32Array;
  /** Where an entry lies along its line: a column of a row, a row of a column. */
  places: Uint32Array;
  /** Its place in the observations' X. */
  at: Uint32Array;
}

/** How many entries each row and each column has. */
export function entryCounts(observations: Observations): { rows: Uint32Array; columns: Uint32Array } {
  const rows = new Uint32Array(observations.rows);
  const columns = new Uint32Array(observations.columns);
  forEachObserved(observations, (_, row, column) => {
    rows[row] = rows[row]! + 1;
    columns[column] = columns[column]! + 1;
  });
  return { rows, columns };
}

/** @param wanted the lines whose entries are listed, the others then having none; all where absent */
export function linesOf(
  observations: Observations,
  axis: 'rows' | 'columns',
  counts: Uint32Array,
  wanted: (line: number) => boolean = () => true,
): EntryLines {
  const begins = new Uint32Array(counts.length + 1);
  counts.forEach((count, line) => (begins[line + 1] = begins[line]! + (wanted(line) ? count : 0)));
  const length = begins.at(-1)!;
  const places = new Uint32Array(length);
  const at = new Uint32Array(length);
  const next = begins.slice();
  forEachObserved(observations, (place, row, column) => {
    const [line, along] = axis === 'rows' ? [row, column] : [column, row];
    if (begins[line] === begins[line + 1]) return;
    const to = next[line]!;
    places[to] = along;
    at[to] = place;
    next[line] = to + 1;
  });
  return { begins, places, at };
}

/**
 * Lines (rows of X, or columns) whose observed entries fill one rectangle: a line of it holds a line's entries, padded to
 * the longest.
 */
export interface EntryBlock {
  /** Which lines, `lines.length` of them. Like places, whole numbers as the engine takes them. */
  lines: Float32Array;
  /** Entries of the longest line. */
  width: number;
  /** lines×width: the entry's place along the line, or the length of a line for padding. */
  places: Float32Array;
  /** lines×width: x less the mean; 0 for padding. */
  values: Float32Array;
  /** lines×width; absent where all entries count 1. */
  weights?: Float32Array;
}

/** Entries of a block, at most, unless one line alone has more. */
const maxEntries = 1 << 18;

/** Lines of different lengths share a block while no more than this part of it is padding … */
const maxPadding = 0.2;
/** … or while it has no more entries than this. */
const fewEntries = 1 << 12;

/**
 * Cuts the entries into blocks of lines of similar length, the longest lines first. Every line is in one block.
 *
 * @param side whether lines are the rows of X or its columns
 * @param mean what to subtract from every entry
 */
export function entryBlocks(observations: SparseObservations, side: 'rows' | 'columns', mean: number): EntryBlock[] {
  const { X, weights, places } = observations;
  const count = side === 'rows' ? observations.rows : observations.columns;
  const padding = side === 'rows' ? observations.columns : observations.rows;
  const lineOf = places[side];
  const placeOf = places[side === 'rows' ? 'columns' : 'rows'];

  const lengths = new Uint32Array(count);
  for (let at = 0; at < X.length; at++) lengths[lineOf[at]!]!++;
  const byLength = lengths.map((_, line) => line).sort((a, b) => lengths[b]! - lengths[a]!);
  /** Where each line's next entry goes: its block, and the place in it. */
  const blockOf = new Uint32Array(count);
  const next = new Uint32Array(count);
  const blocks = groupsOf(byLength, lengths).map((lines, k): EntryBlock => {
    const width = Math.max(1, lengths[lines[0]!]!);
    for (let i = 0; i < lines.length; i++) {
      blockOf[lines[i]!] = k;
      next[lines[i]!] = i * width;
    }
    const size = lines.length * width;
    return {
      lines: Float32Array.from(lines),
      width,
      places: new Float32Array(size).fill(padding),
      values: new Float32Array(size),
      ...(weights && { weights: new Float32Array(size) }),
    };
  });
  for (let at = 0; at < X.length; at++) {
    const line = lineOf[at]!;
    const block = blocks[blockOf[line]!]!;
    const to = next[line]!++;
    block.places[to] = placeOf[at]!;
    block.values[to] = X[at]! - mean;
    if (weights && block.weights) block.weights[to] = weights[at]!;
  }
  return blocks;
}

function groupsOf(byLength: Uint32Array, lengths: Uint32Array): Uint32Array[] {
  const groups: Uint32Array[] = [];
  let start = 0;
  let entries = 0;
  for (let at = 0; at < byLength.length; at++) {
    const length = lengths[byLength[at]!]!;
    const width = Math.max(1, lengths[byLength[start]!]!);
    const size = (at + 1 - start) * width;
    const wasteful = size > fewEntries && size - entries - length > maxPadding * size;
    if (at > start && (size > maxEntries || wasteful)) {
      groups.push(byLength.subarray(start, at));
      start = at;
      entries = 0;
    }
    entries += length;
  }
  if (start < byLength.length) groups.push(byLength.subarray(start));
  return groups;
}
