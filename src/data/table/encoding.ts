import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { DataError } from '../dataset';
import { decoderOf, guessLegacyEncoding } from './legacy-encoding';

/** Turns a file's chunks of bytes into text. */
export interface TextReader {
  /** Text of the bytes so far complete; characters cut by a chunk's end wait for the next one. */
  decode(chunk: Uint8Array): string;
  /** What is left at the end. */
  end(): string;
  /** Name of the encoding, as far as is known. */
  encoding(): string;
  /** Things the user should know, each a full sentence. */
  warnings(): string[];
}

/**
 * Chooses an encoding from a file's first bytes: a byte-order mark, else UTF-16 when zeros stand at every other
 * place (Latin text), else UTF-8 until the first byte that cannot be UTF-8, from which on the text is in an older encoding
 * that its bytes tell.
 * @param name of the file, for messages
 * @param given the encoding that the user names
 * @throws DataError for UTF-32, for binary files and for encodings that there are not
 */
export function textReader(first: Uint8Array, name: string, given?: string): TextReader {
  if (given !== undefined) {
    return new NamedReader(decoderOf(given, name));
  }
  const [a, b, c, d] = first;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff)) {
    throw new DataError(`${name}: the text is in UTF-32; save it as UTF-8.`);
  }
  if (a === 0xff && b === 0xfe) {
    return new Utf16Reader('utf-16le', name);
  }
  if (a === 0xfe && b === 0xff) {
    return new Utf16Reader('utf-16be', name);
  }
  const zeros = [0, 0];
  const sample = first.subarray(0, 4096);
  sample.forEach((byte, index) => {
    if (byte === 0) {
      zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
    }
  });
  const [even = 0, odd = 0] = zeros;
  if (even + odd > 0) {
    // In UTF-16 text of any Western kind, digits and delimiters have a zero for their high byte.
    const half = sample.length / 2;
    if (odd > 0.4 * half && even < 0.02 * half) {
      return new Utf16Reader('utf-16le', name);
    }
    if (even > 0.4 * half && odd < 0.02 * half) {
      return new Utf16Reader('utf-16be', name);
    }
    throw new DataError(`${name}: this is a binary file, not text; export the table as CSV (UTF-8).`);
  }
  return new Utf8Reader();
}

/** Text in an encoding that the user named; what is no character of it is shown as such. */
class NamedReader implements TextReader {
  private replaced = 0;

  constructor(private readonly decoder: InstanceType<typeof TextDecoder>) {}

  decode(chunk: Uint8Array): string {
    return this.counted(this.decoder.decode(chunk, { stream: true }));
  }

  end(): string {
    return this.counted(this.decoder.decode());
  }

  encoding(): string {
    return this.decoder.encoding === 'utf-8' ? 'UTF-8' : this.decoder.encoding;
  }

  warnings(): string[] {
    return this.replaced === 0
      ? []
      : [`Some bytes are no characters of ${this.encoding()}; they are shown as \uFFFD. Is it the right encoding?`];
  }

  private counted(text: string): string {
    if (text.includes('\uFFFD')) this.replaced++;
    return text;
  }
}

class Utf16Reader implements TextReader {
  private readonly decoder: InstanceType<typeof TextDecoder>;

  constructor(
    private readonly label: 'utf-16le' | 'utf-16be',
    private readonly name: string,
  ) {
    this.decoder = new TextDecoder(label, { fatal: true });
  }

  decode(chunk: Uint8Array): string {
    return this.run(() => this.decoder.decode(chunk, { stream: true }));
  }

  end(): string {
    return this.run(() => this.decoder.decode());
  }

  encoding(): string {
    return this.label.toUpperCase();
  }

  warnings(): string[] {
    return [];
  }

  private run(decode: () => string): string {
    try {
      return decode();
    } catch (error) {
      throw new DataError(
        `${this.name}: the text is damaged or cut off (not valid ${this.encoding()}); save it again as UTF-8.`,
        {
          cause: error,
        },
      );
    }
  }
}

