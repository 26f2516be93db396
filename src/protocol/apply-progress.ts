import type { FactorsView, InspectorProgress, InspectorState } from './inspector';
import { lowestRestart } from './restart-views';
import { appendTrace } from './trace';

/** The state after an increment, which the host and the page make alike: what a snapshot taken now would say. */
export function applyProgress(
  state: InspectorState,
  { restart, seed, points, rate, elapsed, remaining, factors }: InspectorProgress,
): InspectorState {
  const before = state.restarts[restart];
  const restarts = state.restarts.slice();
  // A restart that goes on has neither an end nor a final objective any more.
  restarts[restart] = { seed, trace: before === undefined ? points : appendTrace(before.trace, points) };
  return {
    ...state,
    status: 'running',
    restarts,
    best: lowestRestart(restarts) ?? restart,
    rate,
    elapsed,
    remaining,
    ...(factors && { factors: { ...labelsOf(state.factors), ...factors } }),
  };
}

/** What stays of the factors that were shown: an H that may be thinned is not drawn as images. */
const labelsOf = ({ rowLabels, columnLabels }: Partial<FactorsView> = {}): Partial<FactorsView> => ({
  ...(rowLabels && { rowLabels }),
  ...(columnLabels && { columnLabels }),
});
