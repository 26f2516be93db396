// Image files made by hand, so that what they hold is known without any decoder.
import { Buffer } from 'node:buffer';
import { crc32, deflateSync } from 'node:zlib';

export const pngColour = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

export interface PngOptions {
  width: number;
  height: number;
  bits: 1 | 8 | 16;
  colour: keyof typeof pngColour;
  /** Samples in reading order; 16-bit ones as numbers up to 65535. Of 1-bit images, packed bytes a row. */
  samples: readonly number[];
  palette?: readonly number[];
}

/** A PNG by its specification: signature, IHDR, PLTE, IDAT with filter 0 on every row, IEND. */
export function png({ width, height, bits, colour, samples, palette }: PngOptions): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  header[9] = pngColour[colour];
  const bytes = bits === 16 ? samples.flatMap((sample) => [sample >> 8, sample & 255]) : samples;
  const stride = bytes.length / height;
  const rows = Array.from({ length: height }, (_, row) => [0, ...bytes.slice(row * stride, (row + 1) * stride)]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    ...(palette === undefined ? [] : [pngChunk('PLTE', Buffer.from(palette))]),
    pngChunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A tag of TIFF's directory with one value (SHORT when it fits, else LONG). */
type TiffTag = readonly [tag: number, value: number];

/** An uncompressed little-endian grey TIFF of one strip. Further tags replace or join the usual ones. */
export function tiff(width: number, height: number, bits: number, pixels: Buffer, ...tags: TiffTag[]): Buffer {
  const all = new Map<number, number>([
    [256, width],
    [257, height],
    [258, bits],
    [259, 1], // not compressed
    [262, 1], // black is zero
    [273, 8], // the strip follows the header
    [277, 1], // samples a pixel
    [278, height],
    [279, pixels.length],
    ...tags,
  ]);
  const entries = [...all].sort(([a], [b]) => a - b);
  const directory = Buffer.alloc(2 + 12 * entries.length + 4);
  directory.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, value], index) => {
    const at = 2 + 12 * index;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(4, at + 2);
    directory.writeUInt32LE(1, at + 4);
    directory.writeUInt32LE(value, at + 8);
  });
  const padded = Buffer.concat([pixels, Buffer.alloc(pixels.length % 2)]);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(8 + padded.length, 4);
  return Buffer.concat([header, padded, directory]);
}

/** A GIF of two 2×2 frames over a palette of black, red, green and white: frame 1 is 0 1 / 2 3, frame 2 all black. */
export const gif = Buffer.concat([
  Buffer.from('GIF89a', 'latin1'),
  Buffer.from([2, 0, 2, 0, 0x81, 0, 0]),
  Buffer.from([0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 255]),
  // LZW with codes of 3 bits at first, 4 being the clear code and 5 the end.
  gifFrame([4, 0, 1, 2, 3, 5]),
  gifFrame([4, 0, 0, 0, 0, 5]),
  Buffer.from([0x3b]),
]);

function gifFrame(codes: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2]), gifCodes(codes)]);
}

/** Packs codes from the lowest bit up. After the clear code each code but the first adds an entry; at 8 codes grow to 4 bits. */
function gifCodes(codes: readonly number[]): Buffer {
  let bits = '';
  let next = 6;
  let size = 3;
  codes.forEach((code, index) => {
    bits = code.toString(2).padStart(size, '0') + bits;
    if (index > 1) {
      next++;
      if (next === 2 ** size) {
        size++;
      }
    }
  });
  bits = bits.padStart(8 * Math.ceil(bits.length / 8), '0');
  const bytes = (bits.match(/.{8}/g) ?? []).reverse().map((byte) => Number.parseInt(byte, 2));
  return Buffer.from([bytes.length, ...bytes, 0]);
}

/** A JPEG with an EXIF block that gives the orientation, put right after its first marker. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from(
    'Exif\0\0' +
      'II*\0\x08\0\0\0' +
      '\x01\0' +
      '\x12\x01\x03\0\x01\0\0\0' +
      String.fromCharCode(orientation) +
      '\0\0\0' +
      '\0\0\0\0',
    'latin1',
  );
  const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)]);
}

export interface BmpOptions {
  width: number;
  height: number;
  depth: number;
  compression?: number;
  /** Bytes between the header of 40 bytes and the pixels: masks or palette. */
  extra?: readonly number[];
  pixels: readonly number[];
}

