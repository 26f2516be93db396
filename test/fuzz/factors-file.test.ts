import assert from 'node:assert/strict';
import { DataError } from '../../src/data/dataset';
import { decodeFactorization, encodeFactorization } from '../../src/results/npz';
import { packZip, ZipArchive } from '../../src/data/formats/zip';
import type { Factorization } from '../../src/factorization/result';
import { factorizationOf, restartOf, traceOf } from '../support/factorizations';
import { isMine, seconds, seed, seedText } from './harness';

/** Mulberry32 (T. Ettinger): numbers from 0 to 1 that a seed gives. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

const below = (random: Random, end: number): number => Math.floor(random() * end);
const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[below(random, choices.length)] as T;

const oddNumbers = [0, 1, 2, 7, 22, 255, 256, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const oddWords = [
  'null', 'true', '-1', '0', '1e309', '-0', '1e15', '9007199254740993', '"NaN"', '"-Infinity"', '""', '"\\ud800"', '[]',
  '{}', '[[]]', '{"texts":"row_labels"}', '{"texts":"features"}', '{"texts":"__proto__"}', '{"__proto__":1}', '"auto"',
]; // prettier-ignore

/** Changes of bytes, whatever they mean: most break a checksum or a length. */
function mutateBytes(random: Random, whole: Uint8Array): Uint8Array {
  const bytes = whole.slice();
  const at = below(random, bytes.length);
  const view = new DataView(bytes.buffer);
  switch (below(random, 6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      view.setUint16(Math.min(at, bytes.length - 2), oneOf(random, oddNumbers) & 0xffff, true);
      return bytes;
    case 3:
      view.setUint32(Math.min(at, bytes.length - 4), oneOf(random, oddNumbers), true);
      return bytes;
    case 4:
      return bytes.copyWithin(at, below(random, bytes.length), below(random, bytes.length));
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(below(random, bytes.length))]);
  }
}

/** Another word in place of a value of JSON, or a piece of it moved: it stays JSON more often than not. */
function mutateJson(random: Random, json: Uint8Array): Uint8Array {
  const text = Buffer.from(json).toString();
  const values = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?!:)|-?\d[\d.e+-]*|true|false|\[[^[\]{}]*\]|\{[^[\]{}]*\}/g)];
  const { 0: value, index } = oneOf(random, values);
  const word = random() < 0.5 ? oneOf(random, oddWords) : oneOf(random, values)[0];
  return Buffer.from(text.slice(0, index) + word + text.slice(index + value.length));
}

/** Changes behind right checksums: what a person who means harm writes. */
function mutateEntries(random: Random, whole: Uint8Array): Uint8Array {
  const archive = new ZipArchive(whole);
  const entries = Object.fromEntries(archive.names().map((name) => [name, archive.unpack(name, whole.length)]));
  for (let changes = 1 + below(random, 3); changes > 0; changes--) {
    const name = oneOf(random, Object.keys(entries));
    const entry = entries[name] ?? new Uint8Array(1);
    const dice = random();
    if (dice < 0.05) delete entries[name];
    else if (dice < 0.1) entries[oneOf(random, Object.keys(entries))] = entry;
    else if (name.endsWith('.json') && dice < 0.8) entries[name] = mutateJson(random, entry);
    else if (entry.length > 4) entries[name] = mutateBytes(random, entry);
  }
  return packZip(entries);
}

/** Everything that a file can hold, and one of the first version, with its labels in the description. */
function seeds(): Uint8Array[] {
  const full: Factorization = factorizationOf({
    columnLabels: ['x', 'ÿ'],
    reading: {
      ...factorizationOf().reading,
      leftOut: [{ column: 'note', reason: 'text' }],
    } as Factorization['reading'],
    biases: { mean: 1, rows: Float32Array.of(1, 2, 3), columns: Float32Array.of(4, 5) },
    preparation: [{ kind: 'log1p' }, { kind: 'shift', axis: 'columns', statistic: 'mean', by: Float64Array.of(1, 2) }],
    restarts: [restartOf({ objective: NaN, stopReason: 'diverged', trace: traceOf([0, NaN]) }), restartOf()],
    consensus: {
      kind: 'consensus',
      restarts: 2,
      rows: [0, 2],
      matrix: Float32Array.of(1, 0.5, 0.5, 1),
      order: [1, 0],
      clusters: [1, 1],
      dispersion: 0.5,
    },
    scree: { kind: 'singular-values', values: [3, 0.5], complete: true, explainedVariance: [NaN, 1] },
    rankCurve: [{ rank: 1, error: 2, standardError: 0.1 }],
  });
  const bytes = encodeFactorization(full);
  const archive = new ZipArchive(bytes);
  const entries = Object.fromEntries(archive.names().map((name) => [name, archive.unpack(name, bytes.length)]));
  const { rowLabels, columnLabels, reading } = full;
  const first = JSON.parse(Buffer.from(entries['factorlens.json'] ?? []).toString()) as object;
  entries['factorlens.json'] = Buffer.from(JSON.stringify({ ...first, version: 1, rowLabels, columnLabels, reading }));
  const older = packZip(entries);
  assert.deepEqual(decodeFactorization(older, 'older'), full);
  return [bytes, older];
}

describe(`factors files that are damaged at random (${seedText})`, function () {
  if (!isMine(3)) return;
  this.timeout(1000 * seconds + 60_000);

  it('are refused in one sentence, or give a result that can be written and read', () => {
    const random = randomFrom(seed);
    const originals = seeds();
    const end = performance.now() + 1000 * seconds;
    let tried = 0;
    let read = 0;
    for (; performance.now() < end; tried++) {
      const original = oneOf(random, originals);
      const file = (random() < 0.3 ? mutateBytes : mutateEntries)(random, original);
      const about = `seed ${seed}, file ${tried}`;
      let found: Factorization;
      try {
        found = decodeFactorization(file, 'my.factors.npz');
      } catch (error) {
        assert.ok(error instanceof DataError, `${about}: ${error instanceof Error ? error.stack : String(error)}`);
        assert.match(error.message, /^my\.factors\.npz: [^\n]*[^\n.]\.$/, about);
        continue;
      }
      read++;
      assert.ok(found.W.every(Number.isFinite) && found.H.every(Number.isFinite), about);
      assert.equal(found.W.length, found.rows * found.rank, about);
      assert.deepEqual(decodeFactorization(encodeFactorization(found), 'again'), found, about);
    }
    // Files that are all refused at the door would try nothing of what lies behind it.
    assert.ok(read > tried / 100, `seed ${seed}: ${read} of ${tried} were read`);
  });
});
