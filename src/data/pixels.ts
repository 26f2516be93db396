/** Pixels as they stand in the file: `bands` interleaved samples, of which the last is alpha when `alpha` is set. */
export interface Pixels {
  format: string;
  width: number;
  height: number;
  /** Bands of the file, e.g. 3 for RGB. */
  fileBands: number;
  /** Bands of `samples`: 1 or 3, and one more with alpha. */
  bands: number;
  alpha: boolean;
  bits: 8 | 16;
  samples: Uint8Array | Uint16Array;
  /** Whether the file is cut off behind this picture. */
  cut: boolean;
}

/** Bands without alpha. */
export const coloursOf = ({ bands, alpha }: Pixels): number => bands - (alpha ? 1 : 0);

/**
 * Grey, 0 (black) to 1 (white): luma by ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), rounded to the file's depth and divided
 * by its greatest value, so an 8-bit image gives the same numbers as an 8-bit grey copy of it divided by 255. Transparent
 * pixels lie over white.
 */
export function greyOf(pixels: Pixels): Float32Array {
  const { width, height, bands, bits, samples } = pixels;
  const greatest = bits === 16 ? 65535 : 255;
  const colour = coloursOf(pixels) === 3;
  const grey = new Float32Array(width * height);
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += bands) {
    const first = samples[at] ?? 0;
    // Weights in 65,536ths, as PIL has them: the whole is rounded to the nearest level.
    const level = colour
      ? (first * 19595 + (samples[at + 1] ?? 0) * 38470 + (samples[at + 2] ?? 0) * 7471) / 65536
      : first;
    grey[pixel] = Math.floor(overWhite(level, pixels, at) + 0.5) / greatest;
  }
  return grey;
}

/**
 * Each channel from 0 to 1, pixel by pixel with the channels of a pixel together; transparent pixels lie over white.
 * @param channels 1 for an image that is grey, or 3, of which a grey image's are alike
 */
export function channelsOf(pixels: Pixels, channels: number): Float32Array {
  const { width, height, bands, bits, samples } = pixels;
  const greatest = bits === 16 ? 65535 : 255;
  const own = coloursOf(pixels);
  const values = new Float32Array(width * height * channels);
  for (let pixel = 0, at = 0, to = 0; pixel < width * height; pixel++, at += bands) {
    for (let channel = 0; channel < channels; channel++) {
      const level = samples[at + Math.min(channel, own - 1)] ?? 0;
      values[to++] = overWhite(level, pixels, at) / greatest;
    }
  }
  return values;
}

function overWhite(level: number, { alpha, bands, bits, samples }: Pixels, at: number): number {
  if (!alpha) {
    return level;
  }
  const greatest = bits === 16 ? 65535 : 255;
  const opacity = (samples[at + bands - 1] ?? 0) / greatest;
  return level * opacity + greatest * (1 - opacity);
}
