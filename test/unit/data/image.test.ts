import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { build, type BuildOptions } from 'esbuild';
import Vips from 'wasm-vips';
import { readDataset } from '../../../src/data/read';
import { referenceOf } from '../../support/datasets';
import { repository, testData } from '../../support/repository';
import { gif, png, tiff, withOrientation } from './images';
import { assertDataError, matrixOf, read } from './reading';

const china = readFileSync(testData('china.jpg'));

/** Levels of a grey matrix, 0 to `greatest`, which must be whole. */
async function levels(name: string, bytes: Uint8Array, greatest = 255): Promise<number[][]> {
  const rows = await matrixOf(await read(name, bytes));
  return rows.map((row) =>
    row.map((value) => {
      const level = value * greatest;
      assert.ok(Math.abs(level - Math.round(level)) < 0.01, `${level} is a whole level`);
      return Math.round(level);
    }),
  );
}

describe('reading images', () => {
  it('reads china.jpg as PIL’s luma', async () => {
    const dataset = await readDataset({ kind: 'path', path: testData('china.jpg') });
    assert.deepEqual([dataset.rows, dataset.columns, dataset.missing], [427, 640, 0]);
    assert.equal(dataset.rowLabels, undefined);
    assert.equal(dataset.columnLabels, undefined);
    assert.deepEqual(dataset.reading, { kind: 'image', format: 'JPEG', width: 640, height: 427, bands: 3, bits: 8 });
    const squares = (await matrixOf(dataset)).flat().reduce((sum, value) => sum + value * value, 0);
    const expected = referenceOf('china.jpg, 8-bit luma / 255').sum_of_squares;
    assert.ok(Math.abs(squares / expected - 1) < 1e-6, `${squares}, not ${expected}`);
  });

  it('weighs red, green and blue as ITU-R BT.601 does, rounded to whole levels', async () => {
    const samples = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 10, 20, 30];
    const bytes = png({ width: 3, height: 2, bits: 8, colour: 'rgb', samples });
    // 0.299·255 = 76.2, 0.587·255 = 149.7, 0.114·255 = 29.1; 2.99 + 11.74 + 3.42 = 18.15.
    assert.deepEqual(await levels('a.PNG', bytes), [
      [76, 150, 29],
      [255, 0, 18],
    ]);
  });

  it('takes grey levels as they are, with 1, 8 and 16 bits', async () => {
    const grey = { width: 2, height: 2, colour: 'grey' } as const;
    assert.deepEqual(await levels('a.png', png({ ...grey, bits: 8, samples: [0, 1, 254, 255] })), [
      [0, 1],
      [254, 255],
    ]);
    assert.deepEqual(await levels('a.png', png({ ...grey, bits: 16, samples: [0, 1, 256, 65535] }), 65535), [
      [0, 1],
      [256, 65535],
    ]);
    assert.deepEqual(await levels('a.png', png({ ...grey, bits: 1, samples: [0b01000000, 0b10000000] })), [
      [0, 255],
      [255, 0],
    ]);
    const sixteen = await read('a.png', png({ ...grey, bits: 16, samples: [0, 1, 2, 3] }));
    assert.deepEqual(sixteen.reading, { kind: 'image', format: 'PNG', width: 2, height: 2, bands: 1, bits: 16 });
  });

  it('weighs 16-bit colours at their own depth', async () => {
    const bytes = png({ width: 2, height: 1, bits: 16, colour: 'rgb', samples: [65535, 0, 0, 1000, 2000, 3000] });
    assert.deepEqual(await levels('a.png', bytes, 65535), [[19595, 1815]]);
  });

  it('lays transparent pixels over white', async () => {
    const rgba = png({
      width: 3,
      height: 1,
      bits: 8,
      colour: 'rgba',
      samples: [0, 0, 0, 0, 0, 0, 0, 255, 100, 100, 100, 51],
    });
    // A fifth of 100 and four fifths of 255.
    assert.deepEqual(await levels('a.png', rgba), [[255, 0, 224]]);
    const grey = png({ width: 2, height: 1, bits: 16, colour: 'greyAlpha', samples: [0, 0, 500, 65535] });
    assert.deepEqual(await levels('a.png', grey, 65535), [[65535, 500]]);
  });

  it('looks up colours of a palette', async () => {
    const palette = [255, 0, 0, 0, 255, 0, 255, 255, 255];
    const bytes = png({ width: 3, height: 1, bits: 8, colour: 'palette', samples: [2, 0, 1], palette });
    assert.deepEqual(await levels('a.png', bytes), [[255, 76, 150]]);
  });

  it('reads the first frame of a GIF', async () => {
    assert.deepEqual(await levels('a.gif', gif), [
      [0, 76],
      [150, 255],
    ]);
  });

  it('reads TIFF with 8 and 16 bits, and refuses other samples', async () => {
    assert.deepEqual(await levels('a.tif', tiff(2, 2, 8, Buffer.from([1, 2, 3, 4]))), [
      [1, 2],
      [3, 4],
    ]);
    const sixteen = Buffer.from(Uint16Array.of(1, 2, 3, 65535).buffer);
    assert.deepEqual(await levels('a.TIFF', tiff(2, 2, 16, sixteen), 65535), [
      [1, 2],
      [3, 65535],
    ]);
    const halves = tiff(2, 2, 24, Buffer.alloc(12), [339, 3]);
    await assertDataError(read('a.tif', halves), /^a\.tif: .*24 bits.*float.*8, 16 or 32 bits/);
  });

  it('reads lossless WebP as it was', async () => {
    const vips = await Vips({ dynamicLibraries: [] });
    const image = vips.Image.newFromMemory(Uint8Array.of(255, 0, 0, 9, 9, 9), 2, 1, 3, vips.BandFormat.uchar);
    const bytes = image.writeToBuffer('.webp', { lossless: true });
    image.delete();
    vips.shutdown();
    assert.deepEqual(await levels('a.webp', bytes), [[76, 9]]);
  });

  it('turns an image as its EXIF orientation says', async () => {
    const upright = await matrixOf(await read('a.jpg', china));
    const pixel = (row: number, column: number) => upright[row]?.[column];
    // By the EXIF standard, where row 0 and column 0 of the stored image lie: 3 bottom right, 6 right top, 8 left bottom.
    const expected: Record<number, (row: number, column: number) => number | undefined> = {
      1: (row, column) => pixel(row, column),
      2: (row, column) => pixel(row, 639 - column),
      3: (row, column) => pixel(426 - row, 639 - column),
      6: (row, column) => pixel(426 - column, row),
      8: (row, column) => pixel(column, 639 - row),
    };
    for (const [orientation, source] of Object.entries(expected)) {
      const dataset = await read('a.jpeg', withOrientation(china, Number(orientation)));
      const turned = Number(orientation) > 4;
      assert.deepEqual([dataset.rows, dataset.columns], turned ? [640, 427] : [427, 640]);
      const rows = await matrixOf(dataset);
      rows.forEach((row, r) => {
        assert.deepEqual(
          row,
          row.map((_, c) => source(r, c)),
        );
      });
    }
  });

  it('trusts the content where it is an image of another kind than its name says', async () => {
    const bytes = png({ width: 1, height: 1, bits: 8, colour: 'grey', samples: [7] });
    assert.deepEqual(await levels('a.jpg', bytes), [[7]]);
  });

  it('can be repeated and done side by side', async () => {
    const sums = await Promise.all(
      [1, 2, 3].map(async () => {
        const rows = await matrixOf(await read('a.jpg', china));
        return rows.flat().reduce((sum, value) => sum + value, 0);
      }),
    );
    assert.equal(new Set(sums).size, 1);
  });
});

