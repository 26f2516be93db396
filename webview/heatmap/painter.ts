import { type ColourRange, tableSize } from './colour-map';
import type { Pyramid } from './pyramid';

/** One direction of what is to be drawn, in cells of the matrix and device pixels of the plot. */
export interface Span {
  /** First cell in view; a fraction is a part of a cell. */
  start: number;
  /** Cells per device pixel. */
  scale: number;
  /** Device pixels of the plot. */
  pixels: number;
}

/** How one direction of the buffer is filled and where it lands on the plot. */
interface Plan {
  level: number;
  /** For entry i of the buffer, the cells from[i] up to but not including to[i] of that level. */
  from: Int32Array;
  to: Int32Array;
  /** Where the buffer lies in the plot, device pixels. */
  offset: number;
  extent: number;
}

/**
 * Zoomed in, the buffer has an entry a cell and is stretched; zoomed out, an entry a pixel, each looking at no more
 * than three cells of the level whose cells are just smaller than a pixel. Either way its length is bounded by the
 * plot's pixels.
 */
export function plan({ start, scale, pixels }: Span, count: number): Plan {
  if (scale <= 1) {
    const first = Math.max(Math.floor(start), 0);
    const last = Math.min(Math.ceil(start + pixels * scale), count);
    const from = Int32Array.from({ length: Math.max(last - first, 0) }, (_, i) => first + i);
    return {
      level: 0,
      from,
      to: from.map((cell) => cell + 1),
      offset: (first - start) / scale,
      extent: from.length / scale,
    };
  }
  const level = Math.floor(Math.log2(scale));
  const block = 2 ** level;
  const cells = Math.ceil(count / block);
  const length = Math.max(Math.min(pixels, Math.ceil((count - start) / scale)), 0);
  const from = new Int32Array(length);
  const to = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    from[i] = Math.min(Math.floor((start + i * scale) / block), cells - 1);
    to[i] = Math.min(Math.max(Math.ceil((start + (i + 1) * scale) / block - 1e-9), (from[i] ?? 0) + 1), cells);
  }
  return { level, from, to, offset: 0, extent: length };
}

/** The cells of the matrix, from up to but not including to, that one pixel of the plot stands for. */
export function cellsAt(span: Span, pixel: number, count: number): { from: number; to: number } {
  const { level, from, to } = plan({ start: span.start + pixel * span.scale, scale: span.scale, pixels: 1 }, count);
  const block = 2 ** level;
  return { from: (from[0] ?? 0) * block, to: Math.min((to[0] ?? 0) * block, count) };
}

/** What the last drawing cost: cells of the matrix or of its aggregates looked at, and pixels computed. */
export interface PaintCost {
  cellsRead: number;
  pixels: number;
}

/** Draws matrices through a buffer that is never larger than the plot. */
export class Painter {
  readonly #buffer = document.createElement('canvas');
  readonly #bufferContext: CanvasRenderingContext2D;

  constructor() {
    this.#bufferContext = context2d(this.#buffer);
  }

  /** Draws onto `target`, whose origin is the plot's corner and whose unit is a device pixel. */
  paint(
    target: CanvasRenderingContext2D,
    pyramid: Pyramid,
    rows: Span,
    columns: Span,
    range: ColourRange,
    colours: Uint32Array,
  ): PaintCost {
    const down = plan(rows, pyramid.base.rows);
    const across = plan(columns, pyramid.base.columns);
    const height = down.from.length;
    const width = across.from.length;
    if (height === 0 || width === 0) {
      return { cellsRead: 0, pixels: 0 };
    }
    if (this.#buffer.width < width || this.#buffer.height < height) {
      this.#buffer.width = Math.max(this.#buffer.width, width);
      this.#buffer.height = Math.max(this.#buffer.height, height);
    }
    const image = this.#bufferContext.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const level = pyramid.level(down.level, across.level);
    const factor = (tableSize - 1) / (range.high - range.low);
    let cellsRead = 0;
    for (let y = 0; y < height; y++) {
      const top = down.from[y] ?? 0;
      const bottom = down.to[y] ?? 0;
      for (let x = 0; x < width; x++) {
        const left = across.from[x] ?? 0;
        const right = across.to[x] ?? 0;
        let shown = 0;
        for (let i = top; i < bottom; i++) {
          for (let j = left; j < right; j++) {
            const value = level.values[i * level.columns + j] ?? NaN;
            if (Math.abs(value) > Math.abs(shown) || Number.isNaN(value)) shown = value;
          }
        }
        cellsRead += (bottom - top) * (right - left);
        // A NaN stays transparent: no colour of the map may stand for it.
        if (!Number.isNaN(shown)) {
          const entry = Math.round((shown - range.low) * factor);
          pixels[y * width + x] = colours[Math.min(Math.max(entry, 0), tableSize - 1)] ?? 0;
        }
      }
    }
    this.#bufferContext.putImageData(image, 0, 0);
    target.imageSmoothingEnabled = false;
    target.drawImage(this.#buffer, 0, 0, width, height, across.offset, down.offset, across.extent, down.extent);
    return { cellsRead, pixels: width * height };
  }
}

/** The canvas' drawing context, which every browser that runs VS Code has. */
export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) {
    throw new Error('This browser has no 2D canvas.');
  }
  return context;
}
