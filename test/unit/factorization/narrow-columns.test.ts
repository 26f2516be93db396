import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Matrix, SVD } from 'ml-matrix';
import { randomNormal } from '../../../src/engine';
import type { TableOptions } from '../../../src/data/dataset';
import { inOrder } from '../../../src/data/read-again';
import { readDataset } from '../../../src/data/read';
import { encodeUse } from '../../../src/results/use-files';
import { gatherObservations, valueAt } from '../../../src/factorization/observations';
import { presetOf } from '../../../src/model/presets';
import { fill } from '../../../src/factorization/apply/fill';
import { reconstruct } from '../../../src/factorization/apply/reconstruct';
import { caseRows } from '../../support/cases';
import { dataFolder } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const path = join(dataFolder, 'cases', 'numbers', 'unix-time.csv');
const read = (table: TableOptions = {}) => readDataset({ kind: 'path', path }, { table });
const { model, solver, preparation } = presetOf('pca');
const pca = { model, solver: solver ?? { id: 'auto' }, ...(preparation && { preparation }) } as const;
const rows = caseRows('unix-time');

describe('columns that float32 would blur', () => {
  it('keep the digits of their file', async () => {
    const observations = await gatherObservations(await read());
    rows.forEach((row, i) => assert.equal(valueAt(observations, i * 2, i, 0), row[0]));
    const swapped = await gatherObservations(inOrder(await read(), ['value', 'time']));
    rows.forEach((row, i) => assert.equal(valueAt(swapped, i * 2 + 1, i, 1), row[0]));
  });

  it('are centred by their digits: the components are those of float64', async () => {
    const means = [0, 1].map((j) => rows.reduce((sum, row) => sum + (row[j] ?? NaN), 0) / rows.length);
    const svd = new SVD(new Matrix(rows.map((row) => row.map((x, j) => x - (means[j] ?? NaN)))));
    const result = await factorizing(await read(), { ...pca, rank: 1 });
    [0, 1].forEach((j) => {
      const expected = svd.rightSingularVectors.get(j, 0) * Math.sign(svd.rightSingularVectors.get(0, 0));
      assert.ok(Math.abs((result.H[j] ?? NaN) - expected) < 1e-5);
    });
    const all = svd.diagonal.reduce((sum, value) => sum + value ** 2, 0);
    assert.ok(Math.abs((result.componentVariance?.[0] ?? NaN) - (svd.diagonal[0] ?? NaN) ** 2 / all) < 1e-5);
    // And come back as times, to well below a second.
    const { values } = reconstruct(result).matrix;
    rows.forEach((row, i) => assert.ok(Math.abs((values[i * 2] ?? NaN) - (row[0] ?? NaN)) < 0.1));
  });

  it('are scaled by what tells them apart, as long as that is more than rounding', async () => {
    const draws = randomNormal([200 * 3], { seed: 6 }).data;
    const table = Array.from({ length: 200 }, (_, i) => [0, 1, 2].map((j) => draws[3 * i + j] ?? NaN));
    const lines = table.map(([a = NaN, b = NaN, c = NaN]) => `${a},${1e8 + b},${1e8 + 1e-5 * c}`);
    const data = await readDataset({
      kind: 'bytes',
      name: 'near.csv',
      uri: 'memory:/near.csv',
      bytes: new TextEncoder().encode(['a,b,c', ...lines, ''].join('\n')),
    });
    const scaled = { centre: 'columns', scale: { kind: 'zscore', axis: 'columns' } } as const;
    const result = await factorizing(data, { ...pca, preparation: scaled, rank: 2 });
    assert.ok(!result.warnings.some((text) => /constant/.test(text)), result.warnings.join());
    const columns = [0, 1, 2].map((j) => {
      const column = table.map((row) => row[j] ?? NaN);
      const mean = column.reduce((sum, x) => sum + x, 0) / 200;
      const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 200);
      return column.map((x) => (x - mean) / deviation);
    });
    const values = new SVD(new Matrix(columns).transpose()).diagonal;
    const all = values.reduce((sum, value) => sum + value ** 2, 0);
    result.componentVariance?.forEach((part, k) =>
      assert.ok(Math.abs(part - (values[k] ?? NaN) ** 2 / all) < 1e-3, `${part} of component ${k + 1}`),
    );
    assert.equal(result.componentVariance?.length, 2);
  });

  it('are named where nothing is subtracted, and not where their means are', async () => {
    const about = /^The numbers of the column time differ by less than 2⁻¹⁷/;
    assert.ok((await factorizing(await read(), { rank: 1 })).warnings.some((text) => about.test(text)));
    assert.ok(!(await factorizing(await read(), { ...pca, rank: 1 })).warnings.some((text) => about.test(text)));
    assert.ok((await factorizing(await read({ columns: ['value'] }), { rank: 1 })).warnings.length === 0);
  });

  it('are written as they were where others are filled in', async () => {
    const text = ['time,value', ...rows.map(([time, value], i) => `${time},${i === 3 ? '' : value}`), ''].join('\n');
    const data = await readDataset({
      kind: 'bytes',
      name: 'times.csv',
      uri: 'memory:/times.csv',
      bytes: new TextEncoder().encode(text),
    });
    const result = await factorizing(data, { ...pca, rank: 1 });
    const csv = new TextDecoder().decode(encodeUse(fill(result, await gatherObservations(data)), 'x.csv'));
    assert.match(csv, /^1,1700000000,0\.981\r$/m);
    assert.match(csv, /^4,1700000003,0\.\d+\r$/m);
  });
});
