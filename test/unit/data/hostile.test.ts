import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import Vips from 'wasm-vips';
import { DataError } from '../../../src/data/dataset';
import { testData } from '../../support/repository';
import { bmp, gif, png, tiff } from './images';
import { matrixOf, read } from './reading';

/** Reads the file or gets a DataError; anything else, or a hang, fails the test. */
async function readOrRefuse(name: string, bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    await matrixOf(await read(name, bytes));
    return 'read';
  } catch (error) {
    assert.ok(error instanceof DataError, `${name} of ${bytes.length} bytes: ${String(error)}`);
    assert.match(error.message, new RegExp(`^${name}: [^\\n]+$`));
    return 'refused';
  }
}

/** Every 97th prefix of a file, and those that lack just its last bytes. */
function truncations(bytes: Uint8Array): Uint8Array[] {
  const lengths = new Set([bytes.length - 1, bytes.length - 2, bytes.length - 5]);
  for (let length = 1; length < bytes.length; length += 97) {
    lengths.add(length);
  }
  return [...lengths].map((length) => bytes.slice(0, length));
}

async function encoded(): Promise<Record<string, Uint8Array>> {
  const vips = await Vips({ dynamicLibraries: [] });
  const samples = Uint8Array.from({ length: 60 * 50 * 3 }, (_, index) => (index * index) % 251);
  const image = vips.Image.newFromMemory(samples, 60, 50, 3, vips.BandFormat.uchar);
  const files = Object.fromEntries(
    ['.png', '.jpg', '.webp', '.gif', '.tif'].map((extension) => [
      `small${extension}`,
      image.writeToBuffer(extension).slice(),
    ]),
  );
  image.delete();
  vips.shutdown();
  return { ...files, 'small.bmp': bmp({ width: 60, height: 50, depth: 24, pixels: [...samples] }) };
}

describe('hostile and damaged files', () => {
  it('images cut off anywhere are refused, unless all pixels are there', async function () {
    this.timeout(120_000);
    for (const [name, bytes] of Object.entries(await encoded())) {
      const whole = await matrixOf(await read(name, bytes));
      for (const cut of truncations(bytes)) {
        if ((await readOrRefuse(name, cut)) === 'read') {
          // PNG and GIF end in a mark that holds no pixels.
          assert.ok(cut.length > bytes.length - 12, `${name}, ${cut.length} of ${bytes.length} bytes`);
          assert.deepEqual(await matrixOf(await read(name, cut)), whole);
        }
      }
    }
  });

  it('tables cut off anywhere are read or refused', async function () {
    this.timeout(120_000);
    for (const name of ['penguins.csv', 'mutations.tsv']) {
      for (const cut of truncations(readFileSync(testData(name)))) {
        await readOrRefuse(name, cut);
      }
    }
  });

  it('changed bytes never give anything but a matrix or a DataError', async function () {
    this.timeout(120_000);
    // With the bytes that hold width and height, which stay: a great size is allowed and takes its time.
    const files: [name: string, bytes: Uint8Array, size: [start: number, end: number][]][] = [
      ['a.png', png({ width: 3, height: 2, bits: 8, colour: 'grey', samples: [1, 2, 3, 4, 5, 6] }), [[16, 24]]],
      // Of the screen and of the first frame.
      [
        'a.gif',
        gif,
        [
          [6, 10],
          [25, 35],
        ],
      ],
      ['a.tif', tiff(2, 2, 16, Buffer.alloc(8, 1)), [[18, 42]]],
      [
        'a.bmp',
        bmp({ width: 3, height: 2, depth: 8, compression: 1, extra: [0, 0, 0, 0], pixels: [3, 0, 0, 0, 3, 0, 0, 1] }),
        [[18, 26]],
      ],
      ['a.csv', Buffer.from('id;"a";b\nx;1;2,5\n"y";;NA\n'), []],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        async ([name, bytes, size], changes) => {
          const damaged = Uint8Array.from(bytes);
          for (const [where, value] of changes) {
            const at = where % damaged.length;
            if (!size.some(([start, end]) => at >= start && at < end)) {
              damaged[at] = value;
            }
          }
          await readOrRefuse(name, damaged);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('noise is never mistaken for data without notice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        await readOrRefuse('noise.csv', bytes);
        assert.equal(await readOrRefuse('noise.png', bytes), 'refused');
        assert.equal(await readOrRefuse('noise.bmp', Buffer.concat([Buffer.from('BM'), bytes])), 'refused');
      }),
      { numRuns: 100 },
    );
  });

  it('a quotation mark that never closes does not take time that grows with the square', async function () {
    this.timeout(60_000);
    const bytes = Buffer.from(`id,x\n"${'a,1\n'.repeat(2_000_000)}`);
    assert.equal(await readOrRefuse('open.csv', bytes), 'refused');
  });
});
