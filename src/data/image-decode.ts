import type Vips from 'wasm-vips';
import { decodeBmp, isBmp } from './bmp';
import { DataError } from './dataset';
import type { Pixels } from './pixels';

/** More pixels than this are refused before anything is decoded: such a matrix alone takes 400 MB. */
const pixelLimit = 100_000_000;

/**
 * Decodes an image. EXIF orientation is applied; colour profiles are not, so numbers are those in the file (CMYK and Lab
 * images, which have no RGB of their own, are converted to sRGB). Of several frames or pages the first is read.
 * @throws DataError when the image is damaged, too large, or of a kind that cannot be read
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Pixels> {
  return isBmp(bytes) ? decodeBmp(bytes, name, checkSize) : await decodeWithVips(bytes, name);
}

/** @throws DataError when an image has more pixels than can be worked on */
function checkSize(width: number, height: number, name: string): void {
  if (width * height > pixelLimit) {
    throw new DataError(
      `${name}: ${width}×${height} pixels are more than the ${pixelLimit / 1e6} million that can be read; scale the image down.`,
    );
  }
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

async function decodeWithVips(bytes: Uint8Array, name: string): Promise<Pixels> {
  const vips = await startDecoder();
  const open: Vips.Image[] = [];
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
    checkSize(file.width, file.height, name);
    if (file.format !== 'uchar' && file.format !== 'ushort') {
      throw new DataError(
        `${name}: samples of type ${file.format} cannot be read; save it with 8 or 16 bits a sample.`,
      );
    }
    const bits = file.format === 'ushort' ? 16 : 8;
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
    for (const image of open.reverse()) {
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