describe('images that cannot be read', () => {
  it('are refused by size before they are decoded', async () => {
    const bomb = png({ width: 1, height: 1, bits: 8, colour: 'grey', samples: [0] });
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const before = process.memoryUsage().rss;
    await assertDataError(read('bomb.png', bomb), /^bomb\.png: 50000×50000 pixels.*scale/);
    assert.ok(process.memoryUsage().rss - before < 500e6);
  });

  it('are named, with what to do', async () => {
    await assertDataError(read('a.png', ''), /^a\.png: the file is empty/);
    await assertDataError(read('a.png', 'hello, world'), /^a\.png: .*unknown kind.*save it anew/);
    await assertDataError(read('a.png', '%PDF-1.4'), /^a\.png: this is a PDF document, not an image/);
    await assertDataError(read('a.jpg', china.subarray(0, 100_000)), /^a\.jpg: .*cut off/);
    await assertDataError(read('a.jpg', china, { columns: ['1'] }), /^a\.jpg: columns can be chosen in a table/);
  });

  it('leave the decoder fit for the next', async () => {
    await assertDataError(read('a.jpg', china.subarray(0, 5000)), /cut off/);
    assert.equal((await read('a.jpg', china)).rows, 427);
  });
});

describe('the image decoder in a process', () => {
  it('is loaded only for an image, and lets the process end', async function () {
    this.timeout(120_000);
    // Bundled as the worker is, with wasm-vips outside.
    mkdirSync(join(repository, 'dist'), { recursive: true });
    const inside = mkdtempSync(join(repository, 'dist', 'decoder-'));
    const outside = mkdtempSync(join(tmpdir(), 'factorlens-decoder-'));
    try {
      const script = `
        import { decodeImagesIn } from ${JSON.stringify(join(repository, 'src', 'data', 'images', 'decoder.ts'))};
        import { readDataset } from ${JSON.stringify(join(repository, 'src', 'data', 'read.ts'))};
        decodeImagesIn(require('node:path').join(__dirname, 'image-decoder.js'));
        readDataset({ kind: 'path', path: process.argv[2] }).then(
          (dataset) => console.log('rows', dataset.rows),
          (error) => console.log(error.message),
        );`;
      for (const folder of [inside, outside]) {
        const common: BuildOptions = {
          bundle: true,
          platform: 'node',
          format: 'cjs',
          target: 'node20',
          external: ['wasm-vips'],
          logLevel: 'silent',
        };
        const stdin = { contents: script, resolveDir: repository, loader: 'ts' } as const;
        await build({ ...common, stdin, outfile: join(folder, 'read.js') });
        const decoder = join(repository, 'src', 'data', 'images', 'decoder-main.ts');
        await build({ ...common, entryPoints: [decoder], outfile: join(folder, 'image-decoder.js') });
      }
      const run = (folder: string, file: string) => {
        const { status, signal, stdout, stderr } = spawnSync(
          process.execPath,
          [join(folder, 'read.js'), testData(file)],
          { encoding: 'utf8', timeout: 30_000 },
        );
        assert.equal(signal, null, 'it ends by itself');
        return { status, stdout: stdout.trim(), stderr };
      };
      assert.deepEqual(run(inside, 'china.jpg'), { status: 0, stdout: 'rows 427', stderr: '' });
      // Where no package can be found a table is read all the same, so the decoder was not loaded for it.
      assert.deepEqual(run(outside, 'digits.csv'), { status: 0, stdout: 'rows 1797', stderr: '' });
      assert.match(run(outside, 'china.jpg').stdout, /wasm-vips/);
    } finally {
      rmSync(inside, { recursive: true });
      rmSync(outside, { recursive: true });
    }
  });
});
