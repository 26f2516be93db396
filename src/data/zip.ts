import { crc32 } from 'node:zlib';
import { inflateSync, zipSync } from 'fflate';

/** An archive that is damaged or not to be trusted. The message says what is wrong, without a file's name. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
}

/** More entries than this are not ours. */
const entryLimit = 100_000;

/** Names are plain: no folders, no dots but that of the extension. */
const plainName = /^\w+\.\w+$/;

/** Deflate makes at most 1,032 bytes of one. */
const deflateRatio = 1032;

/** What may be inflated from one archive in all. */
const inflateLimit = 2 ** 31;

const methods = { stored: 0, deflated: 8 } as const;

interface Entry {
  method: number;
  crc: number;
  compressed: number;
  size: number;
  localHeader: number;
}

/** Packs files without compressing them. The same files give the same bytes. */
export function packZip(files: Record<string, Uint8Array>): Uint8Array {
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}

/**
 * A zip archive in memory. Only its directory is read at first, and it is checked; an entry is unpacked when asked for,
 * never beyond the size that the caller allows, and its checksum is verified. Archives over 4 GiB are not read.
 */
export class ZipArchive {
  private readonly entries = new Map<string, Entry>();
  private readonly view: DataView;
  private inflated = 0;

  /** @throws ZipError when the directory is damaged or has names that are not plain */
  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = this.findEnd();
    const count = this.view.getUint16(end + 10, true);
    let at = this.view.getUint32(end + 16, true);
    if (count > entryLimit || at + this.view.getUint32(end + 12, true) > end) {
      throw new ZipError('its directory is damaged');
    }
    for (let index = 0; index < count; index++) {
      at = this.readEntry(at, end);
    }
    const packed = [...this.entries.values()].reduce((sum, entry) => sum + entry.compressed, 0);
    if (packed > bytes.length) {
      throw new ZipError('its entries overlap');
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  names(): string[] {
    return [...this.entries.keys()];
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
    const at = entry.localHeader;
    if (at + 30 > this.bytes.length || this.view.getUint32(at, true) !== 0x04034b50) {
      throw new ZipError(`${name} is damaged`);
    }
    const start = at + 30 + this.view.getUint16(at + 26, true) + this.view.getUint16(at + 28, true);
    if (start + entry.compressed > this.bytes.length) {
      throw new ZipError(`${name} is cut off`);
    }
    const packed = this.bytes.subarray(start, start + entry.compressed);
    const content = deflated ? inflate(packed, entry.size, name) : packed;
    if (content.length !== entry.size || crc32(content) !== entry.crc) {
      throw new ZipError(`${name} is damaged (its checksum differs)`);
    }
    return content;
  }

  /** The end-of-directory record, which stands last but for a comment of up to 64 KiB. */
  private findEnd(): number {
    const last = this.bytes.length - 22;
    for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
      if (
        this.view.getUint32(at, true) === 0x06054b50 &&
        at + 22 + this.view.getUint16(at + 20, true) === this.bytes.length
      ) {
        return at;
      }
    }
    throw new ZipError('it is cut off or not a zip archive');
  }

  private readEntry(at: number, end: number): number {
    if (at + 46 > end || this.view.getUint32(at, true) !== 0x02014b50) {
      throw new ZipError('its directory is damaged');
    }
    const nameLength = this.view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + this.view.getUint16(at + 30, true) + this.view.getUint16(at + 32, true);
    if (next > end) {
      throw new ZipError('its directory is damaged');
    }
    const name = new TextDecoder().decode(this.bytes.subarray(at + 46, at + 46 + nameLength));
    if (!plainName.test(name)) {
      throw new ZipError(`it has an entry of the name ${JSON.stringify(name.slice(0, 40))}, which is not plain`);
    }
    if (this.entries.has(name)) {
      throw new ZipError(`it has ${name} twice`);
    }
    const entry: Entry = {
      method: this.view.getUint16(at + 10, true),
      crc: this.view.getUint32(at + 16, true),
      compressed: this.view.getUint32(at + 20, true),
      size: this.view.getUint32(at + 24, true),
      localHeader: this.view.getUint32(at + 42, true),
    };
    const encrypted = (this.view.getUint16(at + 8, true) & 1) !== 0;
    if (encrypted || (entry.method !== methods.stored && entry.method !== methods.deflated)) {
      throw new ZipError(`${name} is encrypted or packed in an unknown way`);
    }
    this.entries.set(name, entry);
    return next;
  }
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
