import type { Advice } from '../data/dataset';
import type { Optimum } from './certificate';
import type { RestartSpread } from './consensus';
import type { Consensus } from './consensus-matrix';
import type { Foretelling } from './foretelling';
import type { Curvature } from './curvature';
import type { DeviceChoice, DeviceReport } from './devices';
import type { Model, RankSearch, SolverOptions, StopReason, Stopping } from './model';
import type { Preparation, PreparationStep } from './preparation/kinds';
import type { RankPoint } from './rank-selection';
import type { Scree } from './scree';
import type { StartKind } from './starts/kinds';

/**
 * The objective along one restart. Entry k is the objective after `iteration[k]` iterations (0 is the start; increasing,
 * not necessarily consecutive when a long trace was thinned) and was reached `seconds[k]` of computing after the restart began.
 */
export interface Trace {
  iteration: Float64Array;
  seconds: Float64Array;
  objective: Float64Array;
}

/** One run from one random start. */
export interface RestartReport {
  seed: number;
  /** Final objective, recomputed in float64 from the residual. */
  objective: number;
  iterations: number;
  stopReason: StopReason;
  trace: Trace;
}

/** Which data were factorized, so that a saved result can be matched with its file. */
export interface SourceIdentity {
  /** Base name, e.g. `digits.csv`. */
  name: string;
  /** URI of the source, where it has one. */
  uri?: string;
  /** Size of the file in bytes. */
  bytes: number;
  /** Hash of the file's bytes, lower-case hexadecimal. */
  sha256: string;
}

/** How images become a matrix: rows of grey pixels, of the channels side by side, or square patches. */
export type ImageOptions =
  | { as: 'gray' }
  | { as: 'channels' }
  /** `size`×`size` pixels; every `stride`-th place across and down, or, where absent, any place. */
  | { as: 'patches'; size: number; stride?: number };

/** How text becomes a document–term matrix. */
export interface TextOptions {
  /** The column of a table or the field of JSON lines that holds the text; absent where a line or a file is a document. */
  from?: string;
  /** Terms in fewer documents are left out: a number of them, or below 1 a part. */
  minimum: number;
  /** Terms in more documents are left out: a number of them, or up to 1 a part. */
  maximum: number;
  /** Words left out whatever they are in: those of a language, or of the one that the text seems to be in. */
  stopWords: 'auto' | 'none' | 'en' | 'de' | 'fr' | 'es';
  /** These terms and no others, in this order, whatever else is asked for. */
  vocabulary?: string[];
}

/** How a file was laid out whose lines or cells are text. */
export interface TextLayout {
  encoding: string;
  /** Of a table, what separates its cells and whether its first row names the columns; and, as asked, lines left out above it. */
  delimiter?: string;
  header?: boolean;
  skip?: number;
}

/** How a row of X, or of H, is drawn as an image: pixel by pixel, the channels of a pixel together (1 grey, or 3: red, green, blue). */
export interface Drawing {
  width: number;
  height: number;
  channels: number;
}

/** How the file was read: what the user must be able to see and to correct. */
export type ReadReport =
  | {
      kind: 'table';
      delimiter: string;
      encoding: string;
      decimal: '.' | ',';
      header: boolean;
      /** Columns that became features, in order. */
      features: string[];
      /** The text column whose cells name the rows. */
      label?: string;
      /** Columns left out, each with the reason. */
      leftOut: { column: string; reason: string }[];
      /** As asked: lines left out above the table, marks of what is missing, and what `<x` is. */
      skip?: number;
      missing?: string[];
      detectionLimit?: 'missing' | 'half';
    }
  | {
      /** A table with one line an observed entry. */
      kind: 'long';
      delimiter: string;
      encoding: string;
      decimal: '.' | ',';
      header: boolean;
      /** The columns that name an entry's row and column and hold its value and, where given, its weight. */
      row: string;
      column: string;
      value: string;
      weight?: string;
      /** Columns left out. */
      leftOut: string[];
      /** As asked: lines left out above the table. */
      skip?: number;
    }
  | {
      /** A matrix of numbers without names. */
      kind: 'array';
      /** What the file is, such as `NumPy array`. */
      format: string;
      /** What its numbers are there, such as `float64`. */
      type: string;
    }
  | ({
      kind: 'image';
      width: number;
      height: number;
      /** Grey where absent. */
      as?: ImageOptions;
      range?: SampleRange;
    } & ImageSamples)
  | {
      /** Documents as counts of their terms. */
      kind: 'text';
      options: TextOptions;
      /** How the file was laid out; absent of a folder of texts and of JSON lines, where nothing of it is in question. */
      layout?: TextLayout;
      /** Whose stop words were left out; absent where none were. */
      language?: string;
      /** Number of different terms before any was left out. */
      distinct: number;
    }
  | {
      /** A folder of images, or the pages of a file. */
      kind: 'images';
      as: ImageOptions;
      /** Number of images, and the size of the first. */
      count: number;
      width: number;
      height: number;
      /** Where they are the pages of one file, what that is. */
      file?: ImageSamples;
      range?: SampleRange;
    };

/** The samples of an image file. */
export interface ImageSamples {
  format: string;
  /** Bands of the file, e.g. 3 for RGB. */
  bands: number;
  /** Bits per sample of the file. */
  bits: number;
  /** Unsigned whole numbers where absent. */
  sample?: 'signed' | 'float';
  /** Pages or frames of the file, whether they are read or not; one where absent. */
  pages?: number;
}

/** The samples that became 0 and 1, where these have no black and white of their own. */
export type SampleRange = readonly [least: number, greatest: number];

/**
 * Fit of the best restart. Sums run over observed entries, in float64 from the residual. Where the loss has a link
 * (Poisson, logistic), X̂, the model's expectation exp(WH) or 1/(1+exp(−WH)), stands for WH in all but the objective. X is
 * the data as they were prepared.
 */
export interface FitStatistics {
  objective: number;
  /** Σ(X−WH)². */
  sse: number;
  /** ‖X−WH‖/‖X‖. */
  relativeError: number;
  /** 1 − SSE/Σ(X−mean(X))²; absent where X is constant to rounding, so that there is no variance to explain. */
  explainedVariance?: number;
  /** Number of observed entries. */
  observed: number;
}

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

/** What was asked of a factorization: with the same data, seed and device it gives the same result. */
export interface FactorizationSettings {
  model: Model;
  /** What is done to X beforehand; nothing where absent. */
  preparation?: Preparation;
  solver: SolverOptions;
  stopping: Stopping;
  rank: number;
  /** The rank is our proposal, which the data may lower. Absent in a result, and where the rank was asked for. */
  rankProposed?: true;
  restarts: number;
  seed: number;
  device: DeviceChoice;
  /** Where the runs begin; `random` where absent. */
  start?: StartKind;
  /** Part of the observed entries that the fit does not see and is judged on, drawn with `seed`; none where absent. */
  holdout?: number;
  /** Where entries are missing and nothing is penalised, an L2 penalty of both factors is chosen by held-out entries. */
  ridge?: 'held-out';
  /** How the rank is chosen; `rank` is then what was chosen, and before that without meaning. */
  rankSearch?: RankSearch;
}

/** The fit on entries that were held out, in the units of X as it was prepared. */
export interface HeldOutFit {
  rmse: number;
  mae: number;
  /** Number of entries. */
  entries: number;
}

/**
 * What a model with biases adds to W·H: entry (i, j) is mean + rows[i] + columns[j] + (WH)ij. The mean is that of the
 * observed entries; the others are learned.
 */
export interface Biases {
  mean: number;
  rows: Float32Array;
  columns: Float32Array;
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
