import type { Advice, Drawing, SourceIdentity } from '../data/dataset';
import type { ReadReport } from '../data/reading-report';
import type { Optimum, Scree } from './diagnostics/eckart-young';
import type { RestartSpread } from './diagnostics/restart-spread';
import type { Consensus } from './diagnostics/consensus';
import type { Foretelling } from './rank/foretelling';
import type { Curvature } from './diagnostics/curvature';
import type { DeviceReport } from '../engine';
import type { Biases } from './factors';
import type { PreparationStep } from '../model/preparation';
import type { RankPoint } from './rank/curve';
import type { FactorizationSettings } from '../model/settings';
import type { FitStatistics } from './objective/statistics';
import type { RestartReport } from './runs/trace';

/** The seconds of a job from when it was asked for, by what they went into: the parts add up to `total`. */
export interface Timing {
  /** Starting the processes, and messages between them; absent where only the computing is known. */
  start?: number;
  /** Waiting for other jobs. */
  queue?: number;
  read: number;
  /** Comparing ranks; absent where the rank was given. */
  chooseRank?: number;
  /** Loading what computes, as far as that was not done while something else was. */
  loadRuntime?: number;
  compile: number;
  iterate: number;
  diagnose?: DiagnosisTiming;
  /** Putting the result to use. */
  use?: number;
  /** Writing the file; absent in the file itself. */
  write?: number;
  total: number;
}

/** The seconds of finding out about a result, by kind. */
export interface DiagnosisTiming {
  /** How far the restarts agree. */
  consensus: number;
  /** Singular values, and the bound that they give. */
  bound: number;
  curvature: number;
}

/** The fit on entries that were held out, in the units of X as it was prepared. */
export interface HeldOutFit {
  rmse: number;
  mae: number;
  /** Number of entries. */
  entries: number;
}

/** A result: X (rows×columns), prepared as `preparation` says, ≈ W (rows×rank) · H (rank×columns), and how it came about. */
export interface Factorization {
  rows: number;
  columns: number;
  rank: number;
  /** rows×rank, row-major. */
  W: Float32Array;
  /** rank×columns, row-major. */
  H: Float32Array;
  /** Absent where the model has none. */
  biases?: Biases;
  /** One a row, or absent when the rows have no names. */
  rowLabels?: string[];
  /** One a column, or absent when the columns have no names (pixels of an image). */
  columnLabels?: string[];
  /** How a row of the data, or of H, is drawn as an image; absent where it is none. */
  drawing?: Drawing;
  source: SourceIdentity;
  /** The file that weighed the entries, where there was one. */
  weights?: SourceIdentity;
  reading: ReadReport;
  settings: FactorizationSettings;
  /** What was done to X beforehand, in order: W·H undone by these is in the file's units. Absent where nothing was. */
  preparation?: PreparationStep[];
  device: DeviceReport;
  precision: 'float32' | 'float64';
  /**
   * Part of ΣX² over the observed entries that each component explains, where components are orthogonal: of the solver
   * `svd`. The parts add up to what all components explain; with missing entries one may be below 0.
   */
  componentVariance?: number[];
  /** Why the rank is lower than the one proposed; absent where it is not. */
  rankReason?: string;
  /** Why the solver in `settings` was chosen; absent where it was asked for by name. */
  solverReason?: string;
  /** How many restarts were made side by side, 1 where one after another, and why; absent where there was one run. */
  restartsAtOnce?: { size: number; reason: string };
  restarts: RestartReport[];
  /** Index into `restarts` of the one whose W and H these are. */
  best: number;
  statistics: FitStatistics;
  /** How far the objective is from the least possible, where that is known. Absent before the runs have ended. */
  optimum?: Optimum;
  /** Whether the result is a minimum or a saddle point. Absent before the runs have ended. */
  curvature?: Curvature;
  /** How far apart the restarts ended. Absent before they have, and where there was one. */
  restartSpread?: RestartSpread;
  /** Whether the restarts put the same rows together. Absent before they have ended. */
  consensus?: Consensus;
  /** The singular values of X and what they say of every rank. Absent before the runs have ended. */
  scree?: Scree;
  /** The ranks that were compared, where the rank was chosen by that. */
  rankCurve?: RankPoint[];
  /** How well such fits foretell entries that they do not see. Absent where none is missing. */
  foretelling?: Foretelling;
  /** The fit on what was held out, where something was. */
  heldOut?: HeldOutFit;
  timing: Timing;
  /** Things the user should know, each a full sentence. */
  warnings: string[];
  /** What the file suggests to do otherwise; each one's text is among the warnings. Absent where that is nothing. */
  advice?: Advice[];
  /** Versions of what computed it, e.g. { factorlens: "0.1.0", onnxruntime: "1.30.0" }. */
  versions: Record<string, string>;
}
