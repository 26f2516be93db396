import { DataError } from '../dataset';
import type { Pixels } from './pixels';

/** Whether bytes begin as a Windows bitmap does. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/** Encodings of the pixels, as the header numbers them. */
const compressions = { none: 0, rle8: 1, rle4: 2, bitfields: 3, alphaBitfields: 6 } as const;

/** A run of two bytes is of no more than 255 pixels. */
const maxPixelsPerByte = 127.5;
/** Pixels that runs may leave out, as pictures with little on them do; a picture of more has to be there. */
const freePixels = 1 << 22;

interface BmpHeader {
  width: number;
  height: number;
  topDown: boolean;
  depth: number;
  compression: number;
  /** Where the pixels begin. */
  offset: number;
  palette: Uint8Array;
  /** Masks of red, green, blue and alpha, for depths of 16 and 32. */
  masks: readonly [number, number, number, number];
}

/**
 * Decodes a Windows bitmap: 1, 4, 8, 16, 24 and 32 bits a pixel, run-length encoded ones included, with any of the
 * headers since OS/2's. (libvips reads bitmaps only through ImageMagick, which its WebAssembly build leaves out.)
 * After Microsoft's "Bitmap Storage" and the description of BITMAPV5HEADER.
 * @param checkSize called before any memory is taken; throws when the picture is too large
 * @throws DataError when the file is damaged, cut off or of another kind
 */
export function decodeBmp(
  bytes: Uint8Array,
  name: string,
  checkSize: (size: { width: number; height: number; bands: number; bits: number }) => void,
): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: BmpHeader;
  try {
    header = readHeader(bytes, view, name);
  } catch (error) {
    if (error instanceof RangeError) {
      throw damaged(name, 'the header is cut off');
    }
    throw error;
  }
  const { width, height, depth, compression } = header;
  const indexed = depth <= 8;
  const alpha = !indexed && header.masks[3] !== 0;
  const bands = alpha ? 4 : 3;
  checkSize({ width, height, bands, bits: 8 });
  const runs = compression === compressions.rle8 || compression === compressions.rle4;
  const stride = 4 * Math.ceil((width * depth) / 32);
  if (!runs && header.offset + stride * height > bytes.length) {
    throw damaged(name, 'the pixels are cut off');
  }
  const encoded = Math.max(0, bytes.length - header.offset);
  if (runs && width * height > freePixels && width * height > maxPixelsPerByte * encoded) {
    throw damaged(
      name,
      `it declares ${width}×${height} pixels, more than the ${encoded.toLocaleString('en')} bytes of its run lengths can hold`,
    );
  }
  const samples = new Uint8Array(width * height * bands);
  if (indexed) {
    const indices = runs ? expandRuns(bytes, header, name) : unpackIndices(bytes, header, stride);
    for (let pixel = 0; pixel < indices.length; pixel++) {
      const colour = 4 * (indices[pixel] ?? 0);
      // A bitmap's colours stand in the order blue, green, red.
      for (let band = 0; band < 3; band++) {
        samples[3 * pixel + band] = header.palette[colour + 2 - band] ?? 0;
      }
    }
  } else {
    const channels = header.masks.slice(0, bands).map(channelOf);
    for (let row = 0; row < height; row++) {
      const line = header.offset + stride * (header.topDown ? row : height - 1 - row);
      for (let column = 0; column < width; column++) {
        const at = line + (column * depth) / 8;
        const pixel =
          depth === 16
            ? view.getUint16(at, true)
            : depth === 24
              ? view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
              : view.getUint32(at, true);
        const to = bands * (row * width + column);
        channels.forEach(({ shift, greatest }, band) => {
          samples[to + band] = Math.round((255 * ((pixel >>> shift) & greatest)) / greatest);
        });
      }
    }
  }
  return {
    format: 'BMP',
    width,
    height,
    fileBands: bands,
    bands,
    colours: 3,
    alpha: alpha ? 3 : undefined,
    bits: 8,
    sample: 'unsigned',
    ranged: false,
    inverted: false,
    samples,
  };
}

