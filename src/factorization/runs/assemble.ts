import type { RestartReport, RestartsSoFar } from './trace';
import { withLeastNorm, type Undetermined } from '../linear-algebra/least-norm';
import type { Model } from '../../model/model';
import { isPartial, type Observations } from '../observations';
import { orthogonalized, componentVariance } from '../linear-algebra/orthogonal';
import { refined, rowsThatTell } from '../linear-algebra/partial-components';
import { fitStatistics } from '../objective/statistics';
import type { Diagnosis } from '../diagnostics/diagnostics';
import { type DeviceReport, runtimeVersion } from '../../engine';
import { deviceWarnings } from '../../model/run';
import type { Factorization, FitStatistics } from '../result';
import type { Factors } from '../factors';
import { deltaWarnings } from '../planning/from-data';
import { timingOf, type Job } from './job';
import type { Chosen, Plan } from '../plan';
import type { PreparationStep } from '../../model/preparation';
import { heldOutError } from '../rank/held-out';
import {
  type Unreachable,
  reachWarnings,
  resultWarnings,
  settingsWarnings,
  undeterminedWarnings,
  vanishedWarnings,
} from '../diagnostics/warnings';
import type { SideBySide } from '../solvers/batching';
import { solverOf } from '../solvers/solvers';
import { version as factorlens } from '../../../package.json';

/** How runs stand once what was asked of their factors, and no solver makes so, is done. */
export interface Finished {
  soFar: RestartsSoFar;
  undetermined: Undetermined;
}

/**
 * @param orthogonal whether components are to be orthogonal, from the strongest
 */
export function finish(
  model: Model,
  observations: Observations,
  rank: number,
  soFar: RestartsSoFar,
  orthogonal: boolean,
): Finished {
  const partial = isPartial(observations);
  const ended = orthogonal && partial ? refined(observations, soFar.factors, rank) : soFar.factors;
  const { factors: least, undetermined } = withLeastNorm(model, observations, ended, rank);
  const tells = orthogonal && partial ? rowsThatTell(observations, least, rank) : undefined;
  const factors = orthogonal ? orthogonalized(least, rank, tells) : least;
  if (!orthogonal || !partial) return { soFar: { ...soFar, factors }, undetermined };
  const { objective } = fitStatistics(observations, factors, rank, model);
  return {
    soFar: {
      ...soFar,
      factors,
      restarts: soFar.restarts.map((report, index) => (index === soFar.best ? refinedTo(report, objective) : report)),
    },
    undetermined,
  };
}

/** The report of a run whose last point is what refining its factors came to. */
function refinedTo(report: RestartReport, objective: number): RestartReport {
  const values = report.trace.objective.slice();
  if (values.length > 0) values[values.length - 1] = objective;
  return { ...report, objective, trace: { ...report.trace, objective: values } };
}

/** X as the fit sees it, and how it came to be so. */
export interface Prepared {
  /** All of them, what is held out among them. */
  observations: Observations;
  steps: readonly PreparationStep[];
  /** Of checking and preparing. */
  warnings: string[];
}

/** What a result is put together from, beside how its runs stand. */
export interface Ingredients {
  job: Job;
  prepared: Prepared;
  chosen: Chosen;
  plan: Plan;
  device: DeviceReport;
  together: SideBySide;
  unreachable: Unreachable | undefined;
  statisticsOf(factors: Factors): FitStatistics;
}

/** @param ended what is known once all runs have ended */
export function resultOf(
  { job, prepared, chosen, plan, device, together, unreachable, statisticsOf }: Ingredients,
  { restarts, best, factors }: RestartsSoFar,
  { finished, diagnosis }: { finished?: Finished | undefined; diagnosis?: Diagnosis | undefined } = {},
): Factorization {
  const { dataset, planner } = job;
  const { observations, heldOut } = chosen;
  const { settings } = plan;
  const { model, rank, solver } = settings;
  const leading = restarts[best];
  if (!leading) throw new Error(`There is no restart ${best} of ${restarts.length}.`);
  const orthogonal = solverOf(solver).direct === true || (planner.orthogonal && finished !== undefined);
  return {
    rows: dataset.rows,
    columns: dataset.columns,
    rank,
    W: factors.W,
    H: factors.H,
    ...(factors.biases && { biases: factors.biases }),
    ...(dataset.rowLabels && { rowLabels: dataset.rowLabels }),
    ...(dataset.columnLabels && { columnLabels: dataset.columnLabels }),
    ...(dataset.drawing && { drawing: dataset.drawing }),
    source: dataset.source,
    ...(dataset.weights && { weights: dataset.weights }),
    reading: dataset.reading,
    settings,
    ...(prepared.steps.length > 0 && { preparation: [...prepared.steps] }),
    device,
    precision: 'float32',
    ...(planner.rankReason !== undefined && { rankReason: planner.rankReason }),
    ...(plan.solverReason !== undefined && { solverReason: plan.solverReason }),
    ...(plan.runs.length > 1 && { restartsAtOnce: together }),
    ...(orthogonal && { componentVariance: componentVariance(observations, factors, rank) }),
    restarts,
    best,
    statistics: statisticsOf(factors),
    ...diagnosis,
    ...(chosen.rankCurve && { rankCurve: chosen.rankCurve }),
    ...(chosen.foretelling && { foretelling: chosen.foretelling }),
    ...(heldOut && { heldOut: heldOutFit() }),
    timing: timingOf(job),
    warnings: [
      ...dataset.warnings,
      ...prepared.warnings,
      ...settingsWarnings(settings, dataset),
      ...chosen.warnings,
      ...plan.warnings,
      ...deviceWarnings(device),
      ...resultWarnings(leading, settings),
      ...reachWarnings(unreachable, observations.observed),
      ...(finished ? undeterminedWarnings(finished.undetermined) : []),
      ...vanishedWarnings(factors, model),
      ...deltaWarnings(model, observations, factors, rank),
    ],
    ...(dataset.advice && { advice: dataset.advice }),
    versions: versions(),
  };

  function heldOutFit(): NonNullable<Factorization['heldOut']> {
    const { rmse, mae, entries } = heldOutError(
      prepared.observations,
      heldOut ?? new Uint32Array(),
      factors,
      rank,
      model,
    );
    return { rmse, mae, entries };
  }
}

/** Versions of what computes a result, kept with it. */
function versions(): Record<string, string> {
  return { factorlens, onnxruntime: runtimeVersion(), node: process.versions.node };
}
