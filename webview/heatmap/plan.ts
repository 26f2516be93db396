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
export interface Plan {
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
