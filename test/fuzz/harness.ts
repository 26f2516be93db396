// The shared harness of the fuzzers: valid files are mutated with a seed that repeats them, and whatever comes of reading one must
// be a dataset that holds together, or the error that users see.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DataError, type Dataset } from '../../src/data/dataset';

/** Time for each reader. */
export const seconds = Number(process.env['FACTORLENS_FUZZ_SECONDS'] ?? 3);
export const seed = Number(process.env['FACTORLENS_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const [share = 0, shares = 1] = (process.env['FACTORLENS_FUZZ_SHARE'] ?? '0/1').split('/').map(Number);

/** Whether the reader of so many in a list is this process's to fuzz: several share them, since each takes its time. */
export const isMine = (place: number): boolean => place % shares === share;

/** Bytes that the process may take for a file: an image may take 400 MB, several times over until the garbage is collected. */
const maxMemory = 4e9;

/** Numbers from 0 to below `limit`, the same each time (mulberry32). */
export type Random = (limit: number) => number;

function randomOf(start: number): Random {
  let state = start >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

export const oneOf = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T;

export interface Fuzzed {
  /** Told on failure, and part of what a seed means. */
  reader: string;
  /** Valid files, with the names that tell their kind. */
  files: readonly (readonly [name: string, bytes: Uint8Array])[];
  /** Reads one; may choose options at random. */
  read(name: string, bytes: Uint8Array, random: Random): Promise<Dataset | undefined>;
  /** Whether an error is what the reader is documented to throw; that users see by default. */
  expects?(error: unknown): boolean;
  /** Of the processor for one file; all are small, and beyond it something takes time out of proportion. */
  mostSeconds?: number;
}

/** Mutates and reads for the time that is given. @returns how many files were tried */
export async function fuzz({ reader, files, read, expects = isUsersError, mostSeconds = 2 }: Fuzzed): Promise<number> {
  const end = Date.now() + 1000 * seconds;
  let tried = 0;
  let last: { name: string; mutated: Uint8Array } | undefined;
  // What a decoder's thread throws reaches nobody who waits for it.
  const onUncaught = (error: unknown): void => {
    if (last) process.stderr.write(`${describe(error, last.name, last.mutated, tried)}\n`);
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  for (; tried === 0 || Date.now() < end; tried++) {
    const random = randomOf(seed ^ Math.imul(tried + 1, 0x9e3779b1) ^ crc32(reader));
    const [name, bytes] = oneOf(random, files);
    const mutated = mutate(bytes, oneOf(random, files)[1], random);
    last = { name, mutated };
    const before = process.cpuUsage();
    const { rss } = process.memoryUsage();
    try {
      const dataset = await read(name, mutated, random);
      if (dataset !== undefined) await assertSound(dataset);
    } catch (error) {
      if (!expects(error)) fail(error, name, mutated, tried);
    }
    const { user, system } = process.cpuUsage(before);
    if (user + system > mostSeconds * 1e6) fail('it takes too much time', name, mutated, tried);
    if (process.memoryUsage().rss - rss > maxMemory) fail('it takes too much memory', name, mutated, tried);
  }
  process.off('uncaughtExceptionMonitor', onUncaught);
  return tried;

  function fail(reason: unknown, name: string, bytes: Uint8Array, place: number): never {
    process.off('uncaughtExceptionMonitor', onUncaught);
    throw new Error(describe(reason, name, bytes, place));
  }

  function describe(reason: unknown, name: string, bytes: Uint8Array, place: number): string {
    const kept = join(mkdtempSync(join(tmpdir(), 'factorlens-fuzz-')), name);
    writeFileSync(kept, bytes);
    const shown = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    return `${reader}, file ${place} of FACTORLENS_FUZZ_SEED=${seed}, kept as ${kept}: ${shown}`;
  }
}

/** What a run is repeated by. */
export const seedText = `FACTORLENS_FUZZ_SEED=${seed}, ${seconds} s a reader`;

function isUsersError(error: unknown): boolean {
  // On one line, and with a remedy behind the semicolon.
  return error instanceof DataError && /^[^\n]+: [^\n]+; [^\n]+[.?]$/.test(error.message);
}

/** A dataset's parts agree with each other, and its numbers are finite. */
async function assertSound(dataset: Dataset): Promise<void> {
  const { rows, columns, missing, rowLabels, columnLabels, warnings } = dataset;
  assert.ok(Number.isInteger(rows) && rows > 0 && Number.isInteger(columns) && columns > 0, `${rows} × ${columns}`);
  assert.ok(rowLabels === undefined || rowLabels.length === rows, 'a label a row');
  assert.ok(columnLabels === undefined || columnLabels.length === columns, 'a label a column');
  for (const warning of warnings) assert.match(warning, /^[^\n\r]+\.$/);
  if ('entries' in dataset) {
    const { entries } = dataset;
    let last = -1;
    entries.values.forEach((value, at) => {
      const place = (entries.rows[at] as number) * columns + (entries.columns[at] as number);
      assert.ok(place > last && place < rows * columns && Number.isFinite(value), 'entries in order');
      last = place;
    });
    assert.equal(rows * columns - entries.values.length, missing);
    assert.ok(entries.weights?.every((weight) => weight > 0) ?? true, 'weights above 0');
    return;
  }
  let [row, absent] = [0, 0];
  for await (const { start, count, values, observed, weights } of dataset.blocks()) {
    assert.equal(start, row);
    row += count;
    for (const array of [values, observed, weights]) assert.equal(array?.length ?? count * columns, count * columns);
    for (let at = 0; at < values.length; at++) {
      if (!Number.isFinite(values[at])) assert.fail(`the value ${values[at]}`);
      if (observed?.[at] === 0) absent++;
      if (weights !== undefined && !((weights[at] as number) >= 0)) assert.fail(`the weight ${weights[at]}`);
    }
  }
  assert.equal(row, rows);
  assert.equal(absent, missing);
}

const pieces = [
  '"',
  '""',
  "'",
  ',',
  ';',
  '\t',
  '|',
  ' ',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\ufeff',
  '-',
  '.',
  'e',
  '1e999',
  '-1e-400',
]
  .concat([
    '9'.repeat(400),
    `1${'0'.repeat(40)}`,
    '1e308',
    'NaN',
    'Infinity',
    '∞',
    '-0',
    '0x1f',
    '\u2028',
    '\ud83d\ude00',
    'ไทย',
  ])
  .concat([
    '__proto__',
    'constructor',
    '{',
    '}',
    '[',
    ']',
    'null',
    '\\u0000',
    'sep=;\n',
    '1.234,5',
    '1,234.5',
    '00012',
    ',,,,',
  ])
  .map((piece) => Buffer.from(piece, 'utf8'))
  .concat([
    Buffer.of(0xff),
    Buffer.of(0xff, 0xfe),
    Buffer.of(0xfe, 0xff),
    Buffer.of(0xc3),
    Buffer.of(0xed, 0xa0, 0x80),
    Buffer.of(0x80),
  ]);

const lengths = [
  0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** One to four changes of the kinds that damage, malice and careless programs make. */
function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let result: Buffer = Buffer.from(bytes);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    // Headers decide most, so half of the changes fall on the beginning.
    const at = random(2) === 0 ? random(Math.min(result.length, 128)) : random(Math.max(1, result.length));
    const [head, tail] = [result.subarray(0, at), result.subarray(at)];
    switch (random(9)) {
      case 0:
        for (let flips = 1 + random(8); flips > 0 && result.length > 0; flips--) {
          const place = (at + random(16)) % result.length;
          result[place] = (result[place] as number) ^ (1 << random(8));
        }
        break;
      case 1:
        result = Buffer.from(head);
        break;
      case 2: {
        const from = random(Math.max(1, other.length));
        result = Buffer.concat([head, other.subarray(from, from + random(64)), tail]);
        break;
      }
      case 3:
        result = Buffer.concat([head, tail.subarray(random(32))]);
        break;
      case 4:
      case 5: {
        const size = oneOf(random, [1, 2, 4] as const);
        const value = oneOf(random, lengths) % 2 ** (8 * size);
        if (at + size <= result.length) {
          if (random(2) === 0) result.writeUIntLE(value, at, size);
          else result.writeUIntBE(value, at, size);
        }
        break;
      }
      case 6:
        result = Buffer.concat([head, oneOf(random, pieces), tail]);
        break;
      case 7: {
        const piece = random(2) === 0 ? oneOf(random, pieces) : tail.subarray(0, 1 + random(64));
        result = Buffer.concat([head, ...Array.from({ length: 1 + random(300) }, () => piece), tail]);
        break;
      }
      default:
        result = withHugeNumber(result, at, random);
    }
  }
  return random(2) === 0 ? withChecksums(result) : result;
}

/** The first run of digits behind a place made a number that no float32, or no array, holds. */
function withHugeNumber(bytes: Buffer, at: number, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const digits = /\d+/.exec(text.slice(at, at + 4096));
  if (digits === null) return bytes;
  const huge = oneOf(random, ['99999999999', '1e39', '-1e309', '4294967296', '9007199254740993', '0', '-1', '1e-46']);
  return Buffer.from(
    text.slice(0, at + digits.index) + huge + text.slice(at + digits.index + digits[0].length),
    'latin1',
  );
}

/** A PNG's chunks with checksums that fit, without which a decoder looks no further. */
function withChecksums(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return bytes;
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}
