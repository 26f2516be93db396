import { DataError } from '../dataset';
import { availableMemory } from '../../memory/available';
import type { ImageOptions, Drawing } from '../reading-report';

/** An image in memory, pixel by pixel with the channels of a pixel together. */
export interface ImageValues {
  name: string;
  width: number;
  height: number;
  values: Float32Array;
}

/** Without a stride, no more patches than this are taken, at random places: they overlap so much that more say little new. */
export const maxPatches = 20_000;

/** What patches may take, and about what the label of one does. */
const byteLimit = 2 ** 32;
const labelBytes = 64;

export interface Patches {
  rows: number;
  /** rows×(size·size·channels). */
  values: Float32Array;
  /** `x,y` of each patch's upper left corner, with the image's name before it where there are several images. */
  labels: string[];
  drawing: Drawing;
  warnings: string[];
}

/**
 * Cuts square patches out of images. With a stride they lie on a grid that begins in the upper left corner; without one
 * every place is taken, or `maxPatches` places drawn without repetition, the same each time.
 * @throws DataError when an image is smaller than a patch
 */
export function patchesOf(
  images: readonly ImageValues[],
  channels: number,
  { size, stride }: Extract<ImageOptions, { as: 'patches' }>,
): Patches {
  const step = stride ?? 1;
  const small = images.find(({ width, height }) => width < size || height < size);
  if (small !== undefined) {
    throw new DataError(
      `${small.name}: an image of ${small.width}×${small.height} pixels holds no patch of ${size}×${size}; choose smaller patches.`,
    );
  }
  /** Places along one side of an image. */
  const along = (length: number): number => Math.floor((length - size) / step) + 1;
  const counts = images.map(({ width, height }) => along(width) * along(height));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const chosen = stride === undefined && total > maxPatches ? drawn(total, maxPatches) : undefined;
  const rows = chosen?.length ?? total;
  const columns = size * size * channels;
  const bytes = rows * (4 * columns + labelBytes);
  if (bytes > Math.min(byteLimit, availableMemory())) {
    throw new DataError(
      `${images[0]?.name}: ${rows.toLocaleString('en')} patches of ${size}×${size} pixels would take ${(bytes / 1e9).toFixed(1)} GB, more than fits into memory; choose a larger stride or smaller patches.`,
    );
  }
  const values = new Float32Array(rows * columns);
  const labels: string[] = [];
  let image = 0;
  let before = 0;
  for (let row = 0; row < rows; row++) {
    const place = chosen?.[row] ?? row;
    while (place - before >= (counts[image] ?? Infinity)) {
      before += counts[image++] ?? 0;
    }
    const from = images[image];
    if (from === undefined) {
      break;
    }
    const across = along(from.width);
    const x = step * ((place - before) % across);
    const y = step * Math.floor((place - before) / across);
    for (let line = 0; line < size; line++) {
      const start = ((y + line) * from.width + x) * channels;
      values.set(from.values.subarray(start, start + size * channels), row * columns + line * size * channels);
    }
    labels.push(images.length === 1 ? `${x},${y}` : `${from.name} ${x},${y}`);
  }
  return {
    rows,
    values,
    labels,
    drawing: { width: size, height: size, channels },
    warnings:
      chosen === undefined
        ? []
        : [
            `Of ${total.toLocaleString('en')} places of a patch ${maxPatches.toLocaleString('en')} were drawn at random, the same ones each time; a stride, such as ${size}, takes patches on a grid.`,
          ],
  };
}

/** `count` different numbers below `total`, in increasing order, the same each time (Floyd's algorithm; Bentley 1987). */
function drawn(total: number, count: number): Uint32Array {
  const random = xorshift(0x9e3779b9);
  const taken = new Set<number>();
  for (let last = total - count; last < total; last++) {
    const one = Math.floor(random() * (last + 1));
    taken.add(taken.has(one) ? last : one);
  }
  return Uint32Array.from(taken).sort();
}

/** Numbers from 0 to below 1 (Marsaglia 2003, "Xorshift RNGs", 32 bits): good enough to scatter places. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
