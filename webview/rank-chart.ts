import { Chart, LinearScale, LineController, LineElement, LogarithmicScale, PointElement, Tooltip } from 'chart.js';
import { axisStyle, takePageFont, tooltipStyle } from './chart-style';
import type { Point } from './decimate';
import { element, noMenu } from './dom';
import { formatNumber } from './format';
import { type Theme, withAlpha } from './theme';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip);

/** Ranks named in a chart's description: the table has them all. */
const spokenRanks = 16;

/** What is drawn of every rank. */
export interface RankLine {
  /** What it is, where there is more than one. */
  name?: string;
  points: Point[];
  look: 'line' | 'dashed' | 'point';
  /** Half the length of the bar through each point. */
  spread?: readonly number[];
}

export interface RankPlot {
  lines: RankLine[];
  /** The rank whose points stand out. */
  chosen: number | undefined;
  /** How a value is written, on the axis and beside a point. */
  format(value: number): string;
  logarithmic?: boolean;
  /** Ends of the axis, where the data are not to set them. */
  low?: number;
  high?: number;
}

/** A figure by rank: a small chart with its title, and what it shows in words. */
export class RankChart {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', { attributes: { role: 'img', 'data-vscode-context': noMenu } });
  readonly #keys = element('span', { className: 'keys' });
  readonly #chart: Chart<'line', Point[]>;

  constructor(readonly title: string) {
    this.node = element(
      'figure',
      { className: 'rank-chart' },
      element('figcaption', {}, element('span', { text: title }), this.#keys),
      element('div', { className: 'chart' }, this.#canvas),
    );
    this.#chart = new Chart<'line', Point[]>(this.#canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        animation: false,
        parsing: false,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        layout: { padding: { top: 6, right: 10 } },
      },
    });
  }

  /** Hidden where there is nothing to draw. */
  update({ lines, chosen, format, logarithmic = false, low, high }: RankPlot, theme: Theme): void {
    const drawn = lines.filter(({ points }) => points.length > 0);
    this.node.hidden = drawn.length === 0;
    if (drawn.length === 0) {
      return;
    }
    this.#describe(drawn, format);
    takePageFont();
    const rankAxis = axisStyle(theme, 'rank', false);
    const valueAxis = axisStyle(theme, '', true);
    // Of a logarithmic axis the round steps.
    const named = (value: number): string =>
      logarithmic && !/^[125]/.test(value.toExponential()) ? '' : format(value);
    const ranks = drawn.flatMap(({ points }) => points.map(({ x }) => x));
    this.#chart.options.scales = {
      x: {
        type: 'linear',
        ...rankAxis,
        min: ranks.reduce((least, x) => Math.min(least, x), Infinity),
        max: ranks.reduce((most, x) => Math.max(most, x), -Infinity),
        ticks: { ...rankAxis.ticks, precision: 0 },
      },
      y: {
        type: logarithmic ? 'logarithmic' : 'linear',
        ...valueAxis,
        title: { display: false },
        ...(low !== undefined && { min: low }),
        ...(high !== undefined && { max: high }),
        ticks: { ...valueAxis.ticks, maxTicksLimit: 6, padding: 6, callback: (value) => named(Number(value)) },
      },
    };
    const shown = drawn.flatMap((line) => [line, ...(line.spread ? [undefined] : [])]);
    this.#chart.options.plugins = {
      tooltip: {
        ...tooltipStyle(theme),
        displayColors: false,
        filter: ({ datasetIndex }) => shown[datasetIndex] !== undefined,
        callbacks: {
          title: ([item]) => (item ? `rank ${item.parsed.x}` : ''),
          label: ({ datasetIndex, dataIndex, parsed }) => {
            const line = shown[datasetIndex];
            const spread = line?.spread?.[dataIndex];
            const value = `${format(parsed.y ?? NaN)}${spread === undefined ? '' : ` ± ${format(spread)}`}`;
            return line?.name === undefined ? value : `${line.name}: ${value}`;
          },
        },
      },
    };
    this.#chart.data.datasets = drawn.flatMap((line) => [
      this.#curve(line, chosen, line.look !== 'point' && drawn.some(({ look }) => look === 'point'), theme),
      ...(line.spread ? [this.#bars(line.points, line.spread, theme)] : []),
    ]);
    this.#chart.update('none');
  }

  /** For tests: what the chart holds. */
  describe(): { scale: string | undefined; lines: Point[][] } {
    return {
      scale: this.#chart.options.scales?.['y']?.type,
      lines: this.#chart.data.datasets.map(({ data }) => data),
    };
  }

  #describe(lines: readonly RankLine[], format: RankPlot['format']): void {
    const spoken = lines.map(({ name, points }) => {
      const listed = points.slice(0, spokenRanks).map(({ x, y }) => `${x}: ${format(y)}`);
      const more = points.length > spokenRanks ? `, and up to rank ${points.at(-1)?.x ?? 0} in the table` : '';
      return `${name === undefined ? '' : `${name}, `}${listed.join(', ')}${more}`;
    });
    this.#canvas.setAttribute('aria-label', `${this.title} by rank. ${spoken.join('. ')}`);
    this.#keys.replaceChildren(
      ...lines.flatMap(({ name, look }) =>
        name === undefined
          ? []
          : [
              element(
                'span',
                { className: 'key' },
                element('span', { className: `mark ${look}`, attributes: { 'aria-hidden': 'true' } }),
                name,
              ),
            ],
      ),
    );
  }

  /** `ringed`: the chosen rank's point is a ring, since the chart has one of the result itself. */
  #curve({ points, look }: RankLine, chosen: number | undefined, ringed: boolean, theme: Theme) {
    const isChosen = ({ x }: Point): boolean => x === chosen;
    // Points of a long line would touch.
    const radius = points.length > 40 ? 0 : points.length > 20 ? 1.5 : 3;
    return {
      data: points,
      clip: 8,
      borderColor: withAlpha(theme.foreground, 0.6),
      borderWidth: look === 'point' ? 0 : 1.5,
      borderDash: look === 'dashed' ? [4, 4] : [],
      pointBackgroundColor: points.map((point) => (isChosen(point) && !ringed ? theme.best : theme.background)),
      pointBorderColor: points.map((point) => (isChosen(point) ? theme.best : theme.foreground)),
      pointStyle: points.map((point) => (look === 'point' && isChosen(point) ? 'rectRot' : 'circle')),
      pointBorderWidth: points.map((point) => (isChosen(point) && ringed ? 1.5 : 1)),
      pointRadius: points.map((point) => (isChosen(point) ? 5 : radius)),
      order: look === 'point' ? 0 : 1,
    } as const;
  }

  /** One line up and down at each rank; NaN parts it from the next. */
  #bars(points: readonly Point[], spread: readonly number[], theme: Theme) {
    return {
      data: points.flatMap(({ x, y }, index) => [
        { x, y: y - (spread[index] ?? NaN) },
        { x, y: y + (spread[index] ?? NaN) },
        { x, y: NaN },
      ]),
      clip: 8,
      borderColor: withAlpha(theme.foreground, 0.6),
      borderWidth: 1,
      pointRadius: 0,
      pointHitRadius: 0,
      spanGaps: false,
      order: 2,
    } as const;
  }
}

/** Shorter than in a table: an axis has little room. */
export const formatFigure = (value: number): string => formatNumber(value, 3);
