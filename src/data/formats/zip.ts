import { crc32 } from 'node:zlib';
import { inflateSync, zipSync } from 'fflate';
import { bytesInMemory, type ByteSource } from '../byte-source';

/** An archive that is damaged or not to be trusted. The message says what is wrong, without a file's name. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

/** Names are plain: no folders, no dots but that of the extension. */
const plainName = /^\w+\.\w+$/;

/** Deflate makes at most 1,032 bytes of one. */
const deflateRatio = 1032;

/** What may be inflated from one archive in all. */
const inflateLimit = 2 ** 31;

const methods = { stored: 0, deflated: 8 } as const;

/** Bytes of the records' fixed parts. */
const localHeaderBytes = 30;
const directoryEntryBytes = 46;
const endBytes = 22;
const zip64LocatorBytes = 20;

/** In place of a number that stands in a zip64 record. */
const elsewhere = { count: 0xffff, place: 0xffffffff } as const;

interface Entry {
  name: string;
  method: number;
  crc: number;
  compressed: number;
  size: number;
  localHeader: number;
  /** Where the next entry, or the directory, begins. */
  end: number;
}

/** Packs files without compressing them. The same files give the same bytes. */
export function packZip(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}

/**
 * A zip archive. Only its directory is read at first, and it is checked: names are plain and come once, entries lie one
 * after another within the archive. An entry is read when asked for, never beyond the size that the caller allows, and
 * its checksum is verified. Zip64, which archives over 4 GiB need, is not read.
 */
export class ZipArchive {
  private readonly source: ByteSource;
  private readonly entries = new Map<string, Entry>();
  private inflated = 0;

  /** @throws ZipError when the directory is damaged or has names that are not plain */
  constructor(source: Uint8Array | ByteSource) {
    this.source = source instanceof Uint8Array ? bytesInMemory(source) : source;
    const { count, start, directory } = this.readDirectory();
    const view = viewOf(directory);
    let at = 0;
    for (let index = 0; index < count; index++) {
      at = this.readEntry(directory, view, at);
    }
    this.checkPlaces(start);
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  /** Bytes that an entry unpacks to, as the directory tells; 0 where it is absent. */
  sizeOf(name: string): number {
    return this.entries.get(name)?.size ?? 0;
  }

  /** The first entry that is compressed; undefined where all are stored as they are. */
  firstDeflated(): string | undefined {
    return [...this.entries.values()].find(({ method }) => method === methods.deflated)?.name;
  }

  /**
   * Unpacks an entry.
   * @param limit greatest number of bytes it may unpack to
   * @throws ZipError when it is absent, larger, or damaged
   */
  unpack(name: string, limit: number): Uint8Array {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new ZipError(`${name} is missing`);
    }
    const deflated = entry.method === methods.deflated;
    this.inflated += deflated ? entry.size : 0;
    if (
      entry.size > (deflated ? Math.min(limit, deflateRatio * entry.compressed) : limit) ||
      this.inflated > inflateLimit
    ) {
      throw new ZipError(`${name} is larger than it can be`);
    }
    const packed = this.source.read(this.startOf(entry), entry.compressed);
    if (packed.length !== entry.compressed) {
      throw new ZipError(`${name} is cut off`);
    }
    const content = deflated ? inflate(packed, entry.size, name) : packed;
    if (content.length !== entry.size || crc32(content) !== entry.crc) {
      throw new ZipError(`${name} is damaged (its checksum differs)`);
    }
    return content;
  }

  /** Where an entry's content begins: after a header of its own, which tells the same as the directory. */
  private startOf({ name, method, compressed, localHeader, end }: Entry): number {
    const header = this.source.read(localHeader, localHeaderBytes + name.length);
    const view = viewOf(header);
    if (
      header.length !== localHeaderBytes + name.length ||
      view.getUint32(0, true) !== 0x04034b50 ||
      view.getUint16(8, true) !== method ||
      view.getUint16(26, true) !== name.length ||
      new TextDecoder().decode(header.subarray(localHeaderBytes)) !== name
    ) {
      throw new ZipError(`${name} is damaged`);
    }
    const start = localHeader + header.length + view.getUint16(28, true);
    if (start + compressed > end) {
      throw new ZipError(`${name} is cut off`);
    }
    return start;
  }

