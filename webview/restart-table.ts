import { endings } from '../src/wording/endings';
import type { RestartView } from '../src/protocol/inspector';
import { element, Refreshed, setText } from './dom';
import { formatCount, formatNumber } from './format';
import { objectiveOf } from '../src/protocol/restart-views';
import { bestOf, runningOf, type ShownState } from './state';
import { isFitted } from './words';

function ending(restart: RestartView, running: boolean): string {
  if (restart.stopReason !== undefined) return endings[restart.stopReason];
  return running ? 'running' : '–';
}

/** The chart's legend, and what it shows in words: a row a restart. */
export class RestartTable {
  readonly node: HTMLElement;
  readonly #body = element('tbody');
  readonly #rows = new Refreshed(this.#body);

  /** `pointed` is told which restart is under the pointer or has the focus. */
  constructor(readonly pointed: (restart: number | undefined) => void) {
    const heads = ['Seed', 'Iterations', 'Objective', 'Ended by'].map((text) =>
      element('th', { text, attributes: { scope: 'col' } }),
    );
    this.node = element(
      'div',
      {
        className: 'restarts',
        attributes: { id: 'restarts', tabindex: '0', role: 'region', 'aria-label': 'Restarts' },
      },
      element(
        'table',
        {},
        element('caption', {
          className: 'visually-hidden',
          text: 'Restarts: seed, iterations, objective and why each ended',
        }),
        element('thead', {}, element('tr', {}, ...heads)),
        this.#body,
      ),
    );
  }

  update(state: ShownState): void {
    this.#rows.update(state.restarts.length, () => state.restarts.map((_, index) => this.#row(index)));
    const best = bestOf(state);
    const running = runningOf(state);
    state.restarts.forEach((restart, index) => {
      const row = this.#body.children[index];
      const [seed, iterations, objective, ended] = row?.children ?? [];
      if (!row || !seed || !iterations || !objective || !ended) {
        return;
      }
      row.className = index === best ? 'best' : running.includes(index) ? 'running' : '';
      const [, number, badge] = seed.children;
      if (number && badge) {
        setText(number, String(restart.seed));
        setText(badge, index === best ? (isFitted(state) ? 'best' : 'best so far') : '');
      }
      setText(iterations, formatCount(restart.trace.iteration.at(-1) ?? 0));
      const value = objectiveOf(restart);
      setText(objective, value === undefined ? '–' : formatNumber(value, 6));
      setText(ended, ending(restart, !state.silent && running.includes(index)));
    });
  }

  #row(index: number): HTMLElement {
    const row = element(
      'tr',
      {},
      element(
        'th',
        { attributes: { scope: 'row' } },
        element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } }),
        element('span'),
        ' ',
        element('span', { className: 'badge' }),
      ),
      element('td'),
      element('td'),
      element('td'),
    );
    row.addEventListener('pointerenter', () => this.pointed(index));
    row.addEventListener('pointerleave', () => this.pointed(undefined));
    return row;
  }
}
