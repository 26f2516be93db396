import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageOptions } from '../../../src/data/reading-report';
import { maxPatches } from '../../../src/data/images/patches';
import { readDataset } from '../../../src/data/read';
import { png } from './images';
import { assertDataError, matrixOf, read } from './reading';

/** A 4×3 colour image whose samples count from 0. */
const counting = png({ width: 4, height: 3, bits: 8, colour: 'rgb', samples: Array.from({ length: 36 }, (_, k) => k) });

const levels = (rows: number[][]): number[][] => rows.map((row) => row.map((value) => Math.round(value * 255)));

describe('images as rows', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factorlens-images-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const grey = (name: string, width: number, samples: readonly number[]): void => {
    writeFileSync(join(folder, name), png({ width, height: samples.length / width, bits: 8, colour: 'grey', samples }));
  };
  const readFolder = (image?: ImageOptions) =>
    readDataset({ kind: 'path', path: folder }, image ? { table: { image } } : {});

  it('puts the channels side by side', async () => {
    const dataset = await read('a.png', counting, { image: { as: 'channels' } });
    assert.deepEqual(levels(await matrixOf(dataset)), [
      [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11],
      [12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23],
      [24, 27, 30, 33, 25, 28, 31, 34, 26, 29, 32, 35],
    ]);
    assert.equal(dataset.drawing, undefined);
  });

  it('cuts colour patches at every place, or on a grid', async () => {
    const every = await read('a.png', counting, { image: { as: 'patches', size: 2 } });
    assert.deepEqual([every.rows, every.columns], [6, 12]);
    assert.deepEqual(every.rowLabels, ['0,0', '1,0', '2,0', '0,1', '1,1', '2,1']);
    assert.deepEqual(levels(await matrixOf(every))[4], [15, 16, 17, 18, 19, 20, 27, 28, 29, 30, 31, 32]);
    assert.deepEqual(every.drawing, { width: 2, height: 2, channels: 3 });
    const grid = await read('a.png', counting, { image: { as: 'patches', size: 2, stride: 2 } });
    assert.deepEqual(grid.rowLabels, ['0,0', '2,0']);
    assert.ok(grid.reading.kind === 'image');
    assert.deepEqual(grid.reading.as, { as: 'patches', size: 2, stride: 2 });
    await assertDataError(
      read('a.png', counting, { image: { as: 'patches', size: 4 } }),
      /a\.png: an image of 4×3 pixels holds no patch of 4×4; choose smaller/,
    );
  });

  it('draws places at random where there are very many, each once and the same again', async () => {
    const size = 160;
    const samples = Array.from({ length: size * size }, (_, k) => (k * 7919) % 256);
    const image = png({ width: size, height: size, bits: 8, colour: 'grey', samples });
    const one = await read('a.png', image, { image: { as: 'patches', size: 3 } });
    assert.equal(one.rows, maxPatches);
    assert.match(one.warnings.join(' '), /Of 24,964 places of a patch 20,000 were drawn at random/);
    const labels = one.rowLabels ?? [];
    assert.equal(new Set(labels).size, maxPatches);
    const rows = levels(await matrixOf(one));
    for (const at of [0, 777, 19_999]) {
      const [x = NaN, y = NaN] = (labels[at] ?? '').split(',').map(Number);
      assert.equal(rows[at]?.[4], samples[(y + 1) * size + x + 1]);
    }
    const again = await read('a.png', image, { image: { as: 'patches', size: 3 } });
    assert.deepEqual(again.rowLabels, labels);
    // Every part of the image is met about as often: quarters of the rows within a few per cent.
    const upper = labels.filter((label) => Number(label.split(',')[1]) < size / 2).length;
    assert.ok(Math.abs(upper / maxPatches - 0.5) < 0.02);
  });

  it('makes a folder of images one matrix, an image a row in the order of names', async () => {
    grey('b.png', 2, [5, 6, 7, 8, 9, 10]);
    grey('a.png', 2, [0, 1, 2, 3, 4, 255]);
    writeFileSync(join(folder, 'notes.md'), 'x');
    const dataset = await readFolder();
    assert.deepEqual(levels(await matrixOf(dataset)), [
      [0, 1, 2, 3, 4, 255],
      [5, 6, 7, 8, 9, 10],
    ]);
    assert.deepEqual(dataset.rowLabels, ['a.png', 'b.png']);
    assert.deepEqual(dataset.drawing, { width: 2, height: 3, channels: 1 });
    assert.deepEqual(dataset.warnings, ['The file notes.md is of another kind and was left out.']);
    const colour = await readFolder({ as: 'channels' });
    assert.deepEqual([colour.columns, colour.drawing?.channels], [18, 3]);
    const { sha256 } = dataset.source;
    assert.equal((await readFolder()).source.sha256, sha256);
    grey('b.png', 2, [5, 6, 7, 8, 9, 11]);
    assert.notEqual((await readFolder()).source.sha256, sha256);
  });

  it('names the first image of another size, which patches allow', async () => {
    grey('a.png', 2, [0, 1, 2, 3]);
    grey('b.png', 4, [0, 1, 2, 3]);
    grey('c.png', 2, [0, 1, 2, 3, 4, 5]);
    await assertDataError(
      readFolder(),
      /b\.png: this image is 4×1 pixels and a\.png is 2×2.*scale it, or take patches/,
    );
    rmSync(join(folder, 'b.png'));
    const patches = await readFolder({ as: 'patches', size: 2 });
    assert.deepEqual(patches.rowLabels, ['a.png 0,0', 'c.png 0,0', 'c.png 0,1']);
    assert.equal(patches.columns, 12);
  });

  it('refuses a folder without images, and choices of columns in one', async () => {
    await assertDataError(readFolder(), /this folder holds no images/);
    grey('a.png', 2, [0, 1]);
    await assertDataError(
      readDataset({ kind: 'path', path: folder }, { table: { columns: ['a'] } }),
      /columns can be chosen in a table, not in images/,
    );
  });
});
