import type { DeviceId } from '../src/factorization/devices';
import type { StopReason } from '../src/factorization/model';
import type { InspectorState, JobStatus } from '../src/protocol/inspector';
import { objectiveOf } from '../src/protocol/restart-views';
import { sentence } from './dom';
import { formatCount, formatDuration, formatNumber, plural } from './format';
import { bestOf } from './state';

export const stopReasons: Record<StopReason, string> = {
  converged: 'converged',
  iterations: 'iteration limit',
  time: 'time limit',
  stopped: 'stopped',
  diverged: 'diverged',
};

export const devices: Record<DeviceId, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
  wasm: 'WebAssembly',
};

export const statuses: Record<JobStatus, string> = {
  queued: 'Queued',
  reading: 'Reading',
  compiling: 'Compiling',
  'choosing-rank': 'Choosing the rank',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
};

/** `1,797 × 64 ≈ W · H, rank 10`, or what of it is known. */
export function shapeOf(state: InspectorState): string {
  const approximation = `≈ W · H, rank ${state.rank ?? 'to be chosen'}`;
  return state.rows === undefined || state.columns === undefined
    ? `X ${approximation}`
    : `${formatCount(state.rows)} × ${formatCount(state.columns)} ${approximation}`;
}

/** How far a job had come, without a full stop. */
export function standingOf(state: InspectorState): (Node | string)[] {
  const restart = bestOf(state);
  const view = restart === undefined ? undefined : state.restarts[restart];
  if (restart === undefined || view === undefined) return stageOf(state);
  const objective = objectiveOf(view);
  const iteration = `iteration ${formatCount(view.trace.iteration.at(-1) ?? 0)}`;
  const parts = [
    ...(state.restartCount === 1
      ? [iteration]
      : [
          `${plural(state.restarts.length, 'restart')} of ${formatCount(state.restartCount)} begun`,
          `${iteration} of restart ${restart + 1}, the best`,
        ]),
    ...(objective === undefined ? [] : [`objective ${formatNumber(objective, 5)}`]),
    ...(state.elapsed === undefined ? [] : [`${formatDuration(state.elapsed)} after it began to iterate`]),
  ];
  return [parts.join(', ')];
}

/** What goes on before there are iterations, as a sentence. */
export function stageOf(state: InspectorState): (Node | string)[] {
  switch (state.status) {
    case 'queued': {
      const ahead = state.queuePosition ?? 0;
      return [ahead > 0 ? `Waiting for ${plural(ahead, 'job')} ahead` : 'Waiting to start'];
    }
    case 'reading':
      return [
        ...sentence`Reading ${state.source}`,
        state.readFraction === undefined ? '' : `: ${Math.floor(state.readFraction * 100)} %`,
      ];
    case 'compiling':
      return ['Compiling the update step'];
    case 'choosing-rank': {
      const { rank, fold, folds } = state.rankSearch ?? { rank: 1, fold: 0, folds: 1 };
      return [`Comparing ranks on held-out entries: rank ${rank}, fit ${fold + 1} of ${folds}`];
    }
    case 'running':
      return ['Starting to iterate'];
    case 'done':
      return ['There is nothing to show: no iterations were run'];
    case 'failed':
      return ['Factorization failed'];
  }
}