  /** The directory, from what the end-of-directory record tells: that stands last but for a comment of up to 64 KiB. */
  private readDirectory(): { count: number; start: number; directory: Uint8Array } {
    const { size } = this.source;
    const tailStart = Math.max(0, size - endBytes - 0xffff - zip64LocatorBytes);
    const tail = this.source.read(tailStart, size - tailStart);
    const view = viewOf(tail);
    const end = endRecord(view);
    const count = view.getUint16(end + 10, true);
    const length = view.getUint32(end + 12, true);
    const start = view.getUint32(end + 16, true);
    const locator = end - zip64LocatorBytes;
    if (
      count === elsewhere.count ||
      start === elsewhere.place ||
      (locator >= 0 && view.getUint32(locator, true) === 0x07064b50)
    ) {
      throw new ZipError('it is in the zip64 format, which is not read');
    }
    const parts = view.getUint16(end + 4, true) + view.getUint16(end + 6, true);
    if (
      parts !== 0 ||
      view.getUint16(end + 8, true) !== count ||
      start + length > tailStart + end ||
      count * directoryEntryBytes > length
    ) {
      throw new ZipError('its directory is damaged');
    }
    const directory = this.source.read(start, length);
    if (directory.length !== length) {
      throw new ZipError('its directory is cut off');
    }
    return { count, start, directory };
  }

  private readEntry(directory: Uint8Array, view: DataView, at: number): number {
    if (at + directoryEntryBytes > directory.length || view.getUint32(at, true) !== 0x02014b50) {
      throw new ZipError('its directory is damaged');
    }
    const nameStart = at + directoryEntryBytes;
    const nameEnd = nameStart + view.getUint16(at + 28, true);
    const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > directory.length) {
      throw new ZipError('its directory is damaged');
    }
    const name = new TextDecoder().decode(directory.subarray(nameStart, nameEnd));
    if (!plainName.test(name)) {
      throw new ZipError(`it has an entry of the name ${JSON.stringify(name.slice(0, 40))}, which is not plain`);
    }
    if (this.entries.has(name)) {
      throw new ZipError(`it has ${name} twice`);
    }
    const entry: Entry = {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      localHeader: view.getUint32(at + 42, true),
      end: 0,
    };
    const encrypted = (view.getUint16(at + 8, true) & 1) !== 0;
    if (encrypted || (entry.method !== methods.stored && entry.method !== methods.deflated)) {
      throw new ZipError(`${name} is encrypted or packed in an unknown way`);
    }
    if (entry.method === methods.stored && entry.compressed !== entry.size) {
      throw new ZipError(`${name} is damaged (it has two sizes)`);
    }
    this.entries.set(name, entry);
    return next;
  }

  /** Entries that share bytes let a small archive unpack to a large one. */
  private checkPlaces(directoryStart: number): void {
    const inOrder = [...this.entries.values()].sort((a, b) => a.localHeader - b.localHeader);
    inOrder.forEach((entry, index) => {
      entry.end = inOrder[index + 1]?.localHeader ?? directoryStart;
      if (entry.localHeader + localHeaderBytes + entry.name.length + entry.compressed > entry.end) {
        throw new ZipError('its entries overlap');
      }
    });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where in the last bytes of an archive its end-of-directory record begins. */
function endRecord(tail: DataView): number {
  for (let at = tail.byteLength - endBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) === 0x06054b50 && at + endBytes + tail.getUint16(at + 20, true) === tail.byteLength) {
      return at;
    }
  }
  throw new ZipError('it is cut off or not a zip archive');
}

function inflate(packed: Uint8Array, size: number, name: string): Uint8Array {
  try {
    // Into a buffer of the declared size: what would go beyond it is dropped, and then the checksum differs.
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (error) {
    throw new ZipError(`${name} is damaged (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
}
