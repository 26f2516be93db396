import { DataError } from '../dataset';
import { decodeApart } from './decoder';
import { aboutCut } from './end';
import { pictureBytes, byteLimit } from './size';
import type { Pictures, Pixels } from './pixels';
import { photometrics, type TiffLayout, type TiffPages } from './tiff';
import { asSamples, hidesGrey, samplesOf, samplesOfWords, type TiffSamples } from './tiff-samples';

type Page = TiffLayout & TiffSamples & { index: number };

/** Pages that are decoded at a time; more would be too many in memory at once. */
const maxAtOnce = 1024;

/**
 * The pages of a TIFF. Smaller copies of other pages are left out, and where the kinds of samples differ all but the first.
 * @throws DataError when the first page is of a kind that cannot be read
 */
export function tiffPictures(bytes: Uint8Array, name: string, { pages: layouts, cut }: TiffPages): Pictures {
  const [first] = layouts;
  if (first === undefined) {
    throw new DataError(`${name}: the TIFF has no pages; save it anew as PNG.`);
  }
  const samples = samplesOf(first);
  if (typeof samples === 'string') {
    throw new DataError(`${name}: ${samples}.`);
  }
  const whole = layouts.map((layout, index) => ({ ...layout, ...samples, index }));
  const full = whole.filter(({ index, reduced }) => index === 0 || !reduced);
  const kind = kindOf(first);
  const alike = full.every((page) => kindOf(page) === kind);
  // Of a file that is cut off it is not known what its pages were to be.
  const read = alike && !cut ? full : full.slice(0, 1);
  const oneSize = read.every(({ width, height }) => width === first.width && height === first.height);
  const source = asSamples(bytes, read);
  return {
    format: 'TIFF',
    count: read.length,
    pages: layouts.length,
    oneSize,
    async *each() {
      for (const run of runsOf(read)) {
        yield* await decodeRun(source, name, run);
      }
      return undefined;
    },
    about: (file) => [
      ...(full.length < whole.length
        ? [
            `${file} holds smaller copies of its pages, which were left out: ${whole.length - full.length} of ${whole.length} pages.`,
          ]
        : []),
      ...(alike
        ? []
        : [`${file} holds ${full.length} pages of different kinds of samples, of which the first was read.`]),
      ...(cut ? [aboutCut(file)] : []),
    ],
  };
}

/** What is alike in pages that are read together. */
const kindOf = ({
  samplesPerPixel,
  bitsPerSample,
  sampleFormat,
  photometric,
  extraSamples,
  mixed,
}: TiffLayout): string =>
  JSON.stringify([samplesPerPixel, bitsPerSample, sampleFormat, photometric, extraSamples, mixed]);

/** Pages behind one another that can be decoded at once. */
function runsOf(pages: readonly Page[]): Page[][] {
  const runs: Page[][] = [];
  const layoutOf = ({ width, height, tiled, piece, separate, compression, predictor }: Page): string =>
    JSON.stringify([width, height, tiled, piece, separate, compression, predictor]);
  for (const page of pages) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const size = { width: page.width, height: page.height, bands: page.samplesPerPixel, bits: page.bits };
    if (
      run !== undefined &&
      last?.index === page.index - 1 &&
      layoutOf(last) === layoutOf(page) &&
      last.orientation === 1 &&
      page.orientation === 1 &&
      run.length < maxAtOnce &&
      (run.length + 1) * pictureBytes(size) <= byteLimit
    ) {
      run.push(page);
    } else {
      runs.push([page]);
    }
  }
  return runs;
}

async function decodeRun(bytes: Uint8Array, name: string, run: readonly Page[]): Promise<Pixels[]> {
  const [page] = run;
  if (page === undefined) return [];
  const { index, photometric, extraSamples, bits, sample, ranged, inverted, separate, samplesPerPixel } = page;
  const plain = photometric !== photometrics.cmyk && photometric !== photometrics.lab;
  const { frames: _, ...decoded } = await decodeApart({
    bytes,
    name,
    pages: { first: index, count: run.length },
    plain,
  });
  const words = bits === 64;
  const width = words ? decoded.width / 2 : decoded.width;
  const samples =
    words && decoded.samples instanceof Uint32Array
      ? samplesOfWords(decoded.samples, { sample, bands: samplesPerPixel, separate, little: bytes[0] === 0x49 })
      : decoded.samples;
  if (hidesGrey(page) && !ranged && photometric === photometrics.whiteIsZero) {
    const greatest = bits === 16 ? 65535 : 255;
    for (let at = 0; at < samples.length; at += decoded.bands) samples[at] = greatest - (samples[at] ?? 0);
  }
  const colours = coloursOf(photometric, decoded.bands);
  const opacity = extraSamples.findIndex((meaning) => meaning === 1 || meaning === 2);
  const alpha = opacity >= 0 && colours + opacity < decoded.bands ? colours + opacity : undefined;
  const length = width * decoded.height * decoded.bands;
  return run.map((_page, at) => ({
    ...decoded,
    width,
    fileBands: samplesPerPixel,
    colours,
    alpha,
    bits,
    sample,
    ranged,
    inverted,
    samples: samples.subarray(at * length, (at + 1) * length),
  }));
}

/** Bands that are colours once libvips has decoded them. */
function coloursOf(photometric: number, bands: number): number {
  switch (photometric) {
    case photometrics.whiteIsZero:
    case photometrics.blackIsZero:
    case photometrics.mask:
      return 1;
    default:
      return bands >= 3 ? 3 : 1;
  }
}
