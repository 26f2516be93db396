import {
  Chart,
  type ChartDataset,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js';
import type { InspectorState } from '../src/protocol/inspector';
import { axisStyle, takePageFont, tooltipStyle } from './chart-style';
import { decimate, type Point } from './decimate';
import { element, noMenu } from './dom';
import { formatCount, formatNumber, plural } from './format';
import { changeViewState, readViewState } from './messages';
import { RestartTable } from './restart-table';
import { objectiveOf } from '../src/protocol/restart-views';
import { bestOf, runningOf } from './state';
import { readTheme, type Theme, withAlpha } from './theme';
import { isFitted } from './words';

Chart.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip);

type Scale = 'linear' | 'logarithmic';

/** Points drawn of one restart: more than a chart is wide would only overlap. */
const pointLimit = 800;
/** A logarithmic axis fits when the objective falls by more than this factor. */
const wideFall = 20;

/** The scale that suits the traces: logarithmic if they are positive and span much. */
export function suitableScale(state: InspectorState): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const { trace } of state.restarts) {
    for (const value of trace.objective) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > 0 && high > low * wideFall ? 'logarithmic' : 'linear';
}

/** The chart in a sentence or two, for those who do not see it. */
function describe(state: InspectorState): string {
  const best = bestOf(state);
  const restart = best === undefined ? undefined : state.restarts[best];
  if (restart === undefined) {
    return 'No restart has begun.';
  }
  const first = restart.trace.objective[0];
  const last = objectiveOf(restart);
  const course =
    first === undefined || last === undefined
      ? ''
      : `: the objective goes from ${formatNumber(first)} at iteration ${formatCount(restart.trace.iteration[0] ?? 0)} to ${formatNumber(last)} at iteration ${formatCount(restart.trace.iteration.at(-1) ?? 0)}`;
  const lead = isFitted(state) ? 'Best' : 'Best so far';
  return `Objective by iteration, ${plural(state.restarts.length, 'restart')}. ${lead} is seed ${restart.seed}${course}. The table beside has every restart.`;
}

