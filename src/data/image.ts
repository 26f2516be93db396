import { DataError, type Dataset, type ImageOptions, type RowBlock } from './dataset';
import { decodeImage } from './image-decode';
import { patchesOf } from './patches';
import { channelsOf, coloursOf, greyOf, type Pixels } from './pixels';
import type { OpenSource } from './source';

/** A file larger than this is no ordinary image; it has to be in memory whole to be decoded. */
const byteLimit = 1 << 30;
/** Values of a block of rows. */
const blockValues = 1 << 20;

/**
 * Reads an image as a matrix of numbers from 0 (dark) to 1 (light):
 * - grey: a row of pixels a row;
 * - channels: the same for red, green and blue, side by side;
 * - patches: a square piece of the image a row, pixel by pixel with the channels of a pixel together.
 * @throws DataError when the image is damaged, too large, of a kind that cannot be read, or smaller than a patch
 */
export async function readImage(source: OpenSource, options: ImageOptions = { as: 'gray' }): Promise<Dataset> {
  const pixels = await decodeSource(source);
  const { width, height } = pixels;
  const common = {
    missing: 0,
    source: source.identity(),
    reading: {
      kind: 'image',
      format: pixels.format,
      width,
      height,
      bands: pixels.fileBands,
      bits: pixels.bits,
      ...(options.as === 'gray' ? {} : { as: options }),
    },
  } as const;
  const warnings = aboutCut(pixels, 'The file');
  switch (options.as) {
    case 'gray':
      return { ...common, warnings, rows: height, columns: width, blocks: blocksOf(greyOf(pixels), width) };
    case 'channels': {
      const channels = coloursOf(pixels);
      const columns = width * channels;
      const values = sideBySide(channelsOf(pixels, channels), width, channels);
      return { ...common, warnings, rows: height, columns, blocks: blocksOf(values, columns) };
    }
    case 'patches': {
      const channels = coloursOf(pixels);
      const image = { name: source.name, width, height, values: channelsOf(pixels, channels) };
      const patches = patchesOf([image], channels, options);
      const { values, rows, labels, drawing } = patches;
      warnings.push(...patches.warnings);
      const columns = drawing.width * drawing.height * drawing.channels;
      return { ...common, rows, columns, rowLabels: labels, warnings, drawing, blocks: blocksOf(values, columns) };
    }
  }
}

/** A sentence on a file that is cut off behind its first picture. @param file as the sentence's subject */
export function aboutCut({ cut }: Pixels, file: string): string[] {
  return cut
    ? [`${file} is cut off behind its first picture, which is whole; fetch it anew if it should hold more.`]
    : [];
}

/** Decodes what a source holds. @throws DataError as {@link decodeImage} */
export async function decodeSource(source: OpenSource): Promise<Pixels> {
  if (source.size > byteLimit) {
    throw new DataError(`${source.name}: the file is larger than 1 GiB; save a smaller image.`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
  }
  return await decodeImage(Buffer.concat(chunks), source.name);
}

/** A matrix in memory as blocks of rows. */
export function blocksOf(values: Float32Array, columns: number): () => Generator<RowBlock> {
  const rows = values.length / columns;
  const count = Math.max(1, Math.floor(blockValues / columns));
  return function* () {
    for (let start = 0; start < rows; start += count) {
      const end = Math.min(rows, start + count);
      yield { start, count: end - start, values: values.subarray(start * columns, end * columns) };
    }
  };
}

/** Rows of pixels with each channel in a part of its own: all of red, then green, then blue. */
function sideBySide(values: Float32Array, width: number, channels: number): Float32Array {
  const result = new Float32Array(values.length);
  values.forEach((value, at) => {
    const pixel = Math.floor(at / channels);
    const row = Math.floor(pixel / width);
    result[row * width * channels + (at % channels) * width + (pixel % width)] = value;
  });
  return result;
}
