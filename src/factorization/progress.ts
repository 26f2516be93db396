import type { RankPoint } from './rank/findings';
import type { ReadReport, Advice } from '../data/reading-report';
import type { DeviceReport } from './runs/devices';
import type { DiagnosisTiming } from './result';
import type { MatrixPreview } from './runs/preview';
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
