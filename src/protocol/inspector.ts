import type { Consensus, Scree } from '../factorization/diagnostics/findings';
import type { Foretelling, RankPoint } from '../factorization/rank/findings';
import type { Factorization, FitStatistics } from '../factorization/result';
import type { ReadReport, Drawing } from '../data/reading-report';
import type { Trace } from '../factorization/runs/trace';
import type { StopReason } from '../model/stopping';
import type { MatrixPreview } from '../factorization/progress';

/**
 * The wire between the extension host and the inspector's page. The host sends a complete snapshot whenever the
 * page becomes ready or visible, and increments in between; the page keeps nothing that it cannot be sent again.
 */

/** `examining`: the factors are there as they will stay, and more is being found out about them. */
export type JobStatus =
  'queued' | 'reading' | 'compiling' | 'choosing-rank' | 'running' | 'examining' | 'done' | 'failed';

/** One restart as the page draws it. */
export interface RestartView {
  seed: number;
  trace: Trace;
  /** Absent while it runs. */
  stopReason?: StopReason;
  /** Final objective, once known. */
  objective?: number;
}

/** The factors as they are drawn: whole once the job is done, thinned while it runs. */
export interface FactorsView {
  W: MatrixPreview;
  H: MatrixPreview;
  rowLabels?: string[];
  columnLabels?: string[];
  /** How a row of H is drawn as an image; absent where it is none, and while H may be thinned. */
  drawing?: Drawing;
}

/** A short line of facts: settings, data and versions, already worded for the user. */
export interface Fact {
  label: string;
  value: string;
}

export interface InspectorState {
  /** Name of the source, e.g. `digits.csv`. */
  source: string;
  /** What is minimised, as a formula, e.g. `Σ(X − WH)², W ≥ 0, H ≥ 0`. */
  objective: string;
  status: JobStatus;
  /** Why a job that is done did not come to its own end; absent where it did. */
  cutShort?: 'stopped' | 'time' | 'interrupted';
  /** Place in the queue, when queued. */
  queuePosition?: number;
  /** Fraction read, 0 to 1, when reading. */
  readFraction?: number;
  /** What went wrong and what to do about it, when failed. */
  error?: string;
  rows?: number;
  columns?: number;
  missing?: number;
  /** Absent until it is chosen, where the data are to choose it. */
  rank?: number;
  /** The fit at work while ranks are compared: number `fold` of `folds` at `rank`. */
  rankSearch?: { rank: number; fold: number; folds: number };
  /** The ranks that were compared, in rising order. */
  rankCurve?: RankPoint[];
  /** Restarts asked for. */
  restartCount: number;
  /** Iterations asked for, of each restart. */
  iterationLimit: number;
  restarts: RestartView[];
  /** Index of the best restart so far. */
  best?: number;
  /** Of the restart that was heard of last. */
  rate?: number;
  /** Seconds. */
  elapsed?: number;
  remaining?: number;
  device?: Factorization['device'];
  reading?: ReadReport;
  statistics?: FitStatistics;
  /** How well such fits foretell entries that they do not see; absent where none is missing. */
  foretelling?: Foretelling;
  /** How far the restarts agree on groups of rows. */
  consensus?: Consensus;
  /** What the singular values of the data say of every rank. */
  scree?: Scree;
  facts: Fact[];
  warnings: string[];
  /** What can be done about some of the warnings: of which, by its text, and what the button says. */
  advice?: { text: string; action: string }[];
  factors?: FactorsView;
  /** Which buttons do something now. */
  can: { stop: boolean; continue: boolean; export: boolean; retry: boolean; save: boolean };
}

/** New points and figures of the running job; `restart` indexes `restarts`, one past its end starts a new one. */
export interface InspectorProgress {
  restart: number;
  seed: number;
  points: Trace;
  rate: number;
  elapsed: number;
  remaining: number;
  factors?: Pick<FactorsView, 'W' | 'H'>;
}

/** Milliseconds between two beats that the host sends a visible page while a job is under way. */
export const hostBeatInterval = 3000;

export type HostMessage =
  | { type: 'snapshot'; state: InspectorState }
  /** Of every restart that there is news of, so that the page draws them together. */
  | { type: 'progress'; progress: InspectorProgress[] }
  /** The host lives, whatever the worker does. */
  | { type: 'beat' };
