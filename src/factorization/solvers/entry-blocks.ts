import type { SparseObservations } from '../observations';

/**
 * Lines (rows of X, or columns) whose observed entries fill one rectangle: a line of it holds a line's entries, padded to
 * the longest.
 */
export interface EntryBlock {
  /** Which lines, `lines.length` of them. */
  lines: Uint32Array;
  /** Entries of the longest line. */
  width: number;
  /** lines×width: the entry's place along the line, or the length of a line for padding. */
  places: Uint32Array;
  /** lines×width: x less the mean; 0 for padding. */
  values: Float32Array;
  /** lines×width; absent where all entries count 1. */
  weights?: Float32Array;
}

/** Entries of a block, at most, unless one line alone has more. */
const mostEntries = 1 << 18;

/** Lines of different lengths share a block while no more than this part of it is padding … */
const mostPadding = 0.2;
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

  const starts = new Uint32Array(count + 1);
  for (const line of lineOf) starts[line + 1] = (starts[line + 1] as number) + 1;
  for (let line = 0; line < count; line++) starts[line + 1] = (starts[line + 1] as number) + (starts[line] as number);
  const order = new Uint32Array(X.length);
  const next = starts.slice();
  lineOf.forEach((line, at) => {
    order[next[line] as number] = at;
    next[line] = (next[line] as number) + 1;
  });

  const lengthOf = (line: number): number => (starts[line + 1] as number) - (starts[line] as number);
  const byLength = Uint32Array.from({ length: count }, (_, line) => line).sort((a, b) => lengthOf(b) - lengthOf(a));
  return groupsOf(byLength, lengthOf).map((lines) => {
    const width = Math.max(1, lengthOf(lines[0] as number));
    const block = {
      lines,
      width,
      places: new Uint32Array(lines.length * width).fill(padding),
      values: new Float32Array(lines.length * width),
    };
    const blockWeights = weights && new Float32Array(lines.length * width);
    lines.forEach((line, i) => {
      for (let k = 0; k < lengthOf(line); k++) {
        const at = order[(starts[line] as number) + k] as number;
        block.places[i * width + k] = placeOf[at] as number;
        block.values[i * width + k] = (X[at] as number) - mean;
        if (weights && blockWeights) blockWeights[i * width + k] = weights[at] as number;
      }
    });
    return { ...block, ...(blockWeights && { weights: blockWeights }) };
  });
}

function groupsOf(byLength: Uint32Array, lengthOf: (line: number) => number): Uint32Array[] {
  const groups: Uint32Array[] = [];
  let start = 0;
  let entries = 0;
  for (let at = 0; at < byLength.length; at++) {
    const length = lengthOf(byLength[at] as number);
    const width = Math.max(1, lengthOf(byLength[start] as number));
    const size = (at + 1 - start) * width;
    const wasteful = size > fewEntries && size - entries - length > mostPadding * size;
    if (at > start && (size > mostEntries || wasteful)) {
      groups.push(byLength.subarray(start, at));
      start = at;
      entries = 0;
    }
    entries += length;
  }
  if (start < byLength.length) groups.push(byLength.subarray(start));
  return groups;
}
