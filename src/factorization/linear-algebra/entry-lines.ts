import { forEachObserved, type Observations } from '../observations';

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
