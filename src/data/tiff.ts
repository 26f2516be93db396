/**
 * What the first directory of a TIFF promises, checked against the file's length. libvips and libtiff read a strip that is
 * not there as zeros where nothing is compressed. After TIFF 6.0 and, for 64-bit offsets, the BigTIFF design of libtiff.
 */

/** A directory that cannot be right. The message says what is wrong, without a file's name. */
export class TiffError extends Error {
  override readonly name = 'TiffError';
}

/** What the first directory says of the picture. */
export interface TiffLayout {
  width: number;
  height: number;
  samplesPerPixel: number;
  bitsPerSample: number;
  /** Of a tile, or of a strip: what is decoded at a time. */
  piece: { width: number; height: number };
}

const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
} as const;

/** Bytes of a value of each type, BigTIFF's among them. */
const typeBytes: Record<number, number> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};
/** BYTE, SHORT, LONG, IFD, LONG8 and IFD8. */
const wholeTypes = new Set([1, 3, 4, 13, 16, 18]);

/** Strips of pages behind the first that are looked at: pages may share them, and be very many. */
const furtherStrips = 1 << 20;

/** Colours that may be subsampled: only the brightness is sure to have a sample a pixel. */
const photometricYCbCr = 6;
const uncompressed = 1;
const separatePlanes = 2;

/** Whether bytes begin as a TIFF does, in either order and size of offsets. */
export function isTiff(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  return (
    (a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0) ||
    (a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43))
  );
}

/** Reads numbers at places of the file. @throws TiffError beyond its end */
class TiffBytes {
  private readonly view: DataView;
  private readonly little: boolean;
  /** Whether offsets and counts take 8 bytes. */
  readonly big: boolean;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[0] === 0x49;
    this.big = this.number(2, 2) === 43;
  }

  get length(): number {
    return this.view.byteLength;
  }

  number(at: number, bytes: number): number {
    if (at + bytes > this.length) {
      throw new TiffError('its directory is cut off');
    }
    switch (bytes) {
      case 1:
        return this.view.getUint8(at);
      case 2:
        return this.view.getUint16(at, this.little);
      case 4:
        return this.view.getUint32(at, this.little);
      default:
        // Beyond 2⁵³ it is rounded, and beyond every file all the same.
        return Number(this.view.getBigUint64(at, this.little));
    }
  }
}

/** An entry of a directory: whole numbers that are read when they are asked for, since their count may be a lie. */
interface Entry {
  count: number;
  value(index: number): number;
}

interface Directory {
  entries: ReadonlyMap<number, Entry>;
  /** Where the next page's directory is; 0 where there is none. */
  next: number;
}

/** @throws TiffError when it, or a value of it, is beyond the file's end */
function directoryAt(file: TiffBytes, start: number): Directory {
  const [countBytes, entryBytes, wordBytes] = file.big ? [8, 20, 8] : [2, 12, 4];
  const count = file.number(start, countBytes);
  const end = start + countBytes + count * entryBytes;
  const next = file.number(end, wordBytes);
  const entries = new Map<number, Entry>();
  for (let at = start + countBytes; at < end; at += entryBytes) {
    const tag = file.number(at, 2);
    const type = file.number(at + 2, 2);
    const bytes = typeBytes[type];
    const values = file.number(at + 4, wordBytes);
    if (bytes === undefined) {
      continue;
    }
    const inline = at + 4 + wordBytes;
    const place = values * bytes <= wordBytes ? inline : file.number(inline, wordBytes);
    if (place + values * bytes > file.length) {
      throw new TiffError(`its directory is cut off: the values of tag ${tag} are not there`);
    }
    if (wholeTypes.has(type) && !entries.has(tag)) {
      entries.set(tag, { count: values, value: (which) => file.number(place + which * bytes, bytes) });
    }
  }
  return { entries, next };
}

