import { element, noMenu, setText } from '../dom';
import { formatNumber } from '../format';
import type { Theme } from '../theme';
import { colourAt, type ColourRange } from './colour-map';
import { context2d } from './painter';

const width = 176;
const barHeight = 8;
const height = 32;

const formatTick = (value: number): string => formatNumber(value, 3);

/** The scale of a heatmap: what colour stands for what value, with a mark at the value under the pointer. */
export class ColourBar {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', {
    className: 'colour-bar',
    attributes: { role: 'img', 'data-vscode-context': noMenu },
  });
  readonly #unit = element('span', { className: 'unit' });

  /** @param control stands before the scale */
  constructor(control: HTMLElement) {
    this.node = element(
      'div',
      { className: 'scale' },
      control,
      element('span', { className: 'scale-bar' }, this.#unit, this.#canvas),
    );
  }

  /**
   * @param unit what the numbers are
   * @param marked a place between the ends, from 0 to 1
   * @param write writes a number of the scale
   */
  draw(range: ColourRange, theme: Theme, unit: string, marked: number | undefined, write = formatTick): void {
    setText(this.#unit, unit);
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const ticks = [range.low, (range.low + range.high) / 2, range.high];
    const ends = [range.below ? '≤ ' : '', '', range.above ? '≥ ' : ''];
    const beyond = range.below || range.above ? '; values beyond have the colour of the end' : '';
    this.#canvas.setAttribute(
      'aria-label',
      `Colour scale of ${unit === 'value' ? 'values' : unit} from ${write(range.low)} to ${write(range.high)}${beyond}`,
    );
    const context = context2d(this.#canvas);
    context.scale(ratio, ratio);
    const left = 1;
    const extent = width - 2;
    const top = 8;
    const gradient = context.createLinearGradient(left, 0, left + extent, 0);
    const stops = 48;
    for (let i = 0; i <= stops; i++) {
      const [red, green, blue] = colourAt(range.kind, i / stops, theme.dark);
      gradient.addColorStop(i / stops, `rgb(${red.toFixed(1)} ${green.toFixed(1)} ${blue.toFixed(1)})`);
    }
    context.fillStyle = gradient;
    context.fillRect(left, top, extent, barHeight);
    context.strokeStyle = theme.line;
    context.strokeRect(left - 0.5, top - 0.5, extent + 1, barHeight + 1);
    context.fillStyle = theme.secondary;
    context.font = theme.font;
    context.textBaseline = 'alphabetic';
    ticks.forEach((value, i) => {
      context.textAlign = (['left', 'center', 'right'] as const)[i] ?? 'center';
      const x = left + (extent * i) / 2;
      context.fillRect(Math.min(Math.max(x - 0.5, left), left + extent - 1), top + barHeight, 1, 3);
      context.fillText(`${ends[i] ?? ''}${write(value)}`, x, height - 2);
    });
    if (marked !== undefined && Number.isFinite(marked)) {
      const x = left + extent * Math.min(Math.max(marked, 0), 1);
      context.fillStyle = theme.foreground;
      context.beginPath();
      context.moveTo(x, top - 1);
      context.lineTo(x - 4, 1);
      context.lineTo(x + 4, 1);
      context.fill();
    }
  }
}