class Utf8Reader implements TextReader {
  private carry: Uint8Array = new Uint8Array(0);
  private started = false;
  /** Set once a character beyond ASCII, or a byte-order mark, was read as UTF-8: from then on a bad byte is damage, not another encoding. */
  private multibyte = false;
  private legacy: { name: string; decode(bytes: Uint8Array): string } | undefined;
  private replaced: number | undefined;
  private offset = 0;
  private fellBackAt: number | undefined;

  decode(chunk: Uint8Array): string {
    if (this.legacy !== undefined) {
      return this.legacy.decode(chunk);
    }
    const bytes = this.carry.length === 0 ? chunk : Buffer.concat([this.carry, chunk]);
    const complete = bytes.length - incompleteTail(bytes);
    // A copy, since a stream may reuse its buffer.
    this.carry = Uint8Array.from(bytes.subarray(complete));
    return this.text(bytes.subarray(0, complete));
  }

  end(): string {
    if (this.legacy !== undefined) return '';
    const rest = this.carry;
    this.carry = new Uint8Array(0);
    return this.text(rest);
  }

  encoding(): string {
    return this.legacy?.name ?? 'UTF-8';
  }

  warnings(): string[] {
    const warnings: string[] = [];
    if (this.fellBackAt !== undefined) {
      warnings.push(
        `The text is not valid UTF-8 (first at byte ${this.fellBackAt + 1}), so it was read as ${titled(this.encoding())}; if names look wrong, name the encoding (--encoding NAME; in the editor the setting files.encoding), or save it as UTF-8.`,
      );
    }
    if (this.replaced !== undefined) {
      warnings.push(`Some bytes are not valid UTF-8 (first at byte ${this.replaced + 1}); they are shown as \uFFFD.`);
    }
    return warnings;
  }

  private text(bytes: Uint8Array): string {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = this.offset;
    this.offset += bytes.length;
    if (isAscii(view)) {
      this.started ||= bytes.length > 0;
      return view.toString('latin1');
    }
    if (isUtf8(view)) {
      this.multibyte = true;
    } else {
      const bad = start + firstInvalid(view);
      if (!this.multibyte && isAscii(view.subarray(0, bad - start))) {
        const all = Buffer.concat([view, this.carry]);
        this.carry = new Uint8Array(0);
        this.fellBackAt = bad;
        this.legacy = legacyText(guessLegacyEncoding(all));
        return this.legacy.decode(all);
      }
      this.multibyte = true;
      this.replaced ??= bad;
    }
    const text = view.toString('utf8');
    const unmarked = !this.started && text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.started = true;
    return unmarked;
  }
}

function legacyText(name: string): { name: string; decode(bytes: Uint8Array): string } {
  if (name === 'windows-1252') return { name, decode: decodeWindows1252 };
  const decoder = new TextDecoder(name);
  return { name, decode: (bytes) => decoder.decode(bytes, { stream: true }) };
}

function titled(encoding: string): string {
  return encoding.replace(/^windows/, 'Windows');
}

/** Length of the character at the end that lacks bytes, 0 to 3. */
function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
    if (byte < 0x80) {
      return 0;
    }
  }
  return 0;
}

/** Index of the first byte that is not part of a valid character, by halving. */
function firstInvalid(bytes: Buffer): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const head = bytes.subarray(0, middle);
    if (isUtf8(head.subarray(0, middle - incompleteTail(head)))) {
      valid = middle;
    } else {
      invalid = middle;
    }
  }
  // Where the head ends amid a character that never completes, that character is the bad one.
  return valid - incompleteTail(bytes.subarray(0, valid));
}

/** Windows-1252 differs from Latin-1 in 0x80–0x9F; the five unassigned bytes stay control characters, as WHATWG has it. */
const windows1252 =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178';

/** Written out here because the runtime's own decoder reads the label as plain Latin-1 in some versions. */
function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] ?? character);
}
