import type { Factorization } from '../factorization/result';
import type { FactorizationSettings } from '../model/settings';
import type { RestartReport } from '../factorization/runs/trace';
import type { Fact, InspectorProgress, InspectorState, RestartView } from '../protocol/inspector';
import type { JobProgress } from '../protocol/worker';
import { applyProgress } from '../protocol/apply-progress';
import { lowestRestart } from '../protocol/restart-views';
import { appendTrace } from '../protocol/trace';
import { editorWords } from '../protocol/editor-words';
import { resultFacts, settingsFacts } from './facts';
import { objectiveText } from './model-text';
import { wholeFactors } from './preview';

/**
 * What an inspector shows, as pure functions: progress of a job in, a new state out. Nothing here knows the
 * editor, so that every way a job can go is a unit test.
 */

/** What the worker's `iterating` message holds. */
export type IteratingProgress = Extract<JobProgress, { phase: 'iterating' }>;

/** A job that has been asked for and has not begun. */
export function startingState(source: string, settings: FactorizationSettings): InspectorState {
  return withButtons(
    {
      source,
      objective: objectiveText(settings),
      status: 'queued',
      ...(settings.rankSearch ? {} : { rank: settings.rank }),
      restartCount: settings.restarts,
      iterationLimit: settings.stopping.iterations,
      restarts: [],
      facts: settingsFacts(settings),
      warnings: [],
      can: noButtons,
    },
    false,
  );
}

const inEditorWords = ({ label, value }: Fact): Fact => ({ label, value: editorWords(value) });

/** A result at rest. */
export function resultState(factorization: Factorization): InspectorState {
  const best = factorization.restarts[factorization.best];
  const cutShort = (['stopped', 'time'] as const).find((reason) =>
    factorization.restarts.some(({ stopReason }) => stopReason === reason),
  );
  return withButtons(
    {
      source: factorization.source.name,
      objective: objectiveText(factorization.settings),
      status: 'done',
      ...(cutShort && { cutShort }),
      rows: factorization.rows,
      columns: factorization.columns,
      missing: factorization.rows * factorization.columns - factorization.statistics.observed,
      rank: factorization.rank,
      ...(factorization.rankCurve && { rankCurve: factorization.rankCurve }),
      restartCount: factorization.settings.restarts,
      iterationLimit: Math.max(factorization.settings.stopping.iterations, best?.iterations ?? 0),
      restarts: factorization.restarts.map(restartView),
      best: factorization.best,
      elapsed: factorization.timing.total,
      device: factorization.device,
      reading: factorization.reading,
      statistics: factorization.statistics,
      ...(factorization.foretelling && { foretelling: factorization.foretelling }),
      ...(factorization.consensus && { consensus: factorization.consensus }),
      ...(factorization.scree && { scree: factorization.scree }),
      facts: [...settingsFacts(factorization.settings), ...resultFacts(factorization)].map(inEditorWords),
      warnings: factorization.warnings.map(editorWords),
      factors: wholeFactors(factorization),
      can: noButtons,
    },
    true,
  );
}

/** A result whose factors will stay, and about which more is being found out: it can be stopped, and nothing is lost then. */
export const examinedState = (fitted: Factorization): InspectorState =>
  withButtons({ ...resultState(fitted), status: 'examining' }, true);

/**
 * A result whose best restart is about to go on: what is drawn stays until the first new points arrive. A run that
 * was stopped has its remaining iterations before it, and one that had ended as many again as `settings` say.
 */
export function continuingState(factorization: Factorization, settings: FactorizationSettings): InspectorState {
  const {
    elapsed: _elapsed,
    statistics: _statistics,
    foretelling: _foretelling,
    cutShort: _cutShort,
    ...state
  } = resultState(factorization);
  const best = factorization.restarts[factorization.best];
  const done = best?.iterations ?? 0;
  const planned = factorization.settings.stopping.iterations;
  const stopped = best?.stopReason === 'stopped' || best?.stopReason === 'time';
  const interrupted = stopped && done < planned;
  return withButtons(
    { ...state, status: 'queued', iterationLimit: interrupted ? planned : done + settings.stopping.iterations },
    true,
  );
}

