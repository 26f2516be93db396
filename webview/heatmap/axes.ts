import { isolated, oneLine } from '../../src/untrusted/text';
import type { Theme } from '../theme';
import { type Axis, nameOf } from './data';
import type { Viewport } from './viewport';

export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

const lineHeight = 14;
const titleHeight = 17;
/** Above the plot: half a label, so that the first row's is whole. */
const margin = 7;
/** Labels looked at to find how wide they are: a file may have a million. */
const sampled = 200;

function measureLabels(context: CanvasRenderingContext2D, axis: Axis): number {
  if (axis.labels === undefined) {
    const largest = axis.numbers?.reduce((most, number) => Math.max(most, number), 0) ?? axis.count;
    return context.measureText('0'.repeat(String(largest).length)).width;
  }
  const step = Math.max(1, Math.floor(axis.labels.length / sampled));
  let widest = 0;
  for (let i = 0; i < axis.labels.length; i += step) {
    widest = Math.max(widest, context.measureText(oneLine((axis.labels[i] ?? '').slice(0, 60))).width);
  }
  return widest;
}

/** Where the plot lies inside a canvas, and whether column labels stand upright. */
export interface Frame {
  plot: Rectangle;
  upright: boolean;
  /** Height of the column labels. */
  labels: number;
}

/** Leaves room for both axes in a canvas of the given extent, CSS pixels. */
export function frame(
  context: CanvasRenderingContext2D,
  theme: Theme,
  rows: Axis,
  columns: Axis,
  width: number,
  height: number,
): Frame {
  context.font = theme.font;
  // Whole pixels: a plot between pixels would blur every cell's edge.
  const left = Math.ceil(titleHeight + Math.min(measureLabels(context, rows), width * 0.24, 130) + 8);
  const plotWidth = Math.max(width - left - 2, 1);
  const widest = measureLabels(context, columns);
  const upright = columns.labels !== undefined && widest + 8 > plotWidth / columns.count;
  const labels = upright ? Math.ceil(Math.min(widest, 72)) + 8 : lineHeight + 6;
  const bottom = titleHeight + labels;
  return {
    plot: { left, top: margin, width: plotWidth, height: Math.max(height - bottom - margin, 1) },
    upright,
    labels,
  };
}

/** The labels worth drawing: every step-th, with step from 1, 2, 5, 10, … so that they lie `spacing` pixels apart. */
export function ticks(axis: Axis, first: number, cell: number, extent: number, spacing: number): number[] {
  let step = 1;
  for (const factor of [1, 2, 5]) {
    for (let power = 1; power <= 1e9; power *= 10) {
      const candidate = factor * power;
      if (candidate * cell >= spacing && (step * cell < spacing || candidate < step)) step = candidate;
    }
  }
  const last = Math.min(Math.ceil(first + extent / cell), axis.count);
  const indices: number[] = [];
  // Numbers count from 1, so that round ones stand at 10, 20, …; names start with the first.
  const shift = axis.labels === undefined && step > 1 ? step - 1 : 0;
  for (let i = Math.max(0, Math.ceil((first - shift) / step)) * step + shift; i < last; i += step) {
    const position = (i + 0.5 - first) * cell;
    if (position >= 0 && position <= extent) indices.push(i);
  }
  return indices;
}

function shorten(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (text.length <= 60 && context.measureText(text).width <= room) return text;
  let kept = text.slice(0, 60);
  while (kept.length > 1 && context.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** A label as it is drawn: in a direction of its own, and as much of it as has room. */
function drawn(context: CanvasRenderingContext2D, label: string, room: number): string {
  return isolated(shorten(context, oneLine(label.slice(0, 100)), room));
}

/** Draws labels, titles and the plot's border, in CSS pixels. */
export function drawAxes(
  context: CanvasRenderingContext2D,
  theme: Theme,
  { plot, upright, labels }: Frame,
  view: Viewport,
  rows: Axis,
  columns: Axis,
): void {
  context.font = theme.font;
  context.fillStyle = theme.secondary;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const room = plot.left - titleHeight - 7;
  for (const i of ticks(rows, view.row, view.cellHeight, plot.height, lineHeight)) {
    const y = plot.top + (i + 0.5 - view.row) * view.cellHeight;
    context.fillText(drawn(context, nameOf(rows, i), room), plot.left - 6, y);
  }
  const base = plot.top + plot.height;
  const spacing = upright ? lineHeight : measureLabels(context, columns) + 10;
  for (const i of ticks(columns, view.column, view.cellWidth, plot.width, spacing)) {
    const x = plot.left + (i + 0.5 - view.column) * view.cellWidth;
    if (upright) {
      context.save();
      context.translate(x, base + 6);
      context.rotate(-Math.PI / 2);
      context.fillText(drawn(context, nameOf(columns, i), 72), 0, 0);
      context.restore();
    } else {
      context.textAlign = 'center';
      context.fillText(isolated(nameOf(columns, i)), x, base + 11);
    }
  }
  context.textAlign = 'center';
  context.save();
  context.translate(8, plot.top + plot.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(shorten(context, rows.title, plot.height), 0, 0);
  context.restore();
  context.fillText(shorten(context, columns.title, plot.width), plot.left + plot.width / 2, base + labels + 8);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(plot.left - 0.5, plot.top - 0.5, plot.width + 1, plot.height + 1);
}
