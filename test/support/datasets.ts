import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DenseDataset, SparseDataset } from '../../src/data/dataset';

/** The folder of real data, whichever folder the compiled test lies in. */
export const dataFolder = join(process.cwd(), 'test', 'data');

/** A dataset from numbers; NaN is a missing entry, and what lies under it is `underMissing`. */
export function datasetOf(rows: readonly (readonly number[])[], underMissing = 0): DenseDataset {
  const columns = rows[0]?.length ?? 0;
  const flat = rows.flat();
  const missing = flat.filter(Number.isNaN).length;
  return {
    rows: rows.length,
    columns,
    missing,
    source: { name: 'numbers', bytes: flat.length * 8, sha256: 'a'.repeat(64) },
    reading: {
      kind: 'table',
      delimiter: ',',
      encoding: 'utf-8',
      decimal: '.',
      header: false,
      features: [],
      leftOut: [],
    },
    warnings: [],
    *blocks() {
      // Two blocks where possible, so that nothing gets away with taking the first for the whole.
      const half = Math.ceil(rows.length / 2);
      for (const [start, end] of [
        [0, half],
        [half, rows.length],
      ] as const) {
        if (start === end) continue;
        const values = rows.slice(start, end).flat();
        yield {
          start,
          count: end - start,
          values: Float32Array.from(values, (value) => (Number.isNaN(value) ? underMissing : value)),
          ...(missing > 0 && { observed: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)) }),
        };
      }
    },
  };
}

/** The same with a weight for every entry. */
export function weightedDatasetOf(
  matrix: readonly (readonly number[])[],
  weightOf: (row: number, column: number) => number,
): DenseDataset {
  const dataset = datasetOf(matrix);
  const { columns } = dataset;
  return {
    ...dataset,
    async *blocks() {
      for await (const block of dataset.blocks()) {
        const weights = block.values.map((_, k) => weightOf(block.start + Math.floor(k / columns), k % columns));
        yield { ...block, weights };
      }
    },
  };
}

/** The same numbers as {@link datasetOf} has, by their observed entries alone; `weightOf` weighs the entry of a row and column. */
export function sparseDatasetOf(
  matrix: readonly (readonly number[])[],
  weightOf?: (row: number, column: number) => number,
): SparseDataset {
  const { rows, columns, missing, source, warnings } = datasetOf(matrix);
  const places = matrix.flatMap((row, i) => row.flatMap((x, j) => (Number.isNaN(x) ? [] : [[i, j, x] as const])));
  const report = { kind: 'long', delimiter: ',', encoding: 'utf-8', decimal: '.', header: true } as const;
  return {
    rows,
    columns,
    missing,
    source,
    warnings,
    reading: { ...report, row: 'user', column: 'item', value: 'rating', leftOut: [] },
    entries: {
      rows: Uint32Array.from(places, ([i]) => i),
      columns: Uint32Array.from(places, ([, j]) => j),
      values: Float32Array.from(places, ([, , x]) => x),
      ...(weightOf && { weights: Float32Array.from(places, ([i, j]) => weightOf(i, j)) }),
    },
  };
}

/** The 1797×64 grey values of digits.csv, read without the reader under test. */
export function digits(): number[][] {
  return readFileSync(join(dataFolder, 'digits.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(1).map(Number));
}

/** The 96×21 counts of mutations.tsv. */
export function mutations(): number[][] {
  return readFileSync(join(dataFolder, 'mutations.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').slice(1).map(Number));
}

interface Reference {
  sum_of_squares: number;
  singular_values: number[];
  ranks: Record<string, { eckart_young_sse: number; ridge_optimum: Record<string, number> }>;
}

/** Optima computed with LAPACK and scikit-learn. */
export function referenceOf(name: string): Reference {
  const all = JSON.parse(readFileSync(join(dataFolder, 'reference', 'optima.json'), 'utf8')) as Record<
    string,
    Reference
  >;
  const found = all[name];
  if (!found) throw new Error(`test/data/reference/optima.json has no entry "${name}".`);
  return found;
}

interface Clusterings {
  /** Distances that are all different; pairs are in the order (0, 1), (0, 2), …, (1, 2), … */
  distances: {
    size: number;
    distances: number[];
    cophenetic: number[];
    coefficient: number;
    cut: number;
    sizes: number[];
  }[];
  /** Groups of the same items in several runs, and their consensus. */
  runs: { rank: number; groups: number[][]; consensus: number[][]; coefficient: number; dispersion: number }[];
}

/** Average-linkage clusterings by SciPy. */
export function clusterings(): Clusterings {
  return JSON.parse(readFileSync(join(dataFolder, 'clustering', 'clusterings.json'), 'utf8')) as Clusterings;
}

/** Numbers strictly between 0 and 1, for which every loss is defined: two patterns and some noise. */
export function twoPatterns(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) =>
      Math.fround(
        0.1 +
          0.3 * Math.abs(Math.sin(i * 1.3) * Math.cos(j)) +
          0.4 * ((i * j) % 5 === 0 ? 1 : 0) +
          0.01 * ((i * 7 + j * 3) % 10),
      ),
    ),
  );
}
