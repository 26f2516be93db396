import { DataError, type Dataset } from '../dataset';
import type { ImageOptions } from '../reading-report';
import { aboutMissing, blocksOf } from './blocks';
import { decodeImage } from './decode';
import { scaled } from './range';
import { aboutBands, ImageRows } from './rows';
import { bandsOf, channelsOf, greyOf, type Pixels, type Pictures } from './pixels';
import type { OpenSource } from '../source';

/** A file larger than this is no ordinary image; it has to be in memory whole to be decoded. */
const byteLimit = 1 << 30;

/**
 * Reads an image as a matrix of numbers from 0 (dark) to 1 (light):
 * - grey: a row of pixels a row;
 * - channels: the same for red, green and blue, or whatever bands there are, side by side;
 * - patches: a square piece of the image a row, pixel by pixel with the channels of a pixel together.
 *
 * Pages of one size are read as a folder of images is, a page a row.
 * @throws DataError when the image is damaged, too large, of a kind that cannot be read, or smaller than a patch
 */
export async function readImage(source: OpenSource, options: ImageOptions = { as: 'gray' }): Promise<Dataset> {
  const pictures = await decodeSource(source);
  return pictures.count > 1 && (pictures.oneSize || options.as === 'patches')
    ? await readPages(source, pictures, options)
    : await readPicture(source, pictures, options);
}

async function readPicture(source: OpenSource, pictures: Pictures, options: ImageOptions): Promise<Dataset> {
  const pixels = await firstOf(pictures);
  const { width, height } = pixels;
  const about = [...pictures.about('The file'), ...aboutSizes(pictures, 'The file')];
  const of = { source: source.identity() };
  const readingOf = (range: [number, number] | undefined) =>
    ({
      kind: 'image',
      width,
      height,
      ...samplesOf(pixels, pictures),
      ...(range && { range }),
      ...(options.as === 'gray' ? {} : { as: options }),
    }) as const;
  if (options.as === 'patches') {
    const rows = new ImageRows(source.name, options, coloursOf);
    rows.add(source.name, pixels, 1);
    const { range, warnings, ...matrix } = rows.finish(pixels.colours);
    return { ...of, ...matrix, reading: readingOf(range), warnings: [...about, ...warnings] };
  }
  const bands = options.as === 'gray' ? undefined : bandsOf(pixels);
  const { inverted } = pixels;
  const levels = bands === undefined ? greyOf(pixels) : channelsOf(pixels, bands);
  const { values: pictureValues, range, warnings } = scaled([{ levels, inverted }], source.name);
  const [unit = new Float32Array()] = pictureValues;
  const values = bands === undefined ? unit : sideBySide(unit, width, bands.length);
  const columns = width * (bands?.length ?? 1);
  const absent = aboutMissing([values], range !== undefined);
  return {
    ...of,
    reading: readingOf(range),
    rows: height,
    columns,
    missing: absent.missing,
    warnings: [...about, ...aboutBands(pixels, bands), ...warnings, ...absent.warnings],
    blocks: blocksOf([values], columns),
  };
}

async function readPages(source: OpenSource, pictures: Pictures, options: ImageOptions): Promise<Dataset> {
  const bands = options.as === 'gray' ? undefined : options.as === 'patches' ? coloursOf : bandsOf;
  const rows = new ImageRows(source.name, options, bands);
  let first: Pixels | undefined;
  let page = 0;
  for await (const pixels of pictures.each()) {
    // Of the first only what is told of it is kept.
    first ??= { ...pixels, samples: pixels.samples.slice(0, 0) };
    rows.add(`page ${++page}`, pixels, pictures.count);
  }
  if (first === undefined) throw noPicture(source.name);
  const { width, height } = first;
  const { range, warnings, ...matrix } = rows.finish(bands?.(first).length ?? 1);
  return {
    ...matrix,
    source: source.identity(),
    reading: {
      kind: 'images',
      as: options,
      count: pictures.count,
      width,
      height,
      file: samplesOf(first, pictures),
      ...(range && { range }),
    },
    warnings: [...pictures.about('The file'), ...warnings],
  };
}

/** What is told of a file's samples. */
function samplesOf({ format, fileBands: bands, bits, sample }: Pixels, { pages }: Pictures) {
  return { format, bands, bits, ...(sample === 'unsigned' ? {} : { sample }), ...(pages > 1 && { pages }) };
}

/** The bands that are colours. */
const coloursOf = ({ colours }: Pixels): number[] => Array.from({ length: colours }, (_, band) => band);

/** The first picture of a file. */
export async function firstOf(pictures: Pictures): Promise<Pixels> {
  const first = await pictures.each()[Symbol.asyncIterator]().next();
  if (first.done === true) throw noPicture(pictures.format);
  return first.value;
}

const noPicture = (name: string): DataError =>
  new DataError(`${name}: the file holds no picture; save it anew as PNG.`);

/** A sentence on pages that are not read since their sizes differ. @param file as the sentence's subject */
export function aboutSizes({ count, oneSize }: Pictures, file: string): string[] {
  return count > 1 && !oneSize
    ? [`${file} holds ${count} pages of different sizes, of which the first was read; patches are taken of all.`]
    : [];
}

/** Decodes what a source holds. @throws DataError as {@link decodeImage} */
export async function decodeSource(source: OpenSource): Promise<Pictures> {
  if (source.size > byteLimit) {
    throw new DataError(`${source.name}: the file is larger than 1 GiB; save a smaller image.`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks()) {
    chunks.push(chunk);
  }
  return await decodeImage(Buffer.concat(chunks), source.name);
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
