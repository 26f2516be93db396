import type Vips from 'wasm-vips';
import { DataError } from '../dataset';
import { assertFits } from './size';
import type { Samples } from './pixels';

/** A fault of the decoder and not of the file, which may leave the decoder unusable. */
export class DecoderFault extends Error {
  override readonly name = 'DecoderFault';
}

/** What libvips is to decode. */
export interface DecoderRequest {
  bytes: Uint8Array;
  name: string;
  /** Of a file of several, the first page and how many; they must be of one size. The first alone where absent. */
  pages?: { first: number; count: number };
  /** Whether bands are taken as they are, or as the RGB that they stand for; where absent it is decided by the colours. */
  plain?: boolean;
}

/** Samples of one picture after another. */
export interface Decoded {
  format: string;
  width: number;
  /** Of one picture. */
  height: number;
  /** Bands of the file, and of the samples. */
  fileBands: number;
  bands: number;
  /** Pages or frames of the file. */
  frames: number;
  samples: Samples;
}

const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
} as const;

const isKnown = (format: string): format is keyof typeof arrays => format in arrays;

/** Colours that need no conversion. */
const plainColours = ['b-w', 'srgb', 'rgb', 'grey16', 'rgb16', 'multiband'];

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
export async function decodeWithVips({ bytes, name, pages, plain }: DecoderRequest): Promise<Decoded> {
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
    const file = hold(
      vips.Image.newFromBuffer(bytes, '', {
        fail_on: vips.FailOn.truncated,
        ...(pages && { page: pages.first, n: pages.count }),
      }),
    );
    const format = formats[file.getString('vips-loader')];
    if (format === undefined) {
      throw new DataError(`${name}: this kind of image cannot be read; save it as PNG, JPEG, WebP, TIFF, BMP or GIF.`);
    }
    if (!isKnown(file.format)) {
      throw new DataError(
        `${name}: samples of type ${file.format} cannot be read; save it with 8 or 16 bits a sample.`,
      );
    }
    const array = arrays[file.format];
    const bits = 8 * array.BYTES_PER_ELEMENT;
    const count = pages?.count ?? 1;
    const { width, height, bands } = file;
    // Nothing is decoded until samples are asked for.
    assertFits({ width, height, bands, bits }, name);
    const isPlain = plain ?? plainColours.includes(file.interpretation);
    const colours = isPlain ? file : hold(file.colourspace(bits === 16 ? 'rgb16' : 'srgb'));
    // Pages stand one above the other, and would be turned as a whole.
    const upright = count > 1 ? colours : hold(colours.autorot());
    const { buffer, byteOffset, byteLength } = upright.writeToMemory();
    if (!(buffer instanceof ArrayBuffer)) {
      throw new DecoderFault('its samples lie in shared memory');
    }
    const Samples = isKnown(upright.format) ? arrays[upright.format] : array;
    return {
      format,
      width: upright.width,
      height: upright.height / count,
      fileBands: bands,
      bands: upright.bands,
      frames: file.getTypeof('n-pages') === 0 ? 1 : file.getInt('n-pages'),
      samples: new Samples(buffer, byteOffset, byteLength / Samples.BYTES_PER_ELEMENT),
    };
  } catch (error) {
    if (error instanceof DataError || error instanceof DecoderFault) {
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
