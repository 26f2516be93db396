/**
 * What the directories of a TIFF promise, checked against the file's length. libvips and libtiff read a strip that is
 * not there as zeros where nothing is compressed. After TIFF 6.0 and, for 64-bit offsets, the BigTIFF design of libtiff.
 */

/** A directory that cannot be right. The message says what is wrong, without a file's name. */
export class TiffError extends Error {
  override readonly name = 'TiffError';
}

/** What a directory says of its page. */
export interface TiffLayout {
  /** Where the directory stands. */
  at: number;
  width: number;
  height: number;
  samplesPerPixel: number;
  bitsPerSample: number;
  /** Whether samples differ in their number of bits, or in their format. */
  mixed: boolean;
  sampleFormat: number;
  compression: number;
  photometric: number;
  /** What bands beyond those of the colours are, as far as it is said: 1 and 2 are opacity. */
  extraSamples: number[];
  /** The planes of the samples stand one after another. */
  separate: boolean;
  predictor: number;
  orientation: number;
  /** A smaller copy of another page. */
  reduced: boolean;
  tiled: boolean;
  /** Of a tile, or of a strip: what is decoded at a time. */
  piece: { width: number; height: number };
}

/** The pages of a file, of which at least the first is whole. */
export interface TiffPages {
  pages: TiffLayout[];
  /** Pages behind these lack something. */
  cut: boolean;
}

export const tags = {
  subfileType: 254,
  formerSubfileType: 255,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
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

/** How samples are colours. Of those of YCbCr, which may be subsampled, only the brightness is sure to have a sample a pixel. */
export const photometrics = {
  whiteIsZero: 0,
  blackIsZero: 1,
  rgb: 2,
  palette: 3,
  mask: 4,
  cmyk: 5,
  yCbCr: 6,
  lab: 8,
} as const;
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

/** Reads and overwrites numbers at places of the file. @throws TiffError beyond its end */
export class TiffBytes {
  private readonly view: DataView;
  readonly little: boolean;
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

  /** Overwrites a number. */
  set(at: number, bytes: number, value: number): void {
    if (bytes === 1) this.view.setUint8(at, value);
    else if (bytes === 2) this.view.setUint16(at, value, this.little);
    else if (bytes === 4) this.view.setUint32(at, value, this.little);
    else this.view.setBigUint64(at, BigInt(value), this.little);
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
  /** Where the entry stands. */
  at: number;
  /** Where its values stand, and how many bytes each takes. */
  place: number;
  bytes: number;
  count: number;
  value(index: number): number;
}

interface Directory {
  at: number;
  entries: ReadonlyMap<number, Entry>;
  /** Where the next page's directory is; 0 where there is none. */
  next: number;
}

/** @throws TiffError when it, or a value of it, is beyond the file's end */
export function directoryAt(file: TiffBytes, start: number): Directory {
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
      entries.set(tag, {
        at,
        place,
        bytes,
        count: values,
        value: (which) => file.number(place + which * bytes, bytes),
      });
    }
  }
  return { at: start, entries, next };
}

/**
 * Checks that every strip or tile of the first page is in the file, and where nothing is compressed that it has all its bytes.
 * @param checkSize called before the strips of a first page are looked at; nothing is decoded
 * @returns the pages up to the first that lacks something
 * @throws TiffError saying what the first page lacks
 */
export function checkTiff(bytes: Uint8Array, checkSize: (layout: TiffLayout) => void): TiffPages {
  const file = new TiffBytes(bytes);
  const first = directoryAt(file, file.big ? file.number(8, 8) : file.number(4, 4));
  const firstLayout = layoutOf(first);
  checkSize(firstLayout);
  checkPieces(file, first, firstLayout);
  const pages = [firstLayout];
  try {
    const met = new Set([first.at]);
    let strips = 0;
    for (let at = first.next; at !== 0 && !met.has(at) && strips < furtherStrips;) {
      met.add(at);
      const page = directoryAt(file, at);
      const layout = layoutOf(page);
      strips += checkPieces(file, page, layout);
      pages.push(layout);
      at = page.next;
    }
    return { pages, cut: false };
  } catch (error) {
    if (error instanceof TiffError) return { pages, cut: true };
    throw error;
  }
}

/** A value of a directory that has one. @throws TiffError where it is missing and nothing stands for it */
function one(entries: Directory['entries'], tag: number, otherwise?: number): number {
  const entry = entries.get(tag);
  const value = entry !== undefined && entry.count > 0 ? entry.value(0) : otherwise;
  if (value === undefined) {
    throw new TiffError(`its directory lacks the tag ${tag}`);
  }
  return value;
}

/** More samples a pixel than this are not looked at one by one. */
const maxSamples = 4096;

/** @throws TiffError when a size is missing or nought */
function layoutOf({ at, entries }: Directory): TiffLayout {
  const [width, height] = [one(entries, tags.width), one(entries, tags.height)];
  const samplesPerPixel = one(entries, tags.samplesPerPixel, 1);
  const bitsPerSample = one(entries, tags.bitsPerSample, 1);
  const tiled = entries.has(tags.tileWidth) || entries.has(tags.tileOffsets);
  const piece = tiled
    ? { width: one(entries, tags.tileWidth), height: one(entries, tags.tileHeight) }
    : { width, height: Math.min(height, one(entries, tags.rowsPerStrip, height)) };
  if (![width, height, samplesPerPixel, bitsPerSample, piece.width, piece.height].every((size) => size > 0)) {
    throw new TiffError(`a size of ${width}×${height} in pieces of ${piece.width}×${piece.height} is impossible`);
  }
  const all = (tag: number): number[] => {
    const entry = entries.get(tag);
    return Array.from({ length: Math.min(entry?.count ?? 0, maxSamples) }, (_, index) => entry?.value(index) ?? 0);
  };
  return {
    at,
    width,
    height,
    samplesPerPixel,
    bitsPerSample,
    mixed: [tags.bitsPerSample, tags.sampleFormat].some((tag) => new Set(all(tag)).size > 1),
    sampleFormat: one(entries, tags.sampleFormat, 1),
    compression: one(entries, tags.compression, uncompressed),
    photometric: one(entries, tags.photometric, 1),
    extraSamples: all(tags.extraSamples),
    separate: one(entries, tags.planarConfiguration, 1) === separatePlanes,
    predictor: one(entries, tags.predictor, 1),
    orientation: one(entries, tags.orientation, 1),
    reduced: (one(entries, tags.subfileType, 0) & 1) === 1 || one(entries, tags.formerSubfileType, 0) === 2,
    tiled,
    piece,
  };
}

/** @returns how many strips or tiles there are */
function checkPieces(file: TiffBytes, { entries }: Directory, layout: TiffLayout): number {
  const { width, height, samplesPerPixel, bitsPerSample, separate, tiled, piece } = layout;
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
  const samples = separate || layout.photometric === photometrics.yCbCr ? 1 : samplesPerPixel;
  const rowBytes = Math.ceil((piece.width * samples * bitsPerSample) / 8);
  const plain = layout.compression === uncompressed;
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
