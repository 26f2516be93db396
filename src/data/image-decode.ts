import { Buffer } from 'node:buffer';
import { decodeBmp, isBmp } from './bmp';
import { DataError } from './dataset';
import { decodeApart } from './image-decoder';
import { lacksEnd } from './image-end';
import { assertFits, type ImageSize } from './image-size';
import type { Pixels } from './pixels';
import { checkTiff, isTiff, TiffError } from './tiff';

/**
 * Decodes an image. EXIF orientation is applied; colour profiles are not, so numbers are those in the file (CMYK and Lab
 * images, which have no RGB of their own, are converted to sRGB). Of several frames or pages the first is read.
 * @throws DataError when the image is damaged, too large, or of a kind that cannot be read
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const checkSize = (size: ImageSize): void => assertFits(size, name);
  if (isBmp(bytes)) {
    return decodeBmp(bytes, name, checkSize);
  }
  const cut = isTiff(bytes) && checkDirectory(bytes, name, checkSize);
  const canvas = webpCanvas(bytes);
  if (canvas !== undefined) {
    checkSize(canvas);
  }
  const pixels = await decodeApart({ bytes, name });
  return { ...pixels, cut: cut || lacksEnd(bytes, pixels.format) };
}

/** @returns whether pages behind the first are cut off */
function checkDirectory(bytes: Uint8Array, name: string, checkSize: (size: ImageSize) => void): boolean {
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
