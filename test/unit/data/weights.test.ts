import { Buffer } from 'node:buffer';
import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { DataError, type Dataset } from '../../../src/data/dataset';
import { encodeNpy } from '../../../src/data/formats/npy';
import { readDataset } from '../../../src/data/read';
import { packZip } from '../../../src/data/formats/zip';
import { gatherObservations } from '../../../src/factorization/observations';
import { factorizing } from '../../support/factorizing';
import { matrixOf } from './reading';

const table = 'a,b\n1,2\n3,4\n5,6\n';

function weighted(name: string, content: string | Uint8Array, data = table, long = false): Promise<Dataset> {
  const source = (file: string, bytes: string | Uint8Array) =>
    ({ kind: 'bytes', name: file, uri: `memory:/${file}`, bytes: Buffer.from(bytes) }) as const;
  return readDataset(source('data.csv', data), {
    weights: source(name, content),
    ...(long && { table: { long: { row: '1', column: '2', value: '3' } } }),
  });
}

describe('weights from a file', () => {
  it('weigh every entry, and make those of weight 0 missing', async () => {
    const dataset = await weighted('w.csv', '1,0.5\n0,2\n1,3\n');
    assert.equal(dataset.missing, 1);
    assert.equal(dataset.weights?.name, 'w.csv');
    const { weights, X } = await gatherObservations(dataset);
    assert.deepEqual([...(weights ?? [])], [1, 0.5, 0, 2, 1, 3]);
    assert.deepEqual([...X], [1, 2, 0, 4, 5, 6]);
  });

  it('of 0 and 1 say no more than what is missing', async () => {
    const dataset = await weighted('w.csv', '1,1\n0,1\n1,1\n');
    assert.deepEqual(await matrixOf(dataset), [[1, 2], [NaN, 4], [5, 6]]); // prettier-ignore
    const absent = await readDataset({
      kind: 'bytes',
      name: 'data.csv',
      uri: 'memory:/d',
      bytes: Buffer.from('a,b\n1,2\n,4\n5,6\n'),
    });
    const [a, b] = [await factorizing(dataset, { rank: 1 }), await factorizing(absent, { rank: 1 })];
    assert.deepEqual(a.W, b.W);
    assert.deepEqual(a.H, b.H);
  });

  it('count an entry of weight 2 as one that is there twice', async () => {
    const twice = await weighted('w.csv', '1,1\n1,1\n2,2\n');
    const repeated = await readDataset({
      kind: 'bytes',
      name: 'data.csv',
      uri: 'memory:/d',
      bytes: Buffer.from('a,b\n1,2\n3,4\n5,6\n5,6\n'),
    });
    const settings = { rank: 1, stopping: { iterations: 200, tolerance: 0 } };
    const [a, b] = [await factorizing(twice, settings), await factorizing(repeated, settings)];
    assert.ok(Math.abs(a.statistics.objective / b.statistics.objective - 1) < 1e-4);
  });

  it('are read from NumPy files too', async () => {
    const npy = encodeNpy(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
    for (const [name, bytes] of [
      ['w.npy', npy],
      ['w.npz', packZip({ 'arr_0.npy': npy })],
    ] as const) {
      // prettier-ignore
      const { weights } = await gatherObservations(await weighted(name, bytes));
      assert.deepEqual([...(weights ?? [])], [1, 2, 3, 4, 5, 6]);
    }
    const several = packZip({ 'a.npy': npy, 'b.npy': npy });
    await assert.rejects(weighted('w.npz', several), /holds 2 arrays/);
    await assert.rejects(weighted('w.npz', 'PK nothing'), DataError);
    // A little that would unpack to much.
    const many = zipSync({ 'arr_0.npy': encodeNpy(new Float64Array(1 << 22), [2 ** 11, 2 ** 11]) });
    await assert.rejects(
      weighted('w.npz', many),
      /more than a weight for every entry of the data data\.csv, which are 3 × 2/,
    );
  });

  it('are refused in another shape, below 0, without a number, all 0, and for a table that is long', async () => {
    await assert.rejects(weighted('w.csv', '1,1\n1,1\n'), /weights are 2 × 2, but the data data.csv are 3 × 2/);
    await assert.rejects(weighted('w.csv', '1,1\n1,-2\n1,1\n'), /weight in line 2, column 2 is -2/);
    await assert.rejects(weighted('w.csv', '1,1\n1,\n1,1\n'), /weight in line 2, column 2 is no number/);
    await assert.rejects(weighted('w.csv', '0,0\n0,0\n0,0\n'), /no observed entry has a weight above 0/);
    await assert.rejects(weighted('w.json', '1'), /weights are read from/);
    await assert.rejects(weighted('w.csv', '1,1,1\n', '1,2,3\n2,2,4\n', true), /name that column as the fourth/);
  });
});
