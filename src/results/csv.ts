import { unparse } from 'papaparse';
import type { Factorization } from '../factorization/result';

/**
 * W and H as comma-separated texts in UTF-8 (RFC 4180: CRLF, quotation marks doubled). W has a line a row of the data and a
 * column a component; H has a line a component and a column a column of the data. The first line and the first column
 * hold labels; rows and columns without names are numbered from 1. Numbers are the shortest decimals that read back
 * as the same float32; of a matrix in float64, as the same to 15 digits.
 *
 * A label that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, tab or carriage return, and
 * is not a number) gets an apostrophe in front, as OWASP advises: labels come from files, which may come from strangers.
 */
export function encodeFactorsCsv(factorization: Factorization): { W: Uint8Array; H: Uint8Array } {
  const { rows, columns, rank, W, H, rowLabels, columnLabels } = factorization;
  const components = Array.from({ length: rank }, (_, index) => `component ${index + 1}`);
  return {
    W: matrixToCsv('row', rowLabels ?? numbers(rows), components, W),
    H: matrixToCsv('component', components, columnLabels ?? numbers(columns), H),
  };
}

/** A matrix as such a text, with the names of what its rows are in the corner. NaN becomes an empty cell. */
export function matrixToCsv(
  corner: string,
  rowLabels: readonly string[],
  columnLabels: readonly string[],
  values: Float32Array | Float64Array,
): Uint8Array {
  const shortest = values instanceof Float64Array ? shortestFloat64 : shortestFloat32;
  const width = columnLabels.length;
  const lines: string[][] = [[corner, ...columnLabels.map(harmless)]];
  rowLabels.forEach((label, row) => {
    const line = [harmless(label)];
    for (const value of values.subarray(row * width, (row + 1) * width)) {
      line.push(Number.isNaN(value) ? '' : shortest(value));
    }
    lines.push(line);
  });
  return new TextEncoder().encode(`${unparse(lines)}\r\n`);
}

/** Names for what has none: 1, 2, 3 … */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1));
}

function harmless(label: string): string {
  return /^[=+\-@\t\r]/.test(label) && Number.isNaN(Number(label)) ? `'${label}` : label;
}

/** With 15 digits, which every decimal of a file keeps in float64: further ones would be those of rounding. */
const shortestFloat64 = (value: number): string =>
  Math.fround(value) === value ? shortestFloat32(value) : String(Number(value.toPrecision(15)));

const smallestNormal = 2 ** -126;

/** The shortest decimal that reads back as the same float32; 9 digits always do. */
export function shortestFloat32(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e7) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  // Up to 6 digits any decimal survives being a float32, so fewer show as zeros at the end; subnormals hold less.
  for (let digits = Math.abs(value) < smallestNormal ? 1 : 6; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) {
      return String(decimal);
    }
  }
  return String(Number(value.toPrecision(9)));
}
