import type { RestartReport } from './trace';
import { withLeastNorm, type Undetermined } from '../linear-algebra/least-norm';
import type { Model } from '../../model/model';
import { isPartial, type Observations } from '../observations';
import { orthogonalized } from '../linear-algebra/orthogonal';
import { refined, rowsThatTell } from '../linear-algebra/partial-components';
import type { Standing } from './standing';
import { fitStatistics } from '../objective/statistics';

/** How runs stand once what was asked of their factors, and no solver makes so, is done. */
export interface Finished {
  standing: Standing;
  undetermined: Undetermined;
}

/**
 * @param orthogonal whether components are to be orthogonal, from the strongest
 */
export function finish(
  model: Model,
  observations: Observations,
  rank: number,
  standing: Standing,
  orthogonal: boolean,
): Finished {
  const partial = isPartial(observations);
  const ended = orthogonal && partial ? refined(observations, standing.factors, rank) : standing.factors;
  const { factors: least, undetermined } = withLeastNorm(model, observations, ended, rank);
  const tells = orthogonal && partial ? rowsThatTell(observations, least, rank) : undefined;
  const factors = orthogonal ? orthogonalized(least, rank, tells) : least;
  if (!orthogonal || !partial) return { standing: { ...standing, factors }, undetermined };
  const { objective } = fitStatistics(observations, factors, rank, model);
  return {
    standing: {
      ...standing,
      factors,
      restarts: standing.restarts.map((report, index) =>
        index === standing.best ? refinedTo(report, objective) : report,
      ),
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
