import type { LongColumns } from '../../../src/data/reading-report';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SparseDataset } from '../../../src/data/dataset';
import { matrixOf, read } from './reading';

const named: LongColumns = { row: 'user', column: 'item', value: 'rating' };

async function readLong(text: string, long: LongColumns = named): Promise<SparseDataset> {
  const dataset = await read('ratings.csv', text, { long });
  assert.ok('entries' in dataset);
  return dataset;
}

describe('a long table', () => {
  it('becomes a matrix of its entries, rows and columns in the order of their first lines', async () => {
    const dataset = await readLong('user,item,rating,when\nann,tea,4,1\nbob,tea,2,2\nann,jam,5,3\n');
    assert.deepEqual(await matrixOf(dataset), [[4, 5], [2, NaN]]); // prettier-ignore
    assert.deepEqual(dataset.rowLabels, ['ann', 'bob']);
    assert.deepEqual(dataset.columnLabels, ['tea', 'jam']);
    assert.deepEqual(dataset.warnings, []);
    const { reading } = dataset;
    assert.ok(reading.kind === 'long');
    assert.deepEqual(reading.leftOut, ['when']);
  });

  it('puts rows and columns that are numbered in the order of their numbers', async () => {
    const dataset = await readLong('user,item,rating\n10,3,1\n9,20,2\n10,20,3\n');
    assert.deepEqual(dataset.rowLabels, ['9', '10']);
    assert.deepEqual(dataset.columnLabels, ['3', '20']);
    assert.deepEqual(await matrixOf(dataset), [[NaN, 2], [1, 3]]); // prettier-ignore
  });

  it('takes columns by number where there is no header', async () => {
    const dataset = await readLong('1,5,0.5\n2,6,1.5\n1,6,2.5\n', { row: '1', column: '2', value: '3' });
    assert.deepEqual(await matrixOf(dataset), [[0.5, 2.5], [NaN, 1.5]]); // prettier-ignore
  });

  it('averages a place that occurs several times, and says so', async () => {
    const { entries, warnings } = await readLong('user,item,rating\na,x,1\nb,x,9\na,x,4\na,y,7\na,x,1\n');
    assert.deepEqual([...entries.values], [2, 7, 9]);
    assert.deepEqual(warnings, [
      '1 pair of row and column occurs on several lines, first in lines 2 and 4; each counts as one entry, the mean of its values.',
    ]);
  });

  it('weighs entries by a fourth column, where 0 means that nothing was observed', async () => {
    const { entries, rows, missing } = await readLong('user,item,rating,w\na,x,1,1\na,x,4,2\nb,x,9,0\nb,y,5,0.5\n', {
      ...named,
      weight: 'w',
    });
    assert.equal(rows, 2);
    assert.equal(missing, 2);
    assert.deepEqual([...entries.values], [3, 5]);
    assert.deepEqual([...(entries.weights ?? [])], [3, 0.5]);
  });

  it('leaves out lines without a value or a name, and tells the first of each kind', async () => {
    const { entries, rows, warnings } = await readLong(
      'user,item,rating\na,x,1\na,y,\nb,x,n/a\n,x,3\nb,y,good\nb,z,inf\n',
    );
    assert.deepEqual([...entries.values], [1]);
    assert.equal(rows, 2);
    assert.deepEqual(warnings, [
      '2 lines have no value and were left out, the first being line 3.',
      '1 line has no name of a row and was left out, the first being line 5.',
      '2 lines have a value that is not a finite number and were left out, the first being line 6, with "good".',
    ]);
  });

  it('refuses a weight below 0, columns that are not there or named twice, and a table without numbers', async () => {
    const weighted = { ...named, weight: 'w' };
    await assert.rejects(readLong('user,item,rating,w\na,x,1,-2\n', weighted), /weight in line 2 is -2; weights are/);
    await assert.rejects(readLong('user,item,score\na,x,1\n'), /no column "rating"/);
    await assert.rejects(
      readLong('user,item,rating\na,x,1\n', { ...named, value: 'item' }),
      /"item" is asked for twice/,
    );
    await assert.rejects(readLong('user,item,rating\na,x,good\n'), /no line has a number in column "rating"/);
  });

  it('gives the matrix that its lines spell, in whatever order they come', async () => {
    const line = fc.record({
      i: fc.integer({ min: 0, max: 6 }),
      j: fc.integer({ min: 0, max: 5 }),
      x: fc.integer({ min: -50, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 60 }), async (lines) => {
        const text = lines.map(({ i, j, x }) => `r${i},c${j},${x}`).join('\n');
        const dataset = await readLong(`user,item,rating\n${text}\n`);
        const matrix = await matrixOf(dataset);
        const sums = new Map<string, number[]>();
        for (const { i, j, x } of lines) sums.set(`r${i},c${j}`, [...(sums.get(`r${i},c${j}`) ?? []), x]);
        dataset.rowLabels?.forEach((row, i) => {
          dataset.columnLabels?.forEach((column, j) => {
            const values = sums.get(`${row},${column}`);
            const expected = values ? Math.fround(values.reduce((a, b) => a + b) / values.length) : NaN;
            assert.equal(matrix[i]?.[j], expected);
          });
        });
        assert.equal(dataset.entries.values.length, sums.size);
      }),
      { numRuns: 60 },
    );
  });
});
