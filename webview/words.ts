import type { DeviceId } from '../src/model/run';
import type { InspectorState, JobStatus } from '../src/protocol/inspector';
import { objectiveOf } from '../src/protocol/restart-views';
import { durationText } from '../src/wording/duration';
import { sentence } from './dom';
import { formatCount, formatNumber, plural } from './format';
import { bestOf } from './state';

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
  examining: 'Examining the result',
  done: 'Done',
  failed: 'Failed',
};

const endings: Record<NonNullable<InspectorState['cutShort']>, string> = {
  stopped: 'Stopped',
  time: 'Stopped at the time limit',
  interrupted: 'Interrupted',
};

/** What a job is at. Before a rank that the data choose is known, what is compiled serves to choose it. */
export const stageOfStatus = ({ status, rank }: InspectorState): JobStatus =>
  status === 'compiling' && rank === undefined ? 'choosing-rank' : status;

/** How a job stands, in a word or two. */
export const statusWord = (state: InspectorState): string =>
  state.status === 'done' && state.cutShort !== undefined ? endings[state.cutShort] : statuses[stageOfStatus(state)];

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
    ...(state.elapsed === undefined ? [] : [`${durationText(state.elapsed)} after it began to iterate`]),
  ];
  return [parts.join(', ')];
}
/** Whether the factors are there as they will stay. */
export const isFitted = ({ status }: Pick<InspectorState, 'status'>): boolean =>
  status === 'examining' || status === 'done';

/** What goes on before there are iterations, as a sentence. */
export function stageOf(state: InspectorState): (Node | string)[] {
  switch (stageOfStatus(state)) {
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
      if (state.rankSearch === undefined) return ['Getting ready to compare ranks'];
      const { rank, fold, folds } = state.rankSearch;
      return [`Comparing ranks on held-out entries: rank ${rank}, fit ${fold + 1} of ${folds}`];
    }
    case 'running':
      return ['Starting to iterate'];
    case 'examining':
    case 'done':
      return ['There is nothing to show: no iterations were run'];
    case 'failed':
      return ['Factorization failed'];
  }
}
