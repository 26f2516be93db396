import type { RestartReport } from './trace';
import type { Factors } from '../factors';

/** The restarts so far, and the factors of the best of them. */
export interface Standing {
  restarts: RestartReport[];
  best: number;
  factors: Factors;
}

/** The standing with one more restart, or with restart `index` replaced by how it stands now; the lowest objective leads. */
export function standingWith(
  standing: Standing | null,
  index: number,
  report: RestartReport,
  factors: Factors,
): Standing {
  if (!standing) return { restarts: [report], best: 0, factors };
  const restarts = [...standing.restarts];
  restarts[index] = report;
  const leads = index === standing.best || report.objective < restarts[standing.best]!.objective;
  return leads ? { restarts, best: index, factors } : { ...standing, restarts };
}
