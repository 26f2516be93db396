import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { encodeFactorization } from '../../../src/results/npz';
import { packZip } from '../../../src/data/formats/zip';
import type { Factorization } from '../../../src/factorization/result';
import { JobFailedError } from '../../../src/worker/errors';
import { readResult } from '../../../src/worker/read-result';
import { factorizationOf } from '../../support/factorizations';
import { bundle, temporaryFolder } from './support/build';

describe('reading a result in a process of its own', function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = await temporaryFolder();
    await bundle({ reader: 'test/unit/worker/fixtures/measured-reader.ts' }, folder);
    await writeFile(join(folder, 'dying.js'), "process.on('message', () => process.kill(process.pid, 'SIGKILL'));");
    await writeFile(
      join(folder, 'greedy.js'),
      "process.on('message', () => { const all = []; for (;;) all.push(new Array(1000).fill(Math.random())); });",
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Reads a file of that content, and tells the most memory that the process had. */
  async function read(
    bytes: Uint8Array,
    reader = 'reader.js',
  ): Promise<{ outcome: Factorization | Error; peak: number }> {
    const path = join(folder, 'my.factors.npz');
    await writeFile(path, bytes);
    let peak = NaN;
    const outcome = await readResult(
      { source: { kind: 'path', path }, name: 'my.factors.npz' },
      {
        readerPath: join(folder, reader),
        onLog: ({ message }) => {
          peak = Number(/\] peak (\d+)/.exec(message)?.[1] ?? peak);
        },
      },
    ).catch((error: unknown) => error as Error);
    return { outcome, peak };
  }

  it('gives what was written, by path and by bytes', async () => {
    const given = factorizationOf({ rowLabels: ['', 'ü', '\u{1F600}'] });
    const bytes = encodeFactorization(given);
    assert.deepEqual((await read(bytes)).outcome, given);
    const found = await readResult(
      { source: { kind: 'bytes', name: 'a', uri: 'memfs:/a', bytes }, name: 'a' },
      { readerPath: join(folder, 'reader.js') },
    );
    assert.deepEqual(found, given);
  });

  it('refuses what is no result, in words about the file', async () => {
    const { outcome } = await read(Buffer.from('no archive'));
    assert.ok(outcome instanceof JobFailedError);
    assert.match(outcome.message, /^my\.factors\.npz: not a factors file, or a damaged one/);
    for (const [path, words] of [
      [join(folder, 'none.factors.npz'), /no such file/],
      [folder, /no ordinary file/],
    ] as const) {
      await assert.rejects(
        readResult({ source: { kind: 'path', path }, name: 'x' }, { readerPath: join(folder, 'reader.js') }),
        words,
      );
    }
  });

  it('takes memory by the size of the file, whatever the file says', async () => {
    const least = (await read(encodeFactorization(factorizationOf()))).peak;
    const description = (text: string): Uint8Array => packZip({ 'factorlens.json': Buffer.from(text) });
    const names = (count: number, prefix: string): string =>
      Array.from({ length: count }, (_, index) => `"${prefix}${index}":1`).join();
    const zeros = new Uint8Array(200_000_000);
    const files: Record<string, Uint8Array> = {
      'zeros, deflated': zipSync({ 'factorlens.json': Buffer.from('{}'), 'W.npy': zeros }, { level: 9 }),
      'blanks, deflated': zipSync({ 'factorlens.json': Buffer.alloc(200_000_000, ' ') }, { level: 9 }),
      'objects without end': description(`{"restarts":[${'{},'.repeat(5_000_000)}{}]}`),
      objects: description(`{"restarts":[${'{},'.repeat(200_000)}{}]}`),
      names: description(`{${names(1_000_000, 'k')}}`),
      'names in many objects': description(
        `{"a":[${Array.from({ length: 500 }, (_, index) => `{${names(900, `k${index}_`)}}`).join()}]}`,
      ),
      texts: description(`[${Array.from({ length: 900_000 }, (_, index) => `"${index}"`).join()}]`),
      depth: description('['.repeat(10_000_000)),
      'numbers without end': description(`{"rowLabels":[${'1,'.repeat(20_000_000)}1]}`),
      shapes: description(
        '{"format":"factorlens","version":2,"rows":268435456,"columns":268435456,"rank":1,"restarts":[{}]}',
      ),
    };
    for (const [kind, bytes] of Object.entries(files)) {
      const { outcome, peak } = await read(bytes);
      assert.ok(outcome instanceof JobFailedError, kind);
      assert.match(outcome.message, /^my\.factors\.npz: /, kind);
      const most = least + 60e6 + 20 * bytes.length;
      assert.ok(peak < most, `${kind}: ${bytes.length} bytes took ${peak}, ${least} without them`);
    }
  });

  it('takes a few times the file for labels of millions', async () => {
    const rows = 300_000;
    const given = factorizationOf({
      rows,
      W: new Float32Array(rows).fill(1),
      rowLabels: Array.from({ length: rows }, (_, row) => `row ${row} `.padEnd(100, 'x')),
    });
    const least = (await read(encodeFactorization(factorizationOf()))).peak;
    const bytes = encodeFactorization(given);
    const { outcome, peak } = await read(bytes);
    assert.ok(!(outcome instanceof Error));
    assert.deepEqual(outcome.rowLabels, given.rowLabels);
    assert.ok(peak - least < 60e6 + 8 * bytes.length, `${peak - least} for ${bytes.length}`);
  });

  it('names the file when the process that reads it dies or takes too much', async () => {
    for (const reader of ['dying.js', 'greedy.js']) {
      const { outcome } = await read(encodeFactorization(factorizationOf()), reader);
      assert.ok(outcome instanceof JobFailedError);
      assert.match(outcome.message, /^my\.factors\.npz could not be read: .* ended \(SIG\w+\).* try again/);
    }
    await mkdir(join(folder, 'no'), { recursive: true });
    const absent = await read(encodeFactorization(factorizationOf()), 'no/reader.js');
    assert.match((absent.outcome as Error).message, /^my\.factors\.npz could not be read/);
  });
});
