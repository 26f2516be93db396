import { element } from '../dom';
import { formatNumber } from '../format';
import type { Theme } from '../theme';
import { colourAt, type ColourRange } from './colour-map';
import { context2d } from './painter';

const width = 176;
const barHeight = 8;
const height = 32;

/** The scale of a heatmap: what colour stands for what value, with a mark at the value under the pointer. */
export class ColourBar {
  readonly node: HTMLElement;
  readonly #canvas = element('canvas', { className: 'colour-bar', attributes: { role: 'img' } });

  constructor() {
    this.node = element(
      'div',
      { className: 'scale' },
      element('span', { className: 'unit', text: 'value' }),
      this.#canvas,
    );
  }

  draw(range: ColourRange, theme: Theme, marked: number | undefined): void {
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const ticks = [range.low, (range.low + range.high) / 2, range.high];
    this.#canvas.setAttribute(
      'aria-label',
      `Colour scale of values from ${formatNumber(range.low)} to ${formatNumber(range.high)}`,
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
      context.fillText(formatNumber(value, 3), x, height - 2);
    });
    if (marked !== undefined && Number.isFinite(marked)) {
      const position = (marked - range.low) / (range.high - range.low);
      const x = left + extent * Math.min(Math.max(position, 0), 1);
      context.fillStyle = theme.foreground;
      context.beginPath();
      context.moveTo(x, top - 1);
      context.lineTo(x - 4, 1);
      context.lineTo(x + 4, 1);
      context.fill();
    }
  }
}