/** A Windows bitmap with the header of 40 bytes. */
export function bmp({ width, height, depth, compression = 0, extra = [], pixels }: BmpOptions): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM', 'latin1');
  header.writeUInt32LE(54 + extra.length + pixels.length, 2);
  header.writeUInt32LE(54 + extra.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(depth, 28);
  header.writeUInt32LE(compression, 30);
  if (depth <= 8) {
    header.writeUInt32LE(extra.length / 4, 46);
  }
  return Buffer.concat([header, Buffer.from(extra), Buffer.from(pixels)]);
}

export interface TiffPages {
  big?: boolean;
  order?: 'little' | 'big';
  /** Of each page the tags with their values, and the strips or tiles, whose places and lengths are filled in. */
  pages: { tags: Record<number, readonly number[]>; tiled?: boolean; pieces: readonly Buffer[] }[];
}

/** A PNG with other values in its first chunk, whose checksum is made to fit. */
export function pngWithHeader(bytes: Buffer, header: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 8), pngChunk('IHDR', header), bytes.subarray(33)]);
}

/** The beginning of an animated WebP: a canvas, and a lossless frame that fills it and is cut off. */
export function animatedWebp(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(data.length);
    return Buffer.concat([Buffer.from(type, 'latin1'), length, data]);
  };
  const canvas = Buffer.alloc(10);
  canvas[0] = 2; // animated
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  const picture = Buffer.alloc(20);
  picture[0] = 0x2f;
  picture.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1);
  const frame = Buffer.alloc(16);
  frame.writeUIntLE(width - 1, 6, 3);
  frame.writeUIntLE(height - 1, 9, 3);
  const parts = [
    chunk('VP8X', canvas),
    chunk('ANIM', Buffer.alloc(6)),
    chunk('ANMF', Buffer.concat([frame, chunk('VP8L', picture)])),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), ...parts]));
}

/** A TIFF or BigTIFF with directories first and pixels last, as a writer that streams makes it, so that a cut takes pixels alone. */
export function tiffPages({ big = false, order = 'little', pages }: TiffPages): Buffer {
  const word = big ? 8 : 4;
  const put = (value: number, bytes: number): Buffer => {
    const buffer = Buffer.alloc(8);
    if (order === 'little') buffer.writeBigUInt64LE(BigInt(value));
    else buffer.writeBigUInt64BE(BigInt(value));
    return order === 'little' ? buffer.subarray(0, bytes) : buffer.subarray(8 - bytes);
  };
  const directoryBytes = (tags: number) => (big ? 8 + 20 * tags + 8 : 2 + 12 * tags + 4);
  const header = Buffer.concat([
    Buffer.from(order === 'little' ? 'II' : 'MM', 'latin1'),
    put(big ? 43 : 42, 2),
    ...(big ? [put(8, 2), put(0, 2)] : []),
    put(big ? 16 : 8, word),
  ]);
  const tagsOf = ({ tags, tiled = false, pieces }: TiffPages['pages'][number]) => {
    const [places, lengths] = tiled ? [324, 325] : [273, 279];
    return { ...tags, [places]: pieces.map(() => 0), [lengths]: pieces.map(({ length }) => length) };
  };
  // Long values stand behind the directories, pixels behind those.
  const longBytes = (values: readonly number[]) => (values.length > 1 ? word * values.length : 0);
  const allTags = pages.map(tagsOf);
  const longStart = header.length + allTags.reduce((sum, tags) => sum + directoryBytes(Object.keys(tags).length), 0);
  const pixelStart = longStart + allTags.flatMap((tags) => Object.values(tags)).reduce((s, v) => s + longBytes(v), 0);
  const [directories, long, pixels] = [[] as Buffer[], [] as Buffer[], [] as Buffer[]];
  let directoryAt = header.length;
  let longAt = longStart;
  let pixelAt = pixelStart;
  pages.forEach((page, index) => {
    const places = page.pieces.map((piece) => {
      const at = pixelAt;
      pixels.push(piece);
      pixelAt += piece.length;
      return at;
    });
    const tags = Object.entries({ ...tagsOf(page), [page.tiled === true ? 324 : 273]: places });
    directories.push(put(tags.length, big ? 8 : 2));
    for (const [tag, values] of tags.sort(([a], [b]) => Number(a) - Number(b))) {
      directories.push(put(Number(tag), 2), put(big ? 16 : 4, 2), put(values.length, word));
      const [only = 0] = values;
      directories.push(put(values.length > 1 ? longAt : only, word));
      longAt += longBytes(values);
      if (values.length > 1) long.push(...values.map((value) => put(value, word)));
    }
    directoryAt += directoryBytes(tags.length);
    directories.push(put(index + 1 < pages.length ? directoryAt : 0, word));
  });
  return Buffer.concat([header, ...directories, ...long, ...pixels]);
}
