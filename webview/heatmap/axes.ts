import { isolated, oneLine } from '../../src/untrusted/text';
import type { Theme } from '../theme';
import { type Axis, nameOf } from './data';
import { labelPlaces, namesOn } from './label-places';
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
/** Between the plot and its labels: room for bands. */
const gap = 8;
/** The part of the canvas that labels beside and below the plot may take, and so many pixels in any case, up to a most. */
const share = { beside: 0.3, below: 0.4 };
const minRoom = 72;
const maxRoom = 220;
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

const roomIn = (extent: number, side: keyof typeof share): number =>
  Math.min(Math.max(share[side] * extent, minRoom), maxRoom);

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
  const left = Math.ceil(titleHeight + Math.min(measureLabels(context, rows), roomIn(width, 'beside')) + gap + 2);
  const plotWidth = Math.max(width - left - 2, 1);
  const widest = measureLabels(context, columns);
  const upright = columns.labels !== undefined && widest + 8 > plotWidth / namesOn(columns);
  const labels = upright ? Math.ceil(Math.min(widest, roomIn(height, 'below'))) + gap + 2 : lineHeight + gap;
  const bottom = titleHeight + labels;
  return {
    plot: { left, top: margin, width: plotWidth, height: Math.max(height - bottom - margin, 1) },
    upright,
    labels,
  };
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
  const room = plot.left - titleHeight - gap - 1;
  const down = labelPlaces(rows, view.row, view.cellHeight, plot.height, lineHeight);
  for (const { from, to } of down.bands) context.fillRect(plot.left - 5, plot.top + from, 2, to - from);
  for (const { index, at } of down.labels) {
    context.fillText(drawn(context, nameOf(rows, index), room), plot.left - gap, plot.top + at);
  }
  const base = plot.top + plot.height;
  const spacing = upright ? lineHeight : measureLabels(context, columns) + 10;
  const across = labelPlaces(columns, view.column, view.cellWidth, plot.width, spacing);
  for (const { from, to } of across.bands) context.fillRect(plot.left + from, base + 3, to - from, 2);
  for (const { index, at } of across.labels) {
    const x = plot.left + at;
    if (upright) {
      context.save();
      context.translate(x, base + gap);
      context.rotate(-Math.PI / 2);
      context.fillText(drawn(context, nameOf(columns, index), labels - gap - 1), 0, 0);
      context.restore();
    } else {
      context.textAlign = 'center';
      context.fillText(isolated(nameOf(columns, index)), x, base + gap + 5);
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