function readHeader(bytes: Uint8Array, view: DataView, name: string): BmpHeader {
  const offset = view.getUint32(10, true);
  const size = view.getUint32(14, true);
  const core = size === 12;
  if (!core && size < 40) {
    throw damaged(name, `a header of ${size} bytes is unknown`);
  }
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const depth = view.getUint16(core ? 24 : 28, true);
  const compression = core ? compressions.none : view.getUint32(30, true);
  if (width <= 0 || signedHeight === 0) {
    throw damaged(name, `a size of ${width}×${signedHeight} is impossible`);
  }
  const fits: Record<number, readonly number[]> = {
    [compressions.none]: [1, 4, 8, 16, 24, 32],
    [compressions.rle8]: [8],
    [compressions.rle4]: [4],
    [compressions.bitfields]: [16, 32],
    [compressions.alphaBitfields]: [16, 32],
  };
  if (fits[compression]?.includes(depth) !== true) {
    throw damaged(name, `${depth} bits a pixel with encoding ${compression} are unknown`);
  }
  const fields = compression === compressions.bitfields || compression === compressions.alphaBitfields;
  const alphaMask =
    fields && (size >= 56 || compression === compressions.alphaBitfields) ? view.getUint32(66, true) : 0;
  const masks = fields
    ? ([view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true), alphaMask] as const)
    : depth === 16
      ? ([0x7c00, 0x03e0, 0x001f, 0] as const)
      : ([0xff0000, 0x00ff00, 0x0000ff, 0] as const);
  if (masks.some((mask, band) => !isRun(mask) || (mask === 0 && band < 3))) {
    throw damaged(name, 'the masks of its colours are impossible');
  }
  const paletteStart = 14 + size + (fields && size === 40 ? (compression === compressions.bitfields ? 12 : 16) : 0);
  const listed = core ? 0 : view.getUint32(46, true);
  const colours = depth <= 8 ? Math.min(256, listed === 0 ? 2 ** depth : listed) : 0;
  return {
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    depth,
    compression,
    offset,
    palette: readPalette(bytes, paletteStart, colours, core ? 3 : 4, name),
    masks,
  };
}

/** The palette with four bytes an entry: blue, green, red and one that means nothing. */
function readPalette(bytes: Uint8Array, start: number, colours: number, entry: number, name: string): Uint8Array {
  if (start + colours * entry > bytes.length) {
    throw damaged(name, 'the palette is cut off');
  }
  const palette = new Uint8Array(4 * colours);
  for (let colour = 0; colour < colours; colour++) {
    palette.set(bytes.subarray(start + colour * entry, start + colour * entry + 3), 4 * colour);
  }
  return palette;
}

/** Whether the set bits of a mask stand together, no more than 16 of them. */
function isRun(mask: number): boolean {
  const { greatest } = channelOf(mask);
  return mask === 0 || ((greatest & (greatest + 1)) === 0 && greatest <= 0xffff);
}

function channelOf(mask: number): { shift: number; greatest: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  return { shift, greatest: mask >>> shift };
}

function unpackIndices(
  bytes: Uint8Array,
  { width, height, depth, offset, topDown }: BmpHeader,
  stride: number,
): Uint8Array {
  const indices = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const line = offset + stride * (topDown ? row : height - 1 - row);
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = bytes[line + (bit >> 3)] ?? 0;
      indices[row * width + column] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
    }
  }
  return indices;
}

/** Expands the run-length encodings RLE8 and RLE4. Pixels that are skipped have colour 0. */
function expandRuns(bytes: Uint8Array, header: BmpHeader, name: string): Uint8Array {
  const { width, height, depth } = header;
  const indices = new Uint8Array(width * height);
  let at = header.offset;
  let row = 0;
  let column = 0;
  const put = (index: number) => {
    if (row < height && column < width) {
      indices[(header.topDown ? row : height - 1 - row) * width + column] = index;
    }
    column++;
  };
  const nibble = (byte: number, position: number) => (depth === 8 ? byte : position % 2 === 0 ? byte >> 4 : byte & 15);
  for (;;) {
    const count = bytes[at];
    const value = bytes[at + 1];
    if (count === undefined || value === undefined) {
      throw damaged(name, 'the pixels are cut off');
    }
    at += 2;
    if (count > 0) {
      for (let position = 0; position < count; position++) {
        put(nibble(value, position));
      }
    } else if (value === 0) {
      row++;
      column = 0;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      column += bytes[at] ?? 0;
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = Math.ceil((value * depth) / 8);
      if (at + length > bytes.length) {
        throw damaged(name, 'the pixels are cut off');
      }
      for (let position = 0; position < value; position++) {
        put(nibble(bytes[at + ((position * depth) >> 3)] ?? 0, position));
      }
      // Literal runs end on a word.
      at += length + (length % 2);
    }
  }
}

function damaged(name: string, reason: string): DataError {
  return new DataError(`${name}: the bitmap is damaged (${reason}); save it anew as PNG.`);
}