/** The objective of every restart, growing while they run. */
export class Convergence {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', {
    attributes: { role: 'img', 'aria-describedby': 'restarts', 'data-vscode-context': noMenu },
  });
  readonly #toggle: Record<Scale, HTMLButtonElement>;
  readonly #table = new RestartTable((restart) => {
    this.#pointed = restart;
    this.#restyle();
  });
  readonly #chart: Chart<'line', Point[]>;
  #theme: Theme = readTheme();
  #state: InspectorState | undefined;
  #pointed: number | undefined;
  /** What the chart's axes were made for: made anew they cost more than all else that is drawn. */
  #styled = '';

  constructor() {
    const button = (scale: Scale, text: string): HTMLButtonElement => {
      const node = element('button', { className: 'tool', text, attributes: { type: 'button' } });
      node.addEventListener('click', () => {
        changeViewState({ scale });
        this.#refresh();
      });
      return node;
    };
    this.#toggle = { logarithmic: button('logarithmic', 'Log'), linear: button('linear', 'Linear') };
    this.node = element(
      'section',
      { className: 'convergence' },
      element(
        'div',
        { className: 'section-head' },
        element('h2', { text: 'Convergence' }),
        element(
          'div',
          { className: 'tools', attributes: { role: 'group', 'aria-label': 'Scale of the objective' } },
          this.#toggle.logarithmic,
          this.#toggle.linear,
        ),
      ),
      element(
        'div',
        { className: 'convergence-body' },
        element('div', { className: 'chart' }, this.#canvas),
        this.#table.node,
      ),
    );
    this.#chart = new Chart<'line', Point[]>(this.#canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', intersect: false },
        layout: { padding: { top: 6, right: 8 } },
        plugins: {
          tooltip: {
            displayColors: false,
            callbacks: {
              title: ([item]) => item?.dataset.label ?? '',
              label: ({ parsed }) => [
                `iteration ${formatCount(parsed.x ?? NaN)}`,
                `objective ${formatNumber(parsed.y ?? NaN, 6)}`,
              ],
            },
          },
        },
      },
    });
  }

  update(state: InspectorState): void {
    this.#state = state;
    this.node.hidden = state.restarts.length === 0;
    this.#table.update(state);
    this.#canvas.setAttribute('aria-label', describe(state));
    this.#refresh();
  }

  retheme(theme: Theme): void {
    this.#theme = theme;
    this.#refresh();
  }

  /** For tests: what the chart holds. */
  describe(): object {
    return {
      scale: this.#scale(),
      lines: this.#chart.data.datasets.map((line) => ({
        label: line.label,
        colour: line.borderColor,
        width: line.borderWidth,
        points: line.data,
      })),
    };
  }

  #scale(): Scale {
    return readViewState().scale ?? (this.#state === undefined ? 'linear' : suitableScale(this.#state));
  }

  #refresh(): void {
    const state = this.#state;
    if (state === undefined || state.restarts.length === 0) {
      return;
    }
    const scale = this.#scale();
    for (const [name, button] of Object.entries(this.#toggle)) {
      button.setAttribute('aria-pressed', String(name === scale));
    }
    this.#style(scale, state.status === 'running');
    // Data sets are kept, so that a chart under the pointer keeps its tooltip.
    const lines = this.#chart.data.datasets;
    lines.length = Math.min(lines.length, state.restarts.length);
    state.restarts.forEach((restart, index) => {
      const line: ChartDataset<'line', Point[]> = (lines[index] ??= { data: [] });
      line.label = `seed ${restart.seed}`;
      line.data = decimate(restart.trace, pointLimit);
    });
    this.#restyle();
  }

  #style(scale: Scale, running: boolean): void {
    const theme = this.#theme;
    const styled = JSON.stringify([scale, running, theme]);
    if (styled === this.#styled) return;
    this.#styled = styled;
    const logarithmic = scale === 'logarithmic';
    const callback = (value: number | string): string => {
      const leading = Number(Number(value).toExponential().split('e')[0]);
      return logarithmic && ![1, 2, 5].includes(leading) ? '' : formatNumber(Number(value), 3);
    };
    const vertical = axisStyle(theme, 'objective', true);
    const horizontal = axisStyle(theme, 'iteration', false);
    takePageFont();
    this.#chart.options.scales = {
      x: { type: 'linear', ...horizontal, min: 0, suggestedMax: running ? undefined : 1 },
      y: {
        ...vertical,
        type: scale,
        ticks: { ...vertical.ticks, callback, maxTicksLimit: 8, padding: 6 },
      },
    };
    this.#chart.options.plugins = {
      ...this.#chart.options.plugins,
      tooltip: {
        ...this.#chart.options.plugins?.tooltip,
        ...tooltipStyle(theme),
      },
    };
  }

  #restyle(): void {
    const state = this.#state;
    if (state === undefined) {
      return;
    }
    const theme = this.#theme;
    const best = bestOf(state);
    const running = runningOf(state);
    const faint = withAlpha(theme.foreground, theme.highContrast ? 0.6 : 0.3);
    this.#chart.data.datasets.forEach((line, index) => {
      const [colour, width, order] =
        index === best ? [theme.best, 2.5, 1] : running.includes(index) ? [theme.running, 1.75, 2] : [faint, 1, 3];
      const pointed = index === this.#pointed;
      const last = line.data.length - 1;
      Object.assign(line, {
        borderColor: pointed && order === 3 ? theme.foreground : colour,
        backgroundColor: colour,
        borderWidth: pointed ? 3 : width,
        order: pointed ? 0 : order,
        pointRadius: ({ dataIndex }: { dataIndex: number }) => (dataIndex === last && order < 3 ? 3.5 : 0),
        pointHoverRadius: 4,
        pointHitRadius: 0,
        tension: 0,
      });
    });
    this.#chart.update('none');
  }
}
