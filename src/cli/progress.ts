import { deviceWarnings } from '../model/run';
import type { FactorizationSettings } from '../model/settings';
import type { JobProgress } from '../protocol/worker';
import { durationText, figure, oneLine } from './text';

/** What is needed of stderr. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressDisplay {
  readonly update: (progress: JobProgress) => void;
  /** A line of its own, above the bar. */
  readonly note: (line: string) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** Milliseconds between two drawings of a bar, and between two lines where there is no terminal. */
const barInterval = 100;
const lineInterval = 5000;
const barWidth = 24;

/** A bar that is redrawn on a terminal, a line every few seconds elsewhere, and only notes when quiet. */
export function createProgressDisplay(
  stream: ProgressStream,
  settings: FactorizationSettings,
  { quiet, now = () => performance.now() }: { quiet: boolean; now?: () => number },
): ProgressDisplay {
  const terminal = stream.isTTY === true;
  const interval = terminal ? barInterval : lineInterval;
  // The first line elsewhere is due after an interval: a short job says nothing.
  let drawn = terminal ? -Infinity : now();
  let shown = false;
  let deviceTold = false;

  function clear(): void {
    if (shown) {
      stream.write('\r\u001b[K');
      shown = false;
    }
  }

  function note(line: string): void {
    clear();
    stream.write(`${oneLine(line)}\n`);
  }

  return {
    update(progress) {
      if (progress.phase === 'iterating' && !deviceTold) {
        deviceTold = true;
        for (const warning of deviceWarnings(progress.device)) note(`Warning: ${warning}`);
      }
      if (quiet || now() - drawn < interval) {
        return;
      }
      const line = describe(progress, settings, terminal);
      if (line === undefined) {
        return;
      }
      drawn = now();
      if (terminal) {
        // A terminal that does not know its width says 0. One column is left free, or some would wrap.
        const width = stream.columns === undefined || stream.columns < 1 ? 80 : stream.columns;
        stream.write(`\r\u001b[K${line.slice(0, width - 1)}`);
        shown = true;
      } else {
        stream.write(`${line}\n`);
      }
    },
    note,
    end: clear,
  };
}

function describe(progress: JobProgress, settings: FactorizationSettings, withBar: boolean): string | undefined {
  switch (progress.phase) {
    case 'queued':
      return undefined;
    case 'reading':
      return `${withBar ? `${bar(progress.fraction)} ` : ''}reading ${percent(progress.fraction)}`;
    case 'compiling':
      return `compiling for ${progress.data.rows} × ${progress.data.columns}`;
    case 'iterating': {
      const iteration = progress.points.iteration.at(-1) ?? 0;
      const objective = progress.points.objective.at(-1) ?? NaN;
      // Restarts may go side by side: the time that is left was estimated from all of them.
      const fraction = Number.isFinite(progress.remaining)
        ? progress.elapsed / Math.max(Number.MIN_VALUE, progress.elapsed + progress.remaining)
        : 0;
      return [
        withBar ? `${bar(fraction)} ${percent(fraction)}` : percent(fraction),
        `restart ${progress.restart + 1}/${progress.restarts}`,
        `iteration ${iteration}/${settings.stopping.iterations}`,
        `objective ${figure(objective)}`,
        `${durationText(progress.remaining)} left`,
      ].join('  ');
    }
    case 'choosing-rank':
      return `choosing the rank: trying ${progress.rank}, fit ${progress.fold + 1}/${progress.folds}`;
    case 'diagnosing':
      return 'the factors are written; examining them';
    case 'rank-chosen':
    case 'restart-ended':
      return undefined;
  }
}

function bar(fraction: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

function percent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`.padStart(5);
}
