import type { ReadReport, SourceIdentity } from '../factorization/factorization';

/** A run of consecutive rows. */
export interface RowBlock {
  /** Index of the first row. */
  start: number;
  /** Number of rows. */
  count: number;
  /** count×columns, row-major. Missing entries hold 0. */
  values: Float32Array;
  /** count×columns, 1 where observed and 0 where missing; absent when all are observed. */
  observed?: Uint8Array;
  /** count×columns, how much each entry's loss counts, at least 0; absent when all count alike. */
  weights?: Float32Array;
}

/**
 * X with its mask, labels and provenance. Rows are samples, columns are features. It is read by row blocks,
 * so that no layer assumes that X is one array.
 */
export interface Dataset {
  rows: number;
  columns: number;
  /** Number of missing entries. */
  missing: number;
  rowLabels?: string[];
  columnLabels?: string[];
  source: SourceIdentity;
  reading: ReadReport;
  /** Things the user should know about how the file was read, each a full sentence. */
  warnings: string[];
  /** The blocks in row order; together they hold every row once. */
  blocks(): Iterable<RowBlock> | AsyncIterable<RowBlock>;
}

/** A file on this machine, or the bytes of one that only the editor can read. */
export type Source =
  { kind: 'path'; path: string; uri?: string } | { kind: 'bytes'; name: string; uri: string; bytes: Uint8Array };

/** Choices about a table that override what the reader would find by itself. Names are header names, or 1-based numbers where there is no header. */
export interface TableOptions {
  columns?: string[];
  exclude?: string[];
  label?: string;
  /** `columns` are names to the letter, all of them to be there: no other spelling, pattern or number is understood. */
  exact?: boolean;
}

/** Bad input. The message names the file, the place and the remedy; it is shown to the user as it stands. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
