import type { Diagnosis } from '../diagnostics/diagnostics';
import { deviceWarnings, type DeviceReport } from './devices';
import type { Factorization, FitStatistics } from '../result';
import type { Factors } from '../factors';
import type { Finished } from './finish';
import { deltaWarnings } from '../planning/from-data';
import { timingOf, type Job } from './job';
import type { Observations } from '../observations';
import { componentVariance } from '../linear-algebra/orthogonal';
import type { Chosen, Plan } from '../plan';
import type { PreparationStep } from '../preparation/kinds';
import { heldOutError } from '../rank/folds';
import type { Unreachable } from '../diagnostics/reach';
import type { SideBySide } from '../solvers/batching';
import { solverOf } from '../solvers/solvers';
import type { Standing } from './standing';
import { versions } from './versions';
import {
  reachWarnings,
  resultWarnings,
  settingsWarnings,
  undeterminedWarnings,
  vanishedWarnings,
} from '../diagnostics/warnings';

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
  { restarts, best, factors }: Standing,
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
