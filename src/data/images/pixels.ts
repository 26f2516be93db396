/** Samples as they stand in the file; those of 64 bits as the nearest doubles. */
export type Samples =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** One picture: `bands` interleaved samples a pixel, the colours first. */
export interface Pixels {
  format: string;
  width: number;
  height: number;
  /** Bands of the file, e.g. 3 for RGB. */
  fileBands: number;
  /** Bands of `samples`. */
  bands: number;
  /** How many of them are colours: 1 or 3. */
  colours: number;
  /** Which is opacity; undefined where none is said to be. */
  alpha: number | undefined;
  bits: number;
  sample: 'unsigned' | 'signed' | 'float';
  /** Whether black and white are the least and the greatest of the samples, since their kind does not say; else 0 and all bits set. */
  ranged: boolean;
  /** Whether the greatest of a range is black. */
  inverted: boolean;
  samples: Samples;
}

/** What a file of one format holds. */
export interface Pictures {
  format: string;
  /** How many are read one by one; of frames of an animation only the first is. */
  count: number;
  /** Pages or frames of the file, those among them that are not read. */
  pages: number;
  /** Whether all pictures are of one size. */
  oneSize: boolean;
  each(): AsyncGenerator<Pixels, undefined>;
  /** Sentences on what is not read. @param file as the sentence's subject */
  about(file: string): string[];
}

/**
 * Numbers of a picture. They go from 0 (black) to 1 (white); where there is a `range` they are those of the file, of which it
 * is the least and greatest, and NaN where the file has no finite number.
 */
export interface Levels {
  values: Float32Array | Float64Array;
  range?: { least: number; greatest: number };
}

/** The bands that are neither colours nor opacity. */
export const furtherBands = ({ bands, colours, alpha }: Pixels): number =>
  bands - colours - (alpha === undefined ? 0 : 1);

/** The bands other than opacity. */
export const bandsOf = ({ bands, alpha }: Pixels): number[] =>
  Array.from({ length: bands }, (_, band) => band).filter((band) => band !== alpha);

/**
 * Grey, 0 (black) to 1 (white): luma by ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), rounded to the file's depth and divided
 * by its greatest value, so an 8-bit image gives the same numbers as an 8-bit grey copy of it divided by 255. Transparent
 * pixels lie over white. Numbers with a range are not rounded.
 */
export function greyOf(pixels: Pixels): Levels {
  const { width, height, bands, colours, samples, ranged } = pixels;
  const colour = colours === 3;
  const count = width * height;
  const range = ranged ? rangeOf(pixels, colour ? [0, 1, 2] : [0]) : undefined;
  const grey = ranged ? new Float64Array(count) : new Float32Array(count);
  const greatest = greatestOf(pixels);
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += bands) {
    const first = samples[at] ?? 0;
    // Weights in 65,536ths, as PIL has them: the whole is rounded to the nearest level.
    const level = colour
      ? (first * 19595 + (samples[at + 1] ?? 0) * 38470 + (samples[at + 2] ?? 0) * 7471) / 65536
      : first;
    grey[pixel] = ranged ? finiteOf(level) : Math.floor(overWhite(level, pixels, at, greatest) + 0.5) / greatest;
  }
  return range ? { values: grey, range } : { values: grey };
}

/**
 * The given bands, each from 0 to 1, pixel by pixel with the bands of a pixel together; transparent pixels lie over white.
 * @param channels indices of bands, of which one may stand for several
 */
export function channelsOf(pixels: Pixels, channels: readonly number[]): Levels {
  const { width, height, bands, samples, ranged } = pixels;
  const count = width * height * channels.length;
  const range = ranged ? rangeOf(pixels, channels) : undefined;
  const values = ranged ? new Float64Array(count) : new Float32Array(count);
  const greatest = greatestOf(pixels);
  for (let pixel = 0, at = 0, to = 0; pixel < width * height; pixel++, at += bands) {
    for (const band of channels) {
      const level = samples[at + band] ?? 0;
      values[to++] = ranged ? finiteOf(level) : overWhite(level, pixels, at, greatest) / greatest;
    }
  }
  return range ? { values, range } : { values };
}

const greatestOf = ({ samples }: Pixels): number => (samples instanceof Uint16Array ? 65535 : 255);

const finiteOf = (level: number): number => (Number.isFinite(level) ? level : NaN);

function overWhite(level: number, { alpha, samples }: Pixels, at: number, greatest: number): number {
  if (alpha === undefined) {
    return level;
  }
  const opacity = (samples[at + alpha] ?? 0) / greatest;
  return level * opacity + greatest * (1 - opacity);
}

/** The least and the greatest finite sample of some bands; Infinity and -Infinity where there is none. */
function rangeOf({ bands, samples }: Pixels, chosen: readonly number[]): { least: number; greatest: number } {
  let [least, greatest] = [Infinity, -Infinity];
  for (const band of chosen) {
    for (let at = band; at < samples.length; at += bands) {
      const value = samples[at] ?? NaN;
      if (Number.isFinite(value)) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
    }
  }
  return { least, greatest };
}
