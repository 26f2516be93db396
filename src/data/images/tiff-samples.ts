import { directoryAt, photometrics, tags, TiffBytes, type TiffLayout } from './tiff';

/** What the samples of a page are. */
export interface TiffSamples {
  sample: 'unsigned' | 'signed' | 'float';
  bits: number;
  /** Samples of other kinds than unsigned ones of up to 16 bits have no range that says what black and white are. */
  ranged: boolean;
  /** Whether the greatest sample is black, which is left to the reader. */
  inverted: boolean;
}

const unsignedFormats = [1, 4];
const knownBits = { unsigned: [1, 2, 4, 8, 16, 32, 64], signed: [8, 16, 32, 64], float: [16, 32, 64] } as const;
const formatNames: Record<number, TiffSamples['sample']> = { 1: 'unsigned', 2: 'signed', 3: 'float', 4: 'unsigned' };
const complexFormats = [5, 6];

const otherColours: Record<number, string> = {
  9: 'CIELab of the ICC',
  10: 'CIELab of the ITU',
  32803: 'the mosaic of a camera',
  32844: 'logarithmic brightness',
  32845: 'logarithmic brightness and colour',
  34892: 'raw samples of a camera',
};

/** What the samples of a page are, or why they cannot be read and what to do: the end of an error's sentence. */
export function samplesOf(layout: TiffLayout): TiffSamples | string {
  const { sampleFormat, bitsPerSample: bits, photometric, samplesPerPixel, predictor, orientation } = layout;
  if (layout.mixed) {
    return 'its samples are of different kinds or sizes, which cannot be read; save all bands with the same bits a sample';
  }
  if (complexFormats.includes(sampleFormat)) {
    return 'its samples are complex numbers, which cannot be read; save their magnitude, or real and imaginary part each in a file';
  }
  const sample = formatNames[sampleFormat];
  const known: readonly number[] = sample === undefined ? [] : knownBits[sample];
  if (sample === undefined || !known.includes(bits) || (bits < 8 && samplesPerPixel > 1)) {
    return `its ${samplesPerPixel} × ${bits} bits a pixel${sample === undefined ? '' : ` (${sample})`} cannot be read; save it with 8, 16 or 32 bits a sample`;
  }
  const colours = otherColours[photometric];
  if (colours !== undefined) {
    return `its samples are ${colours}, which cannot be read; save it as grey or RGB`;
  }
  const ranged = !(unsignedFormats.includes(sampleFormat) && bits <= 16);
  const converted = photometric === photometrics.cmyk || photometric === photometrics.lab;
  if ((ranged && converted) || (photometric === photometrics.lab && bits === 8)) {
    return `its ${converted && photometric === photometrics.lab ? 'CIELab' : 'CMYK'} colours of ${bits} bits (${sample}) cannot be read; save it as grey or RGB`;
  }
  if (photometric === photometrics.cmyk && samplesPerPixel < 4) {
    return `its ${samplesPerPixel} inks are not CMYK and cannot be read; save it as grey or RGB`;
  }
  if (bits === 64 && (predictor > 1 || orientation !== 1)) {
    return `its samples of 64 bits are ${predictor > 1 ? 'stored as differences' : 'turned'}, which cannot be read; save it with 32 bits a sample`;
  }
  return { sample, bits, ranged, inverted: ranged && photometric === photometrics.whiteIsZero };
}

/** Bits of the words that a sample of 64 is read by. */
const wordBits = 32;

/** Whether libvips must not know that the first band is grey: of planes it would mix them up, and what has a range is turned round here. */
export const hidesGrey = ({ separate, samplesPerPixel, photometric, inverted }: TiffLayout & TiffSamples): boolean =>
  inverted ||
  (separate &&
    samplesPerPixel > 1 &&
    (photometric === photometrics.blackIsZero || photometric === photometrics.whiteIsZero));

/**
 * The file as libvips is to see it, so that it hands over samples as they are: as a mask, which it takes for bands without a
 * meaning, where it would not; and each sample of 64 bits, which it refuses, as two pixels' of 32.
 */
export function asSamples(bytes: Uint8Array, pages: readonly (TiffLayout & TiffSamples)[]): Uint8Array {
  if (!pages.some((page) => page.bits === 64 || hidesGrey(page))) {
    return bytes;
  }
  const copy = bytes.slice();
  const file = new TiffBytes(copy);
  for (const page of pages) {
    const { at, bits, width, piece } = page;
    const { entries } = directoryAt(file, at);
    const setAll = (tag: number, value: number): void => {
      const entry = entries.get(tag);
      for (let index = 0; index < (entry?.count ?? 0); index++) {
        if (entry) file.set(entry.place + index * entry.bytes, entry.bytes, value);
      }
    };
    /** As a LONG, whatever it was. */
    const setLong = (tag: number, value: number): void => {
      const entry = entries.get(tag);
      if (entry === undefined) return;
      file.set(entry.at + 2, 2, 4);
      file.set(entry.place, 4, value);
    };
    if (bits === 64) {
      setLong(tags.width, 2 * width);
      setLong(tags.tileWidth, 2 * piece.width);
      setAll(tags.bitsPerSample, wordBits);
      setAll(tags.sampleFormat, 1);
      setAll(tags.extraSamples, 0);
    }
    if (bits === 64 || hidesGrey(page)) {
      setAll(tags.photometric, photometrics.mask);
    }
  }
  return copy;
}

/**
 * Samples of 64 bits out of their words.
 * @param words pixel by pixel, of which two are one, as the file's order has them
 * @param separate whether the words of a sample are apart by the number of bands
 */
export function samplesOfWords(
  words: Uint32Array,
  {
    sample,
    bands,
    separate,
    little,
  }: { sample: TiffSamples['sample']; bands: number; separate: boolean; little: boolean },
): Float64Array {
  const result = new Float64Array(words.length / 2);
  const pair = new DataView(new ArrayBuffer(8));
  for (let at = 0; at < result.length; at++) {
    const [pixel, band] = [Math.floor(at / bands), at % bands];
    const [first, second] = separate
      ? [2 * pixel * bands + band, (2 * pixel + 1) * bands + band]
      : [2 * at, 2 * at + 1];
    pair.setUint32(little ? 4 : 0, words[first] ?? 0);
    pair.setUint32(little ? 0 : 4, words[second] ?? 0);
    result[at] =
      sample === 'float'
        ? pair.getFloat64(0)
        : Number(sample === 'signed' ? pair.getBigInt64(0) : pair.getBigUint64(0));
  }
  return result;
}
