import { Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip } from 'chart.js';
import type { RankPoint } from '../src/factorization/rank-selection';
import type { InspectorState } from '../src/protocol/inspector';
import { axisStyle, takePageFont, tooltipStyle } from './chart-style';
import type { Point } from './decimate';
import { element, setText } from './dom';
import { formatNumber, plural } from './format';
import { readTheme, type Theme, withAlpha } from './theme';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip);

/** A logarithmic axis fits when errors differ by more than this factor. */
const wideRange = 5;

/** Which ranks were compared on held-out entries, and which was chosen. */
export class Ranks {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', { attributes: { role: 'img' } });
  readonly #sentence = element('p', { className: 'rank-sentence' });
  readonly #chart: Chart<'line', Point[]>;
  #theme: Theme = readTheme();
  #state: InspectorState | undefined;

  constructor() {
    this.node = element(
      'section',
      { className: 'ranks' },
      element('div', { className: 'section-head' }, element('h2', { text: 'Choice of the Rank' })),
      this.#sentence,
      element('div', { className: 'chart' }, this.#canvas),
    );
    this.#chart = new Chart<'line', Point[]>(this.#canvas, {
      type: 'line',
      data: { datasets: [{ data: [] }, { data: [] }] },
      options: {
        animation: false,
        parsing: false,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', intersect: false },
        layout: { padding: { top: 6, right: 8 } },
      },
    });
  }

  update(state: InspectorState): void {
    this.#state = state;
    const curve = state.rankCurve ?? [];
    this.node.hidden = curve.length === 0;
    setText(this.#sentence, sentenceOf(curve, state.rank));
    this.#canvas.setAttribute(
      'aria-label',
      `Held-out loss by rank: ${curve.map(({ rank, error }) => `${rank}: ${formatNumber(error)}`).join(', ')}`,
    );
    this.#refresh();
  }

  retheme(theme: Theme): void {
    this.#theme = theme;
    this.#refresh();
  }

  /** For tests: what the chart holds. */
  describe(): object {
    const [line, whiskers] = this.#chart.data.datasets;
    return { scale: this.#chart.options.scales?.['y']?.type, points: line?.data, whiskers: whiskers?.data };
  }

  #refresh(): void {
    const curve = this.#state?.rankCurve ?? [];
    if (curve.length === 0) return;
    const theme = this.#theme;
    const chosen = this.#state?.rank;
    takePageFont();
    const lows = curve.map(({ error, standardError }) => error - standardError);
    const highs = curve.map(({ error, standardError }) => error + standardError);
    const logarithmic = Math.min(...lows) > 0 && Math.max(...highs) > wideRange * Math.min(...lows);
    const rankAxis = axisStyle(theme, 'rank', false);
    const lossAxis = axisStyle(theme, 'loss of a held-out entry', true);
    this.#chart.options.scales = {
      x: { type: 'linear', ...rankAxis, ticks: { ...rankAxis.ticks, precision: 0 } },
      y: {
        type: logarithmic ? 'logarithmic' : 'linear',
        ...lossAxis,
        ticks: { ...lossAxis.ticks, maxTicksLimit: 6, padding: 6, callback: (value) => formatNumber(Number(value), 3) },
      },
    };
    this.#chart.options.plugins = {
      tooltip: {
        ...tooltipStyle(theme),
        displayColors: false,
        filter: ({ datasetIndex }) => datasetIndex === 0,
        callbacks: {
          title: ([item]) => (item ? `rank ${item.parsed.x}` : ''),
          label: ({ dataIndex }) => {
            const point = curve[dataIndex];
            return point ? `${formatNumber(point.error)} ± ${formatNumber(point.standardError)}` : '';
          },
        },
      },
    };
    const isChosen = (index: number): boolean => curve[index]?.rank === chosen;
    const [line, whiskers] = this.#chart.data.datasets;
    if (line === undefined || whiskers === undefined) return;
    Object.assign(line, {
      data: curve.map(({ rank, error }) => ({ x: rank, y: error })),
      borderColor: withAlpha(theme.foreground, 0.6),
      borderWidth: 1.5,
      pointBackgroundColor: curve.map((_, index) => (isChosen(index) ? theme.best : theme.background)),
      pointBorderColor: curve.map((_, index) => (isChosen(index) ? theme.best : theme.foreground)),
      pointRadius: curve.map((_, index) => (isChosen(index) ? 5 : 3)),
      order: 0,
    });
    Object.assign(whiskers, {
      // One line up and down at each rank; NaN parts it from the next.
      data: curve.flatMap(({ rank }, index) => [
        { x: rank, y: lows[index] ?? NaN },
        { x: rank, y: highs[index] ?? NaN },
        { x: rank, y: NaN },
      ]),
      borderColor: withAlpha(theme.foreground, 0.6),
      borderWidth: 1,
      pointRadius: 0,
      pointHitRadius: 0,
      spanGaps: false,
      order: 1,
    });
    this.#chart.update('none');
  }
}

function sentenceOf(curve: readonly RankPoint[], chosen: number | undefined): string {
  const tried = `${plural(curve.length, 'rank')} tried on entries that the fit did not see; a bar is one standard error.`;
  return chosen === undefined
    ? tried
    : `Rank ${chosen} is the smallest within one standard error of the least loss. ${tried}`;
}
