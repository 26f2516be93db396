import { list, quote } from './columns';
import type { Column, Place } from './column';

/** Rows that are no part of the matrix, or lack something, with the number of the first. */
export interface Counted {
  count: number;
  first: number;
}

/** What the user should know of how a table's cells were understood, each a full sentence. */
export function remarksOn(features: readonly Column[]): string[] {
  return [
    ...understood(features),
    ...missingMarks(features),
    ...bounds(features),
    ...lost(features),
    ...grouped(features),
  ];
}

function understood(features: readonly Column[]): string[] {
  const remarks: string[] = [];
  const affixes = new Map<string, string[]>();
  const truths: string[] = [];
  for (const { notation, name } of features) {
    if (notation.kind === 'truth') truths.push(name);
    if (notation.kind === 'affix') {
      const { prefix, suffix } = notation;
      const shown = [prefix, suffix].filter((part) => part !== '').map((part) => quote(part));
      const key = shown.join(' and ');
      affixes.set(key, [...(affixes.get(key) ?? []), name]);
    }
  }
  for (const [affix, names] of affixes) {
    remarks.push(
      `${affix} ${affix.includes(' and ') ? 'were' : 'was'} taken off the numbers of ${columnsNamed(names)}.`,
    );
  }
  if (truths.length > 0) remarks.push(`True and false are 1 and 0 in ${columnsNamed(truths)}.`);
  const negated = earliest(features.map(({ firstNegated }) => firstNegated));
  if (negated !== undefined) {
    remarks.push(
      `Numbers in parentheses, with a minus behind them or with a typographic one are negative, the first being ${quote(negated.cell)} in line ${negated.line}.`,
    );
  }
  return remarks;
}

function missingMarks(features: readonly Column[]): string[] {
  const marks = new Map<string, { count: number; names: string[] }>();
  for (const column of features) {
    for (const [text, count] of column.marks() ?? []) {
      const known = marks.get(text) ?? { count: 0, names: [] };
      marks.set(text, { count: known.count + count, names: [...known.names, column.name] });
    }
  }
  return [...marks].map(
    ([text, { count, names }]) =>
      `${quote(text)} counts as missing: ${count === 1 ? '1 cell' : `${count} cells`} of ${columnsNamed(names)}.`,
  );
}

function bounds(features: readonly Column[]): string[] {
  const total = features.reduce((sum, column) => sum + column.bounds, 0);
  const first = earliest(features.map(({ firstBound }) => firstBound));
  if (first === undefined) return [];
  const cells = total === 1 ? '1 cell is a bound' : `${total} cells are bounds`;
  const half = features.some(({ halvesBounds }) => halvesBounds);
  return [
    `${cells}, the first being ${quote(first.cell)} in line ${first.line}: ${half ? 'half of what a number is below of was taken' : 'that counts as missing (--detection-limit half takes half of what a number is below of)'}.`,
  ];
}

function lost(features: readonly Column[]): string[] {
  const strays = features.filter((column) => column.marks() === undefined && column.strays > 0);
  const infinite = features.filter((column) => column.infinities > 0);
  return [
    ...lostCells(
      'not numbers',
      strays,
      (column) => column.strays,
      (column) => column.firstStray(),
    ),
    ...lostCells(
      'infinite or too large for float32',
      infinite,
      (column) => column.infinities,
      (column) => column.firstInfinity,
    ),
  ];
}

function lostCells(
  kind: string,
  columns: readonly Column[],
  count: (column: Column) => number,
  first: (column: Column) => Place | undefined,
): string[] {
  const [column] = columns;
  const place = column && first(column);
  if (column === undefined || place === undefined) return [];
  const total = columns.reduce((sum, one) => sum + count(one), 0);
  const cells = total === 1 ? `1 cell is ${kind} and counts` : `${total} cells are ${kind} and count`;
  return [
    `${cells} as missing, the first being ${quote(place.cell)} in line ${place.line}, column ${quote(column.name)}.`,
  ];
}

function grouped(features: readonly Column[]): string[] {
  const first = earliest(features.map(({ firstGrouped }) => firstGrouped));
  return first === undefined
    ? []
    : [`Thousands separators were removed from numbers, first from ${quote(first.cell)} in line ${first.line}.`];
}

function earliest(places: readonly (Place | undefined)[]): Place | undefined {
  return places.flatMap((place) => place ?? []).sort((a, b) => a.line - b.line)[0];
}

function columnsNamed(names: readonly string[]): string {
  return `${names.length === 1 ? 'column' : 'columns'} ${list(names)}`;
}
