import type { MatrixPreview } from '../../src/factorization/progress';
import { formatNumber } from '../format';
import type { Theme } from '../theme';
import { type ColourRange, tableSize } from './colour-map';
import type { Selection } from './data';
import type { Viewport } from './viewport';

/** Cells at least this large, CSS pixels, are set apart by a line; those at least `readable` show their value. */
const separable = 14;
const readable = { width: 50, height: 17 };

/**
 * Near cells: lines between them and, when there is room, their values. Positions are CSS pixels of the plot.
 * @param drawn the cells as they are coloured
 */
export function drawCellDetail(
  context: CanvasRenderingContext2D,
  theme: Theme,
  view: Viewport,
  matrix: MatrixPreview,
  drawn: Float32Array,
  range: ColourRange,
  colours: Uint32Array,
): void {
  const { row, column, cellWidth, cellHeight, width, height } = view;
  if (cellWidth < separable || cellHeight < separable) {
    return;
  }
  context.fillStyle = theme.background;
  for (let i = Math.ceil(row); (i - row) * cellHeight < height; i++) {
    context.fillRect(0, Math.round((i - row) * cellHeight) - 0.5, width, 1);
  }
  for (let j = Math.ceil(column); (j - column) * cellWidth < width; j++) {
    context.fillRect(Math.round((j - column) * cellWidth) - 0.5, 0, 1, height);
  }
  if (cellWidth < readable.width || cellHeight < readable.height || matrix.rowStep > 1 || matrix.columnStep > 1) {
    return;
  }
  context.font = theme.font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const factor = (tableSize - 1) / (range.high - range.low);
  const lastRow = Math.min(matrix.rows, Math.ceil(row + height / cellHeight));
  const lastColumn = Math.min(matrix.columns, Math.ceil(column + width / cellWidth));
  for (let i = Math.floor(row); i < lastRow; i++) {
    for (let j = Math.floor(column); j < lastColumn; j++) {
      const value = matrix.values[i * matrix.columns + j] ?? NaN;
      const entry = Math.round(((drawn[i * matrix.columns + j] ?? NaN) - range.low) * factor);
      const colour = colours[Math.min(Math.max(entry, 0), tableSize - 1)] ?? 0;
      // Rec. 601 luma is near enough to choose between black and white.
      const luma = 0.299 * (colour & 255) + 0.587 * ((colour >> 8) & 255) + 0.114 * ((colour >> 16) & 255);
      // A NaN has no colour of its own.
      const ink = luma > 140 ? 'rgb(0 0 0 / 0.78)' : 'rgb(255 255 255 / 0.85)';
      context.fillStyle = Number.isNaN(value) ? theme.foreground : ink;
      const x = (j + 0.5 - column) * cellWidth;
      context.fillText(formatNumber(value, 3), x, (i + 0.5 - row) * cellHeight);
    }
  }
}

/** Outlines the cell that is pointed at, however small it is. */
export function drawOutline(
  context: CanvasRenderingContext2D,
  theme: Theme,
  view: Viewport,
  { row, column }: Selection,
): void {
  const width = Math.max(view.cellWidth, 5);
  const height = Math.max(view.cellHeight, 5);
  const x = (column + 0.5 - view.column) * view.cellWidth - width / 2;
  const y = (row + 0.5 - view.row) * view.cellHeight - height / 2;
  // Two tones, so that it shows on any colour of the map.
  context.lineWidth = 3;
  context.strokeStyle = theme.background;
  context.strokeRect(x, y, width, height);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.foreground;
  context.strokeRect(x, y, width, height);
}
