import assert from 'node:assert/strict';
import { BlockStore } from '../../../src/data/blocks';
import type { DenseDataset } from '../../../src/data/dataset';
import type { ReadReport } from '../../../src/data/reading-report';
import { checkMemory, memoryParts } from '../../../src/factorization/planning/memory';
import { defaultModel, type Model } from '../../../src/model/model';
import { defaultSolver } from '../../../src/model/solvers';
import { availableMemory } from '../../../src/memory/available';
import { presetModel } from '../../../src/model/presets';
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

const wanted = (model: Model, more: { rank?: number; restarts?: number } = {}) => ({
  model,
  rank: 10,
  restarts: 1,
  solver: defaultSolver,
  ...more,
});
const bytesOf = (...given: Parameters<typeof memoryParts>): number =>
  memoryParts(...given).reduce((sum, { bytes }) => sum + bytes, 0);

describe('data larger than memory', () => {
  it('are refused with their size, what that takes, and the remedy', () => {
    const check = (of: ReadReport): void => checkMemory(large(of), wanted(presetModel('topics')), 3e9);
    assert.throws(() => check(reading.text), {
      name: 'SettingsError',
      message:
        /^docs\.txt: 20,000 documents × 30,000 terms take about 24\.0 GB of memory to factorize \(21\.6 GB for what is computed of every entry, 2\.4 GB for the data, 0\.0 GB for the factors of rank 10, .*\), and 3\.0 GB are free; take a smaller rank or fewer restarts, or leave out rare terms \(--min-df\) or common ones \(--max-df\), or take fewer documents\.$/,
    });
    assert.throws(() => check(reading.images), /20,000 rows × 30,000 columns .*, or scale the images down/);
    assert.throws(() => check(reading.patches), /a larger stride/);
  });

  it('are those that do not fit with their mask, their factors and what a step makes of every entry', () => {
    const X = 4 * rows * columns;
    const data = large(reading.text);
    const least = bytesOf(data, wanted(defaultModel));
    assert.ok(least >= X);
    assert.ok(bytesOf(large(reading.text, 1), wanted(defaultModel)) >= least + X);
    assert.ok(bytesOf(data, wanted(presetModel('topics'))) > 3 * X);
    checkMemory(data, wanted(defaultModel), least);
    assert.throws(() => checkMemory(data, wanted(defaultModel), least - 1));
  });

  it('are counted once more in float64 where L-BFGS holds them so, and with all that it remembers', () => {
    const lbfgs = (memory: number) => ({ ...wanted(defaultModel), solver: { id: 'lbfgs', memory } as const });
    const more = (missing: number): number =>
      bytesOf(large(reading.text, missing), lbfgs(10)) - bytesOf(large(reading.text, missing), wanted(defaultModel));
    const inFloat64 = 8 * rows * columns;
    assert.ok(more(0) >= inFloat64);
    // The mask as well.
    assert.ok(more(1) >= 2 * inFloat64);
    // One run at a time, whatever the restarts.
    const small = { ...large(reading.text), rows: 100, columns: 50 };
    assert.equal(bytesOf(small, { ...lbfgs(10), restarts: 5 }), bytesOf(small, lbfgs(10)));
    const pair = 2 * 4 * 10 * (rows + columns);
    assert.equal(bytesOf(large(reading.text), lbfgs(50)) - bytesOf(large(reading.text), lbfgs(10)), 40 * pair);
  });

  it('are refused for the factors alone, where X is narrow and the rank is high', () => {
    const tall = { ...large(reading.text), rows: 10_000_000, columns: 2 };
    assert.throws(
      () => checkMemory(tall, wanted(presetModel('nmf'), { rank: 12 }), 5e9),
      /GB for the factors of rank 12/,
    );
    checkMemory(tall, wanted(presetModel('nmf'), { rank: 1 }), 5e9);
  });

  it('are measured against a container as well as the machine, and what the system keeps of files is free', () => {
    const machine = { free: 8e9, total: 16e9, underLimit: 8e9, reclaimable: 0, platform: 'linux' as const };
    assert.equal(availableMemory(machine), 8e9);
    assert.equal(availableMemory({ ...machine, underLimit: 1e9 }), 1e9);
    assert.equal(availableMemory({ ...machine, underLimit: 1e8, reclaimable: 2e9 }), 2.1e9);
    assert.equal(availableMemory({ ...machine, free: 1e8, platform: 'darwin' }), 8e9);
  });

  it('are refused before any of them is read', async () => {
    const { availableMemory } = process;
    process.availableMemory = () => 100;
    try {
      await assert.rejects(
        factorizing(datasetOf(Array.from({ length: 10 }, () => [1, 2, 3])), {}),
        /10 rows × 3 columns take about 0\.0 GB .*; take a smaller rank or fewer restarts, or choose fewer columns or a part of the file/,
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
