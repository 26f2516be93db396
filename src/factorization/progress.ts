import type { RankPoint } from './rank/findings';
import type { ReadReport, Advice } from '../data/reading-report';
import type { DeviceReport } from '../engine';
import type { DiagnosisTiming } from './result';
import type { RestartReport, Trace } from './runs/trace';

/** Facts about the data, known as soon as the file is read. */
export interface DataFacts {
  /** Of the factors, where the data are not to choose it. */
  rank?: number;
  rows: number;
  columns: number;
  missing: number;
  reading: ReadReport;
  warnings: string[];
  /** What the file suggests to do otherwise; each one's text is among the warnings. */
  advice?: Advice[];
}

/** What a factorization tells while it is made. */
export type FactorizationProgress =
  | { phase: 'compiling'; data: DataFacts }
  /** Ranks are compared: fit number `fold` of `folds` at this rank, after those of the curve. */
  | { phase: 'choosing-rank'; rank: number; fold: number; folds: number; curve: RankPoint[] }
  | { phase: 'rank-chosen'; rank: number; curve: RankPoint[] }
  | {
      phase: 'iterating';
      /** Index of the restart at work, and how many there are. */
      restart: number;
      restarts: number;
      /** Seed of that restart. */
      seed: number;
      /** Points of its trace since the last message; never empty. */
      points: Trace;
      /** The rate of the last step. */
      rate: number;
      /** Seconds since the job began to iterate, and an estimate of what is left. */
      elapsed: number;
      remaining: number;
      device: DeviceReport;
      /** The factors as they stand, at most a few times a second. */
      preview?: { W: MatrixPreview; H: MatrixPreview };
    }
  /** A restart ended. */
  | { phase: 'restart-ended'; restart: number; report: RestartReport }
  /** The factors are there, and are being examined. */
  | { phase: 'diagnosing'; part: keyof DiagnosisTiming };

/** A matrix thinned to a size worth drawing; both steps are 1 when it is whole. */
export interface MatrixPreview {
  /** Rows and columns that are here, fewer than the matrix has when a step is above 1. */
  rows: number;
  columns: number;
  /** Row i here is row i·`rowStep` of the matrix, and likewise for columns. */
  rowStep: number;
  columnStep: number;
  /** rows×columns, row-major. */
  values: Float32Array;
}

/** Most rows and columns of a preview: more cannot be told apart while a run is going on. */
const maxRows = 512;
const maxColumns = 512;

/** Every `rowStep`-th row and `columnStep`-th column of a row-major rows×columns matrix. */
export function previewOf(values: Float32Array, rows: number, columns: number): MatrixPreview {
  const rowStep = Math.ceil(rows / maxRows);
  const columnStep = Math.ceil(columns / maxColumns);
  const preview: MatrixPreview = {
    rows: Math.ceil(rows / rowStep),
    columns: Math.ceil(columns / columnStep),
    rowStep,
    columnStep,
    values: new Float32Array(Math.ceil(rows / rowStep) * Math.ceil(columns / columnStep)),
  };
  let k = 0;
  for (let i = 0; i < rows; i += rowStep) {
    for (let j = 0; j < columns; j += columnStep) preview.values[k++] = values[i * columns + j]!;
  }
  return preview;
}
