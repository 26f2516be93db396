import { endings } from '../src/wording/endings';
import { durationText } from '../src/wording/duration';
import type { Fact, InspectorState } from '../src/protocol/inspector';
import { element, Refreshed, setText } from './dom';
import { formatCount, formatNumber, formatPercent } from './format';
import { objectiveOf } from '../src/protocol/restart-views';
import { bestOf, runningOf } from './state';

interface Figure {
  label: string;
  value: string;
  /** Set smaller, after the value. */
  note?: string;
  /** The note needs the room of two. */
  wide?: boolean;
}

function whileRunning(state: InspectorState): Figure[] {
  const running = runningOf(state);
  const best = bestOf(state);
  // Of several, the one that leads.
  const shown = best !== undefined && running.includes(best) ? best : running.at(-1);
  const restart = shown === undefined ? undefined : state.restarts[shown];
  const iteration = restart?.trace.iteration.at(-1);
  const objective = restart === undefined ? undefined : objectiveOf(restart);
  const figures: Figure[] = [
    {
      label: 'Iteration',
      value: iteration === undefined ? '–' : formatCount(iteration),
      note: `of ${formatCount(state.iterationLimit)}`,
    },
    running.length > 1
      ? {
          label: 'Restarts',
          value: formatCount(running.length),
          note: `at once, of ${formatCount(state.restartCount)}`,
        }
      : {
          label: 'Restart',
          value: formatCount((shown ?? state.restarts.length - 1) + 1),
          note: `of ${formatCount(state.restartCount)}`,
        },
    { label: 'Objective', value: objective === undefined ? '–' : formatNumber(objective, 5) },
  ];
  if (state.rate !== undefined) figures.push({ label: 'Rate', value: formatNumber(state.rate, 3) });
  if (state.elapsed !== undefined) figures.push({ label: 'Elapsed', value: durationText(state.elapsed) });
  if (state.remaining !== undefined) {
    figures.push({ label: 'Remaining', value: `about ${durationText(state.remaining)}` });
  }
  return figures;
}

function whenOver(state: InspectorState): Figure[] {
  const figures: Figure[] = [];
  const { statistics, missing, foretelling } = state;
  const best = bestOf(state);
  const restart = best === undefined ? undefined : state.restarts[best];
  const objective = statistics?.objective ?? (restart === undefined ? undefined : objectiveOf(restart));
  if (objective !== undefined) figures.push({ label: 'Objective', value: formatNumber(objective, 5) });
  if (statistics !== undefined) {
    figures.push(
      {
        label: 'Explained variance',
        value: statistics.explainedVariance === undefined ? 'none' : formatPercent(statistics.explainedVariance),
        ...(statistics.explainedVariance === undefined && { note: '(all numbers alike)' }),
      },
      { label: 'Relative error', value: formatPercent(statistics.relativeError) },
    );
  }
  if (foretelling !== undefined) {
    const { rmse, columnMeans, biases } = foretelling;
    figures.push({
      label: 'Held-out error',
      value: formatNumber(rmse, 3),
      note: `(column means ${formatNumber(columnMeans, 3)}, biases ${formatNumber(biases, 3)})`,
      wide: true,
    });
  }
  const iterations = restart?.trace.iteration.at(-1);
  if (iterations !== undefined) {
    const reason = restart?.stopReason;
    figures.push({
      label: 'Iterations',
      value: formatCount(iterations),
      ...(reason === undefined ? {} : { note: `(${endings[reason]})` }),
    });
  }
  if (state.elapsed !== undefined) figures.push({ label: 'Time', value: durationText(state.elapsed) });
  if (missing !== undefined && missing > 0 && statistics !== undefined) {
    const all = statistics.observed + missing;
    figures.push({ label: 'Missing', value: formatPercent(missing / all), note: `${formatCount(missing)} entries` });
  }
  return figures;
}

/** The numbers that matter now, large. */
export class Figures {
  readonly node = element('section', { className: 'figures', attributes: { 'aria-label': 'Figures' } });
  readonly #list = element('dl');
  readonly #content = new Refreshed(this.#list);
  #values: { value: HTMLElement; note: HTMLElement }[] = [];

  constructor() {
    this.node.append(this.#list);
  }

  update(state: InspectorState): void {
    const figures = state.status === 'running' ? whileRunning(state) : whenOver(state);
    this.node.hidden = figures.length === 0 || state.restarts.length === 0;
    // Only text changes while it runs, so that nothing moves or flickers.
    this.#content.update(
      figures.map(({ label }) => label),
      () => {
        this.#values = [];
        return figures.map(({ label, wide }) => {
          const value = element('span', { className: 'value' });
          const note = element('span', { className: 'note' });
          this.#values.push({ value, note });
          return element(
            'div',
            wide ? { className: 'wide' } : {},
            element('dt', { text: label }),
            element('dd', {}, value, ' ', note),
          );
        });
      },
    );
    figures.forEach((figure, index) => {
      const slot = this.#values[index];
      if (slot !== undefined) {
        setText(slot.value, figure.value);
        setText(slot.note, figure.note ?? '');
      }
    });
  }
}

/** Settings, data and versions: what is needed to get the same result again. */
export class Facts {
  readonly node = element('section', { className: 'facts' }, element('h2', { text: 'Settings and provenance' }));
  readonly #list = new Refreshed(element('dl', { className: 'pairs' }));

  constructor() {
    this.node.append(this.#list.node);
  }

  update({ facts }: { facts: Fact[] }): void {
    this.node.hidden = facts.length === 0;
    this.#list.update(facts, () =>
      facts.flatMap(({ label, value }) => [element('dt', { text: label }), element('dd', { text: value })]),
    );
  }
}
