import type { Consensus } from '../factorization/diagnostics/findings';
import { boundReason } from '../model/bounds';
import type { Factorization } from '../factorization/result';
import type { ReadReport } from '../data/reading-report';
import { topWords } from '../wording/topics';

export interface ReportOptions {
  /** The file as the user named it. */
  file: string;
  /** Where the factors were written; null when they were not. */
  output: string | null;
  /** Whether to carry the best restart's trace. */
  trace: boolean;
}

/** The result as one JSON object, without the factors: what `--json` prints. */
export function toReport(factorization: Factorization, { file, output, trace }: ReportOptions): object {
  const { statistics, settings, restarts, best, timing } = factorization;
  const leader = restarts[best];
  const bound = boundReason(settings.model);
  return {
    file,
    rows: factorization.rows,
    columns: factorization.columns,
    observed: statistics.observed,
    rank: factorization.rank,
    ...(factorization.rankReason !== undefined && { rankReason: factorization.rankReason }),
    ...(settings.preparation && { preparation: settings.preparation }),
    model: settings.model,
    ...(bound !== undefined && { boundReason: bound }),
    solver: {
      ...settings.solver,
      ...(factorization.solverReason !== undefined && { requested: 'auto', reason: factorization.solverReason }),
    },
    device: factorization.device,
    precision: factorization.precision,
    seed: settings.seed,
    ...(factorization.restartsAtOnce && { restartsAtOnce: factorization.restartsAtOnce }),
    restarts: restarts.map(({ seed, objective, iterations, stopReason }) => ({
      seed,
      objective,
      iterations,
      stopReason,
    })),
    objective: statistics.objective,
    sse: statistics.sse,
    relativeError: statistics.relativeError,
    // Null where there is no variance.
    explainedVariance: statistics.explainedVariance ?? null,
    ...(factorization.componentVariance && { componentVariance: factorization.componentVariance }),
    ...(factorization.optimum && { optimum: factorization.optimum }),
    ...(factorization.curvature && { curvature: factorization.curvature }),
    ...(factorization.restartSpread && { restartSpread: factorization.restartSpread }),
    ...(factorization.consensus && { consensus: consensusOf(factorization.consensus) }),
    ...(factorization.scree && { scree: factorization.scree }),
    ...(factorization.rankCurve && { rankCurve: factorization.rankCurve }),
    ...(factorization.foretelling && { foretelling: factorization.foretelling }),
    ...(factorization.heldOut && { heldOut: factorization.heldOut }),
    start: settings.start ?? 'random',
    iterations: leader?.iterations,
    stopReason: leader?.stopReason,
    seconds: timing,
    ...(factorization.weights && { weights: factorization.weights.name }),
    ...(factorization.reading.kind === 'text' && { topics: topWords(factorization) }),
    reading: readingOf(factorization.reading),
    warnings: factorization.warnings,
    output,
    ...(trace &&
      leader && {
        trace: Array.from({ length: leader.trace.iteration.length }, (_, k) => ({
          iteration: leader.trace.iteration[k],
          seconds: leader.trace.seconds[k],
          objective: leader.trace.objective[k],
        })),
      }),
  };
}

/** Column names in bulk would drown the report; their number says as much. */
function readingOf(reading: ReadReport): object {
  return reading.kind === 'table' ? { ...reading, features: reading.features.length } : reading;
}

/** The matrix is in the factors file; here are its figures, and how many rows it compares. */
function consensusOf(consensus: Consensus): object {
  if (consensus.kind === 'none') return consensus;
  const { kind, restarts, rows, clusters, cophenetic, dispersion } = consensus;
  return { kind, restarts, rows: rows.length, clusters, ...(cophenetic !== undefined && { cophenetic }), dispersion };
}
