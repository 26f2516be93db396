import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImagesIn } from '../../../src/data/images/decoder';
import { repository, testData } from '../../support/repository';
import { png } from './images';
import { assertDataError, matrixOf, read } from './reading';

const real = join(repository, 'dist', 'image-decoder.js');
const image = png({ width: 2, height: 1, bits: 8, colour: 'grey', samples: [0, 255] });

describe("the image decoder's thread", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factorlens-decoder-'));
  });
  afterEach(() => {
    decodeImagesIn(real);
    rmSync(folder, { recursive: true, force: true });
  });

  /** A thread in place of the decoder. */
  const decoderOf = (onMessage: string, timeoutMs?: number): void => {
    const script = join(folder, 'decoder.js');
    const told = JSON.stringify(join(folder, 'asked'));
    writeFileSync(
      script,
      `const { parentPort, Worker } = require('node:worker_threads');
      const { appendFileSync } = require('node:fs');
      let asked = 0;
      parentPort.on('message', () => { asked++; appendFileSync(${told}, 'x'); ${onMessage} });`,
    );
    decodeImagesIn(script, timeoutMs);
  };
  const timesAsked = (): number => readFileSync(join(folder, 'asked')).length;

  const faults: Record<string, [onMessage: string, says: RegExp]> = {
    'throws where nobody waits': [
      `setImmediate(() => { throw new Error('unaligned'); })`,
      /failed \(unaligned\); save/,
    ],
    'has a thread that throws': [
      `new Worker('throw new RangeError("out of bounds")', { eval: true }).on('error', (error) => { throw error; })`,
      /failed \(out of bounds\); save/,
    ],
    'ends itself': [`process.exit(7)`, /failed \(its thread ended with exit code 7\); save/],
    'says that it is at fault': [`parentPort.postMessage({ fault: 'no memory' })`, /failed \(no memory\); save/],
  };
  for (const [what, [onMessage, says]] of Object.entries(faults)) {
    it(`that ${what} is an error of the image alone`, async () => {
      decoderOf(onMessage);
      await assertDataError(read('a.png', image), /^a\.png: the image decoder /, says);
      assert.equal(timesAsked(), 1, 'a new thread is not asked twice');
      // Those that wait are served by threads of their own.
      await Promise.all(['b.png', 'c.png'].map((name) => assertDataError(read(name, image), new RegExp(`^${name}`))));
      decodeImagesIn(real);
      assert.deepEqual(await matrixOf(await read('a.png', image)), [[0, 1]]);
    });
  }

  it('that is silent is given up', async () => {
    decoderOf('', 200);
    await assertDataError(read('a.png', image), /^a\.png: .*no answer within 0\.2 s/);
  });

  it('that another file has left faulty does not fail the next', async () => {
    const pixels = `{ format: 'PNG', width: 2, height: 1, fileBands: 1, bands: 1, alpha: false, bits: 8, samples: Uint8Array.of(9, 9) }`;
    decoderOf(`if (asked === 2) throw new Error('too late'); parentPort.postMessage({ pixels: ${pixels} })`);
    assert.equal((await read('a.png', image)).rows, 1);
    assert.equal((await read('b.png', image)).rows, 1);
    assert.equal(timesAsked(), 3);
  });

  it('is replaced before damaged files have used up its memory, which no other file notices', async function () {
    this.timeout(120_000);
    const jpeg = readFileSync(testData('china.jpg'));
    const whole = (await read('a.jpg', jpeg)).rows;
    for (let count = 0; count < 450; count++) {
      await assertDataError(read('cut.png', image.subarray(0, 40)), /^cut\.png: the image is damaged/);
    }
    assert.equal((await read('a.jpg', jpeg)).rows, whole);
  });
});
