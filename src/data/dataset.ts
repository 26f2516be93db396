import { oneLine } from '../untrusted/text';
import type {
  Advice,
  Drawing,
  ImageOptions,
  LongColumns,
  ReadReport,
  SourceIdentity,
  TextOptions,
} from './reading-report';

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
  /** count×`narrow.length` of the dataset, row-major: what float32 rounds off the values of those columns. */
  remainders?: Float32Array;
  /** count×columns, how much each entry's loss counts, at least 0; absent when all count alike. */
  weights?: Float32Array;
}

/** What is known of X whichever way its entries are held. Rows are samples, columns are features. */
interface DatasetFacts {
  rows: number;
  columns: number;
  /** Number of missing entries. */
  missing: number;
  rowLabels?: string[];
  columnLabels?: string[];
  /** The line of the file, counted from 1, on which a row begins, counted from 0; absent where rows are no lines. */
  lineOf?: (row: number) => number;
  /** How a row is drawn as an image; absent where it is none. */
  drawing?: Drawing;
  source: SourceIdentity;
  reading: ReadReport;
  /** The file that weighs the entries, where there is one. */
  weights?: SourceIdentity;
  /** Things the user should know about how the file was read, each a full sentence. */
  warnings: string[];
  /** What the file suggests to do otherwise. */
  advice?: Advice[];
}

/** X with its mask. It is read by row blocks, so that no layer assumes that X is one array. */
export interface DenseDataset extends DatasetFacts {
  /** The blocks in row order; together they hold every row once. */
  blocks(): Iterable<RowBlock> | AsyncIterable<RowBlock>;
  /** Columns, increasing, whose numbers differ so little beside their size that blocks have what float32 rounds off; absent where there are none. */
  narrow?: readonly number[];
}

/** Observed entries in row-major order, each place at most once. */
export interface SparseEntries {
  /** Row and column of each entry. */
  rows: Uint32Array;
  columns: Uint32Array;
  values: Float32Array;
  /** How much each entry's loss counts, above 0; absent when all count alike. */
  weights?: Float32Array;
}

/** X by its observed entries alone, where most are missing: nothing of it grows with rows×columns. */
export interface SparseDataset extends DatasetFacts {
  entries: SparseEntries;
}

/** X with labels and provenance. */
export type Dataset = DenseDataset | SparseDataset;

/** A file on this machine, or the bytes of one that only the editor can read. */
export type Source =
  { kind: 'path'; path: string; uri?: string } | { kind: 'bytes'; name: string; uri: string; bytes: Uint8Array };

/** Choices about how a file is read that override what the reader would find by itself. Names are header names, or 1-based numbers where there is no header. */
export interface TableOptions {
  columns?: string[];
  exclude?: string[];
  label?: string;
  /** `columns` are names to the letter, all of them to be there: no other spelling, pattern or number is understood. */
  exact?: boolean;
  /** What separates cells; ' ' is any run of spaces and tabs. Guessed where absent. */
  delimiter?: string;
  /** Whether the first row names the columns. Guessed where absent. */
  header?: boolean;
  /** Whether every column of numbers is data, also one that looks as if it named or numbered the rows. */
  everyNumber?: boolean;
  /** Lines in front of the table that are no part of it. Found out where absent. */
  skip?: number;
  /** Cells that mean "not observed", besides the usual ones: texts, or numbers in any spelling. */
  missing?: string[];
  /** What `<x` is: missing, which it is where absent, or half of x. */
  detectionLimit?: 'missing' | 'half';
  /** Name of the encoding, as the WHATWG lists them. Found out where absent. */
  encoding?: string;
  /** Each line is an entry of X, named by its row and column. */
  long?: LongColumns;
  /** How images become a matrix; grey where absent. */
  image?: ImageOptions;
  /** Text is to become a document–term matrix. */
  text?: TextOptions;
}

/**
 * Bad input. The message names the file, the place and the remedy; it is shown to the user as it stands, on one line: names
 * of files may hold line breaks.
 */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
  }
}
