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
