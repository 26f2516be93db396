import { Buffer } from 'node:buffer';
import { decodeBmp, isBmp } from './bmp';
import { DataError } from '../dataset';
import { decodeApart } from './decoder';
import { aboutCut, lacksEnd } from './end';
import { apngFrames } from './frames';
import { assertFits, type ImageSize } from './size';
import type { Pictures, Pixels } from './pixels';
import { checkTiff, isTiff, TiffError, type TiffPages } from './tiff';
import { tiffPictures } from './tiff-pages';

/**
 * Decodes an image. EXIF orientation is applied; colour profiles are not, so numbers are those in the file (CMYK and Lab
 * images, which have no RGB of their own, are converted to sRGB).
 * @throws DataError when the image is damaged, too large, or of a kind that cannot be read
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pictures> {
  const checkSize = (size: ImageSize): void => assertFits(size, name);
  if (isBmp(bytes)) {
    return onePicture(decodeBmp(bytes, name, checkSize), 1, false);
  }
  if (isTiff(bytes)) {
    return tiffPictures(bytes, name, checkDirectories(bytes, name, checkSize));
  }
  const canvas = webpCanvas(bytes);
  if (canvas !== undefined) {
    checkSize(canvas);
  }
  const { frames, ...decoded } = await decodeApart({ bytes, name });
  const { bands, samples, format } = decoded;
  const colours = bands >= 3 ? 3 : 1;
  const alpha = bands > colours ? colours : undefined;
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const pixels: Pixels = { ...decoded, colours, alpha, bits, sample: 'unsigned', ranged: false, inverted: false };
  return onePicture(pixels, format === 'PNG' ? apngFrames(bytes) : frames, lacksEnd(bytes, format));
}

function onePicture(pixels: Pixels, frames: number, cut: boolean): Pictures {
  return {
    format: pixels.format,
    count: 1,
    pages: frames,
    oneSize: true,
    async *each() {
      yield pixels;
      return undefined;
    },
    about: (file) => [
      ...(frames > 1 ? [`${file} is an animation of ${frames} frames, of which the first was read.`] : []),
      ...(cut ? [aboutCut(file)] : []),
    ],
  };
}

function checkDirectories(bytes: Uint8Array, name: string, checkSize: (size: ImageSize) => void): TiffPages {
  try {
    return checkTiff(bytes, ({ width, height, samplesPerPixel: bands, bitsPerSample: bits, piece }) => {
      checkSize({ width, height, bands, bits });
      // A tile may be larger than the picture.
      checkSize({ ...piece, bands, bits });
    });
  } catch (error) {
    if (!(error instanceof TiffError)) throw error;
    throw new DataError(
      `${name}: the TIFF is damaged or cut off (${error.message}); fetch it anew, or save it as PNG.`,
      {
        cause: error,
      },
    );
  }
}

/** The canvas of an extended WebP, for which libvips takes memory before it tells its size. */
function webpCanvas(bytes: Uint8Array): ImageSize | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const extended = view.toString('latin1', 0, 4) === 'RIFF' && view.toString('latin1', 8, 16) === 'WEBPVP8X';
  return extended && view.length >= 30
    ? { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1, bands: 4, bits: 8 }
    : undefined;
}
