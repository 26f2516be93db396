import type Vips from 'wasm-vips';
import { Buffer } from 'node:buffer';
import { decodeBmp, isBmp } from './bmp';
import { DataError } from './dataset';
import { lacksEnd } from './image-end';
import type { Pixels } from './pixels';
import { checkTiff, isTiff, TiffError } from './tiff';

/** What a picture may take in memory: its samples as they stand in the file, or its grey levels at 4 bytes a pixel. */
const byteLimit = 400_000_000;

/**
 * Decodes an image. EXIF orientation is applied; colour profiles are not, so numbers are those in the file (CMYK and Lab
 * images, which have no RGB of their own, are converted to sRGB). Of several frames or pages the first is read.
 * @throws DataError when the image is damaged, too large, or of a kind that cannot be read
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  const checkSize = (size: Size): void => assertFits(size, name);
  if (isBmp(bytes)) {
    return decodeBmp(bytes, name, checkSize);
  }
  const cut = isTiff(bytes) && checkDirectory(bytes, name, checkSize);
  const canvas = webpCanvas(bytes);
  if (canvas !== undefined) {
    checkSize(canvas);
  }
  const pixels = await decodeWithVips(bytes, name, checkSize);
  return { ...pixels, cut: cut || lacksEnd(bytes, pixels.format) };
}

interface Size {
  width: number;
  height: number;
  bands: number;
  /** Bits a sample. */
  bits: number;
}

/** @throws DataError when an image takes more memory than is given to one */
function assertFits({ width, height, bands, bits }: Size, name: string): void {
  const bytes = width * height * Math.max(4, bands * Math.ceil(bits / 8));
  if (bytes > byteLimit) {
    const megabytes = (taken: number): string => Math.ceil(taken / 1e6).toLocaleString('en');
    throw new DataError(
      `${name}: ${width}×${height} pixels of ${bands} × ${bits} bits take ${megabytes(bytes)} MB of memory, more than the ${megabytes(byteLimit)} MB that are allowed; scale the image down.`,
    );
  }
}

/** @returns whether pages behind the first are cut off */
function checkDirectory(bytes: Uint8Array, name: string, checkSize: (size: Size) => void): boolean {
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
function webpCanvas(bytes: Uint8Array): Size | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const extended = view.toString('latin1', 0, 4) === 'RIFF' && view.toString('latin1', 8, 16) === 'WEBPVP8X';
  return extended && view.length >= 30
    ? { width: view.readUIntLE(24, 3) + 1, height: view.readUIntLE(27, 3) + 1, bands: 4, bits: 8 }
    : undefined;
}

let decoder: Promise<typeof Vips> | undefined;

/**
 * The decoder, started when the first image is read. One serves the whole process: an instance never gives back its
 * 60 MB and threads, even after its own shutdown. Its threads do not keep the process alive.
 */
async function startDecoder(): Promise<typeof Vips> {
  decoder ??= import('wasm-vips').then(async ({ default: start }) => {
    const vips = await start({
      // HEIF and JPEG XL are not offered, so their modules need not load.
      dynamicLibraries: [],
      // Warnings of a damaged file come as errors; libvips would print them as well.
      preRun: (module: { ENV: Record<string, string> }) => {
        module.ENV['VIPS_WARNING'] = '0';
      },
      print: () => undefined,
      printErr: () => undefined,
    });
    vips.blockUntrusted(true);
    // Decoded pixels are asked for once only.
    vips.Cache.max(0);
    return vips;
  });
  try {
    return await decoder;
  } catch (error) {
    decoder = undefined;
    throw error;
  }
}

const formats: Record<string, string> = {
  jpegload_buffer: 'JPEG',
  pngload_buffer: 'PNG',
  webpload_buffer: 'WebP',
  tiffload_buffer: 'TIFF',
  gifload_buffer: 'GIF',
};

async function decodeWithVips(
  bytes: Uint8Array,
  name: string,
  checkSize: (size: Size) => void,
): Promise<Omit<Pixels, 'cut'>> {
  const vips = await startDecoder();
  const open: Vips.Image[] = [];
  let failed = false;
  const hold = (image: Vips.Image) => {
    open.push(image);
    return image;
  };
  try {
    const file = hold(vips.Image.newFromBuffer(bytes, '', { fail_on: vips.FailOn.truncated }));
    const format = formats[file.getString('vips-loader')];
    if (format === undefined) {
      throw new DataError(`${name}: this kind of image cannot be read; save it as PNG, JPEG, WebP, TIFF, BMP or GIF.`);
    }
    if (file.format !== 'uchar' && file.format !== 'ushort') {
      throw new DataError(
        `${name}: samples of type ${file.format} cannot be read; save it with 8 or 16 bits a sample.`,
      );
    }
    const bits = file.format === 'ushort' ? 16 : 8;
    const { width, height, bands } = file;
    // Nothing is decoded until samples are asked for.
    checkSize({ width, height, bands, bits });
    const plain = ['b-w', 'srgb', 'rgb', 'grey16', 'rgb16', 'multiband'].includes(file.interpretation);
    const colours = plain ? file : hold(file.colourspace(bits === 16 ? 'rgb16' : 'srgb'));
    const upright = hold(colours.autorot());
    const alpha = upright.bands === 2 || upright.bands === 4;
    if (upright.bands > 4) {
      throw new DataError(`${name}: an image of ${upright.bands} bands cannot be read; save it as grey or RGB.`);
    }
    const { buffer, byteOffset, byteLength } = upright.writeToMemory();
    return {
      format,
      width: upright.width,
      height: upright.height,
      fileBands: file.bands,
      bands: upright.bands,
      alpha,
      bits,
      samples:
        bits === 16
          ? new Uint16Array(buffer, byteOffset, byteLength / 2)
          : new Uint8Array(buffer, byteOffset, byteLength),
    };
  } catch (error) {
    if (error instanceof DataError) {
      throw error;
    }
    const reason = vipsMessage(error);
    if (reason === undefined) {
      // Not a complaint about the file but a fault of the decoder, which may be left unusable.
      failed = true;
      decoder = undefined;
      throw new DataError(`${name}: the image decoder failed (${String(error)}); save the image anew as PNG.`, {
        cause: error,
      });
    }
    throw new DataError(
      `${name}: the image is damaged, cut off or of an unknown kind (${reason}); save it anew as PNG.`,
      {
        cause: error,
      },
    );
  } finally {
    // Where the decoder has failed there is nothing left to give back.
    for (const image of failed ? [] : open.reverse()) {
      image.delete();
    }
  }
}

/** The last line of an error of libvips, which is thrown as a WebAssembly exception that carries [type, message]. */
function vipsMessage(error: unknown): string | undefined {
  const message: unknown =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  const text = Array.isArray(message) && message[0] === 'vips::Error' ? String(message[1]) : undefined;
  return text?.trim().split('\n').pop();
}
