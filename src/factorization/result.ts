import * as v from 'valibot';
import { adviceSchema, drawingSchema, readReportSchema, sourceIdentitySchema } from '../data/reading-report';
import { settingsSchema } from '../model/settings';
import {
  agreeing,
  dictionary,
  finite,
  integer,
  listOf,
  number,
  object,
  oneOf,
  optional,
  text,
  texts,
} from '../untrusted/schema';
import {
  consensusSchema,
  curvatureSchema,
  optimumSchema,
  restartSpreadSchema,
  screeSchema,
  type Consensus,
} from './diagnostics/findings';
import type { Biases } from './factors';
import { resultLimits } from '../model/result-limits';
import { stepSchema, type PreparationStep } from '../model/preparation';
import { foretellingSchema, rankPointSchema } from './rank/findings';
import { deviceSchema } from '../model/run';
import { restartSchema, type RestartReport } from './runs/trace';

/** The seconds of finding out about a result, by kind. */
export type DiagnosisTiming = v.InferOutput<typeof diagnosisTiming>;

const diagnosisTiming = object({
  /** How far the restarts agree. */
  consensus: finite(0),
  /** Singular values, and the bound that they give. */
  bound: finite(0),
  curvature: finite(0),
});

/** The seconds of a job from when it was asked for, by what they went into: the parts add up to `total`. */
export type Timing = v.InferOutput<typeof timing>;

const timing = object({
  /** Starting the processes, and messages between them; absent where only the computing is known. */
  start: optional(finite(0)),
  /** Waiting for other jobs. */
  queue: optional(finite(0)),
  read: finite(0),
  /** Comparing ranks; absent where the rank was given. */
  chooseRank: optional(finite(0)),
  /** Loading what computes, as far as that was not done while something else was. */
  loadRuntime: optional(finite(0)),
  compile: finite(0),
  iterate: finite(0),
  diagnose: optional(diagnosisTiming),
  /** Putting the result to use. */
  use: optional(finite(0)),
  /** Writing the file; absent in the file itself. */
  write: optional(finite(0)),
  total: finite(0),
});

/** The fit on entries that were held out, in the units of X as it was prepared. */
export type HeldOutFit = v.InferOutput<typeof heldOutFit>;

const heldOutFit = object({
  rmse: number,
  mae: number,
  /** Number of entries. */
  entries: integer(1),
});

/**
 * Fit of the best restart. Sums run over observed entries, in float64 from the residual. Where the loss has a link
 * (Poisson, logistic), X̂, the model's expectation exp(WH) or 1/(1+exp(−WH)), stands for WH in all but the objective. X is
 * the data as they were prepared.
 */
export type FitStatistics = v.InferOutput<typeof fitStatistics>;

const fitStatistics = object({
  objective: number,
  /** Σ(X−WH)². */
  sse: number,
  /** ‖X−WH‖/‖X‖. */
  relativeError: number,
  /** 1 − SSE/Σ(X−mean(X))²; absent where X is constant to rounding, so that there is no variance to explain. */
  explainedVariance: optional(number),
  /** Number of observed entries. */
  observed: integer(0),
});

/** What is told of a factorization in `factorlens.json`: all but its arrays. */
export type FactorizationDescription = v.InferOutput<ReturnType<typeof descriptionSchema>>;

const sizes = { rows: integer(1), columns: integer(1), rank: integer(1) };

const settings = settingsSchema();

/** How large a factorization is, which is read first: the lengths of what else is told follow from it. */
export const sizeSchema = object(sizes);

export const descriptionSchema = ({ rows, columns, rank }: v.InferOutput<typeof sizeSchema>) =>
  v.pipe(
    object({
      ...sizes,
      /** One a row, or absent when the rows have no names. */
      rowLabels: optional(texts(rows)),
      /** One a column, or absent when the columns have no names (pixels of an image). */
      columnLabels: optional(texts(columns)),
      /** How a row of the data, or of H, is drawn as an image; absent where it is none. */
      drawing: optional(drawingSchema),
      source: sourceIdentitySchema,
      /** The file that weighed the entries, where there was one. */
      weights: optional(sourceIdentitySchema),
      reading: readReportSchema,
      settings,
      preparation: optional(listOf(stepSchema, resultLimits.remarks)),
      device: deviceSchema,
      precision: oneOf(['float32', 'float64']),
      /** Why the rank is lower than the one proposed; absent where it is not. */
      rankReason: optional(text),
      /** Why the solver in `settings` was chosen; absent where it was asked for by name. */
      solverReason: optional(text),
      /** How many restarts were made side by side, 1 where one after another, and why; absent where there was one run. */
      restartsAtOnce: optional(object({ size: integer(1), reason: text })),
      biases: optional(object({ mean: finite() })),
      /**
       * Part of ΣX² over the observed entries that each component explains, where components are orthogonal: of the solver
       * `svd`. The parts add up to what all components explain; with missing entries one may be below 0.
       */
      componentVariance: optional(listOf(finite(), rank)),
      restarts: v.pipe(listOf(restartSchema, resultLimits.restarts), v.nonEmpty('a list of at least one')),
      /** Index into `restarts` of the one whose W and H these are. */
      best: integer(0),
      statistics: fitStatistics,
      /** How far the objective is from the least possible, where that is known. Absent before the runs have ended. */
      optimum: optional(optimumSchema),
      /** Whether the result is a minimum or a saddle point. Absent before the runs have ended. */
      curvature: optional(curvatureSchema),
      /** How far apart the restarts ended. Absent before they have, and where there was one. */
      restartSpread: optional(restartSpreadSchema(rank)),
      /** Whether the restarts put the same rows together. Absent before they have ended. */
      consensus: optional(consensusSchema(rows)),
      /** The singular values of X and what they say of every rank. Absent before the runs have ended. */
      scree: optional(screeSchema(Math.min(rows, columns))),
      /** The ranks that were compared, where the rank was chosen by that. */
      rankCurve: optional(listOf(rankPointSchema, resultLimits.remarks)),
      /** How well such fits foretell entries that they do not see. Absent where none is missing. */
      foretelling: optional(foretellingSchema),
      /** The fit on what was held out, where something was. */
      heldOut: optional(heldOutFit),
      timing,
      /** Things the user should know, each a full sentence. */
      warnings: listOf(text, resultLimits.remarks),
      /** What the file suggests to do otherwise; each one's text is among the warnings. Absent where that is nothing. */
      advice: optional(listOf(adviceSchema, resultLimits.remarks)),
      /** Versions of what computed it, e.g. { factorlens: "0.1.0", onnxruntime: "1.30.0" }. */
      versions: dictionary(resultLimits.names),
    }),
    agreeing(({ best, restarts }) =>
      best < restarts.length ? undefined : { at: ['best'], wanted: `a whole number from 0 to ${restarts.length - 1}` },
    ),
  );

/** A result: X (rows×columns), prepared as `preparation` says, ≈ W (rows×rank) · H (rank×columns), and how it came about. */
export type Factorization = Omit<FactorizationDescription, 'biases' | 'preparation' | 'consensus' | 'restarts'> & {
  /** rows×rank, row-major. */
  W: Float32Array;
  /** rank×columns, row-major. */
  H: Float32Array;
  /** Absent where the model has none. */
  biases?: Biases;
  /** What was done to X beforehand, in order: W·H undone by these is in the file's units. Absent where nothing was. */
  preparation?: PreparationStep[];
  consensus?: Consensus;
  restarts: RestartReport[];
};