/**
 * Checks that every strip or tile of the first page is in the file, and where nothing is compressed that it has all its bytes.
 * @param checkSize called before the strips are looked at; nothing is decoded
 * @returns whether pages behind the first lack something
 * @throws TiffError saying what the first page lacks
 */
export function checkTiff(bytes: Uint8Array, checkSize: (layout: TiffLayout) => void): boolean {
  const file = new TiffBytes(bytes);
  const first = directoryAt(file, file.big ? file.number(8, 8) : file.number(4, 4));
  checkPage(file, first, checkSize);
  try {
    const met = new Set<number>();
    let strips = 0;
    for (let at = first.next; at !== 0 && !met.has(at) && strips < furtherStrips;) {
      met.add(at);
      const page = directoryAt(file, at);
      strips += checkPage(file, page, () => undefined);
      at = page.next;
    }
    return false;
  } catch (error) {
    if (error instanceof TiffError) return true;
    throw error;
  }
}

/** @returns how many strips or tiles there are */
function checkPage(file: TiffBytes, { entries }: Directory, checkSize: (layout: TiffLayout) => void): number {
  const one = (tag: number, otherwise?: number): number => {
    const entry = entries.get(tag);
    const value = entry !== undefined && entry.count > 0 ? entry.value(0) : otherwise;
    if (value === undefined) {
      throw new TiffError(`its directory lacks the tag ${tag}`);
    }
    return value;
  };
  const [width, height] = [one(tags.width), one(tags.height)];
  const samplesPerPixel = one(tags.samplesPerPixel, 1);
  const bitsPerSample = one(tags.bitsPerSample, 1);
  const tiled = entries.has(tags.tileWidth) || entries.has(tags.tileOffsets);
  const piece = tiled
    ? { width: one(tags.tileWidth), height: one(tags.tileHeight) }
    : { width, height: Math.min(height, one(tags.rowsPerStrip, height)) };
  if (![width, height, samplesPerPixel, bitsPerSample, piece.width, piece.height].every((size) => size > 0)) {
    throw new TiffError(`a size of ${width}×${height} in pieces of ${piece.width}×${piece.height} is impossible`);
  }
  checkSize({ width, height, samplesPerPixel, bitsPerSample, piece });

  const separate = one(tags.planarConfiguration, 1) === separatePlanes;
  const [across, down] = [Math.ceil(width / piece.width), Math.ceil(height / piece.height)];
  const needed = across * down * (separate ? samplesPerPixel : 1);
  const [name, offsetsTag, byteCountsTag] = tiled
    ? (['tile', tags.tileOffsets, tags.tileByteCounts] as const)
    : (['strip', tags.stripOffsets, tags.stripByteCounts] as const);
  const [offsets, byteCounts] = [entries.get(offsetsTag), entries.get(byteCountsTag)];
  if (offsets === undefined || byteCounts === undefined || offsets.count < needed || byteCounts.count < needed) {
    throw new TiffError(
      `of its ${needed} ${name}s it places ${offsets?.count ?? 0} and tells the length of ${byteCounts?.count ?? 0}`,
    );
  }
  const samples = separate || one(tags.photometric, 0) === photometricYCbCr ? 1 : samplesPerPixel;
  const rowBytes = Math.ceil((piece.width * samples * bitsPerSample) / 8);
  const plain = one(tags.compression, uncompressed) === uncompressed;
  for (let index = 0; index < needed; index++) {
    const [offset, length] = [offsets.value(index), byteCounts.value(index)];
    // The last strip ends with the picture; tiles are whole.
    const rows = tiled ? piece.height : Math.min(piece.height, height - (index % down) * piece.height);
    const least = plain ? rowBytes * rows : 1;
    if (length < least) {
      throw new TiffError(`${name} ${index + 1} of ${needed} has ${length} bytes, not ${least}`);
    }
    if (offset === 0 || offset + length > file.length) {
      throw new TiffError(
        `${name} ${index + 1} of ${needed} ends at byte ${offset + length} of ${file.length}: it is cut off`,
      );
    }
  }
  return needed;
}
