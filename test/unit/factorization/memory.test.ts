import assert from 'node:assert/strict';
import { BlockStore } from '../../../src/data/blocks';
import type { DenseDataset } from '../../../src/data/dataset';
import type { ReadReport } from '../../../src/factorization/factorization';
import { checkMemory, leastBytes } from '../../../src/factorization/memory';
import { defaultModel } from '../../../src/factorization/model';
import { presetModel } from '../../../src/factorization/presets';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const [rows, columns] = [20_000, 30_000];
const reading = {
  text: { kind: 'text', options: { minimum: 1, maximum: 1, stopWords: 'none' }, distinct: columns },
  images: { kind: 'images', as: { as: 'gray' }, count: rows, width: 200, height: 150 },
  patches: { kind: 'images', as: { as: 'patches', size: 8 }, count: 3, width: 200, height: 150 },
} satisfies Record<string, ReadReport>;

const large = (of: ReadReport, missing = 0): DenseDataset => ({
  rows,
  columns,
  missing,
  source: { name: 'docs.txt', bytes: 1, sha256: '0'.repeat(64) },
  reading: of,
  warnings: [],
  blocks: () => assert.fail('nothing may be read'),
});

describe('data larger than memory', () => {
  it('are refused with their size, what that takes, and the remedy', () => {
    const check = (of: ReadReport): void => checkMemory(large(of), presetModel('topics'), 3e9);
    assert.throws(() => check(reading.text), {
      name: 'SettingsError',
      message:
        /^docs\.txt: 20,000 documents × 30,000 terms take at least 9\.6 GB of memory to factorize, and 3\.0 GB are free; leave out rare terms with a higher --min-df or common ones with a lower --max-df, or take fewer documents\.$/,
    });
    assert.throws(() => check(reading.images), /20,000 rows × 30,000 columns .*; scale the images down/);
    assert.throws(() => check(reading.patches), /a larger stride/);
  });

  it('are those whose X does not fit, with its mask and weights, and what a step makes of every entry', () => {
    const X = 4 * rows * columns;
    assert.equal(leastBytes(large(reading.text), defaultModel), X);
    assert.equal(leastBytes(large(reading.text, 1), defaultModel), 3 * X);
    assert.ok(leastBytes(large(reading.text), presetModel('topics')) > 3 * X);
    checkMemory(large(reading.text), defaultModel, X);
    assert.throws(() => checkMemory(large(reading.text), defaultModel, X - 1));
  });

  it('are refused before any of them is read', async () => {
    const { availableMemory } = process;
    process.availableMemory = () => 100;
    try {
      await assert.rejects(
        factorizing(datasetOf(Array.from({ length: 10 }, () => [1, 2, 3])), {}),
        /10 rows × 3 columns take at least 0\.0 GB .*; choose fewer columns or a part of the file/,
      );
    } finally {
      process.availableMemory = availableMemory;
    }
  });

  it('of a table that grows out of memory are refused while it is read', () => {
    let free = 1e9;
    const store = new BlockStore(1000, () => free);
    const grow = (): void => {
      for (let row = 0; row < 10_000; row++) store.addRow();
    };
    free = 7e7;
    assert.throws(grow, RangeError);
    assert.ok(store.rows < 10_000);
  });
});
