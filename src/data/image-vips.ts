import type Vips from 'wasm-vips';
import { DataError } from './dataset';
import { assertFits } from './image-size';
import type { Pixels } from './pixels';

/** A fault of the decoder and not of the file, which may leave the decoder unusable. */
export class DecoderFault extends Error {
  override readonly name = 'DecoderFault';
}

let decoder: Promise<typeof Vips> | undefined;

/** The decoder, started when the first image is read. */
function startDecoder(): Promise<typeof Vips> {
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
  return decoder;
}

const formats: Record<string, string> = {
  jpegload_buffer: 'JPEG',
  pngload_buffer: 'PNG',
  webpload_buffer: 'WebP',
  tiffload_buffer: 'TIFF',
  gifload_buffer: 'GIF',
};

/**
 * Decodes all formats but bitmaps, with libvips.
 * @throws DataError when the file is at fault
 * @throws DecoderFault when the decoder is
 */
export async function decodeWithVips(bytes: Uint8Array, name: string): Promise<Omit<Pixels, 'cut'>> {
  const vips = await startDecoder().catch((error: unknown) => {
    throw new DecoderFault(String(error), { cause: error });
  });
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
    assertFits({ width, height, bands, bits }, name);
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
      failed = true;
      throw new DecoderFault(String(error), { cause: error });
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
