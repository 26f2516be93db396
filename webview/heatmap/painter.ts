import { type ColourRange, tableSize } from './colour-map';
import { plan, type Span } from './plan';
import type { Pyramid } from './pyramid';

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
