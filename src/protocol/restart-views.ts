import type { RestartView } from './inspector';

/** The objective a restart has reached: recomputed at its end, the last of its trace before. */
export function objectiveOf(restart: RestartView): number | undefined {
  return restart.objective ?? restart.trace.objective.at(-1);
}

/** Index of the restart that is lowest now; undefined before there is any objective. */
export function lowestRestart(restarts: readonly RestartView[]): number | undefined {
  let found: number | undefined;
  let lowest = Infinity;
  restarts.forEach((restart, index) => {
    const objective = objectiveOf(restart);
    if (objective !== undefined && objective < lowest) {
      lowest = objective;
      found = index;
    }
  });
  return found;
}
