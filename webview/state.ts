import type { InspectorState } from '../src/protocol/inspector';
import { lowestRestart } from '../src/protocol/restart-views';

/** The restart that the host calls the best, or, until it does, the lowest so far. */
export function bestOf(state: InspectorState): number | undefined {
  return state.best ?? lowestRestart(state.restarts);
}

/** Whether a job is under way. */
export const isActive = ({ status }: InspectorState): boolean => status !== 'done' && status !== 'failed';

/** A state as the page shows it. */
export interface ShownState extends InspectorState {
  /** The host has not been heard of for long: whether anything still runs is not known. */
  silent?: boolean;
}

/** What still holds of a job whose host is gone: no estimate, and nothing that could be asked of it. */
export function lastKnown({ remaining: _remaining, ...state }: InspectorState): ShownState {
  return { ...state, silent: true, can: { stop: false, continue: false, export: false, retry: false, save: false } };
}

/** The restarts at work, of which there may be several. */
export function runningOf({ status, restarts }: InspectorState): number[] {
  if (status !== 'running') return [];
  return [...restarts.keys()].filter((index) => restarts[index]?.stopReason === undefined);
}

/** How much of the job is done, 0 to 1; undefined while that is unknown. */
export function fractionDone(state: InspectorState): number | undefined {
  if (state.status === 'reading') {
    return state.readFraction;
  }
  if (state.status !== 'running') {
    return undefined;
  }
  // Several may be at work at once.
  const made = state.restarts.reduce((sum, { stopReason, trace }) => {
    return sum + (stopReason === undefined ? Math.min(1, (trace.iteration.at(-1) ?? 0) / state.iterationLimit) : 1);
  }, 0);
  return Math.min(1, made / Math.max(state.restartCount, 1));
}