/** The state after one message of the worker. */
export function reduce(state: InspectorState, progress: JobProgress): InspectorState {
  switch (progress.phase) {
    case 'queued':
      return { ...state, status: 'queued', queuePosition: progress.position };
    case 'reading': {
      const { queuePosition: _queuePosition, ...rest } = state;
      return { ...rest, status: 'reading', readFraction: progress.fraction };
    }
    case 'compiling': {
      const { readFraction: _readFraction, queuePosition: _queuePosition, ...rest } = state;
      const { rank, rows, columns, missing, reading, warnings } = progress.data;
      const advice = progress.data.advice?.map(({ text, action }) => ({ text: editorWords(text), action }));
      return {
        ...rest,
        status: 'compiling',
        ...(rank !== undefined && { rank }),
        rows,
        columns,
        missing,
        reading,
        warnings: warnings.map(editorWords),
        ...(advice && { advice }),
      };
    }
    case 'choosing-rank': {
      const { rank, fold, folds, curve } = progress;
      return { ...state, status: 'choosing-rank', rankSearch: { rank, fold, folds }, rankCurve: curve };
    }
    case 'rank-chosen': {
      const { rankSearch: _rankSearch, ...rest } = state;
      return { ...rest, status: 'compiling', rank: progress.rank, rankCurve: progress.curve };
    }
    case 'iterating':
      return iterate(state, progress);
    case 'restart-ended':
      return endRestart(state, progress.restart, progress.report);
    case 'diagnosing':
      return state;
  }
}

/**
 * The job ended in an error; what had been reached stays in view.
 * @param kept whether there are factors that can be saved
 */
export function failedState(state: InspectorState, error: string, kept: boolean): InspectorState {
  const { queuePosition: _queuePosition, readFraction: _readFraction, remaining: _remaining, ...rest } = state;
  return withButtons({ ...rest, status: 'failed', error: editorWords(error) }, kept);
}

/** The part of a message that the page appends to what it has. */
export function progressIncrement(progress: IteratingProgress): InspectorProgress {
  const { restart, seed, points, rate, elapsed, remaining, preview } = progress;
  return { restart, seed, points, rate, elapsed, remaining, ...(preview ? { factors: preview } : {}) };
}

/** Two increments of one restart as one, for a page that is not to be flooded. */
export function mergeIncrements(first: InspectorProgress, second: InspectorProgress): InspectorProgress {
  const factors = second.factors ?? first.factors;
  return { ...second, points: appendTrace(first.points, second.points), ...(factors ? { factors } : {}) };
}

const noButtons: InspectorState['can'] = { stop: false, continue: false, export: false, retry: false, save: false };

function withButtons(state: InspectorState, kept: boolean): InspectorState {
  const active = state.status !== 'done' && state.status !== 'failed';
  return {
    ...state,
    can: {
      stop: active,
      continue: !active && kept,
      export: kept,
      retry: state.status === 'failed',
      // Whether anything is new only the session knows.
      save: false,
    },
  };
}

function iterate(state: InspectorState, progress: IteratingProgress): InspectorState {
  return {
    ...applyProgress(state, progressIncrement(progress)),
    restartCount: Math.max(state.restartCount, progress.restarts),
    device: progress.device,
  };
}

function endRestart(state: InspectorState, index: number, report: RestartReport): InspectorState {
  const restarts = [...state.restarts];
  restarts[index] = restartView(report);
  const best = lowestRestart(restarts);
  return { ...state, restarts, ...(best === undefined ? {} : { best }) };
}

function restartView(report: RestartReport): RestartView {
  return {
    seed: report.seed,
    trace: report.trace,
    stopReason: report.stopReason,
    objective: report.objective,
  };
}
