import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Dataset } from '../../../src/data/dataset';
import { SettingsError } from '../../../src/model/settings';
import { type PreparationStep, type Preparation, stepsOf, preparationText } from '../../../src/model/preparation';
import type { Observations } from '../../../src/factorization/observations';
import { gatherObservations } from '../../../src/factorization/observations';
import { measureAlike, measurePreparation } from '../../../src/factorization/preparation/measure';
import { undoSteps, prepareObservations } from '../../../src/factorization/preparation/steps';
import { presetModel } from '../../../src/model/presets';
import { datasetOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';
import { python } from '../data/python';

const every: Record<string, Preparation> = {
  'columns centred': { centre: 'columns', scale: { kind: 'none' } },
  'rows centred': { centre: 'rows', scale: { kind: 'none' } },
  'all centred': { centre: 'global', scale: { kind: 'none' } },
  'z-scores of columns': { centre: 'none', scale: { kind: 'zscore', axis: 'columns' } },
  'z-scores of rows': { centre: 'none', scale: { kind: 'zscore', axis: 'rows' } },
  'rows centred, z-scores of columns': { centre: 'rows', scale: { kind: 'zscore', axis: 'columns' } },
  'min–max of columns': { centre: 'none', scale: { kind: 'minmax', axis: 'columns' } },
  'min–max of rows': { centre: 'columns', scale: { kind: 'minmax', axis: 'rows' } },
  'unit norm of rows': { centre: 'none', scale: { kind: 'unit-norm', axis: 'rows' } },
  'unit norm of columns': { centre: 'columns', scale: { kind: 'unit-norm', axis: 'columns' } },
  'tf-idf': { centre: 'none', scale: { kind: 'tf-idf' } },
  'log1p, columns centred': { centre: 'columns', scale: { kind: 'log1p' } },
};

/** What each preparation is by NumPy's functions that heed NaN. */
const oracle = `
import json, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
X = np.array(json.loads(sys.argv[1]), dtype=float)
def centre(X, axis): return X - np.nanmean(X, axis=axis, keepdims=True)
def z(X, axis): return centre(X, axis) / np.nanstd(X, axis=axis, keepdims=True)
def minmax(X, axis):
    least = np.nanmin(X, axis=axis, keepdims=True)
    return (X - least) / (np.nanmax(X, axis=axis, keepdims=True) - least)
def unit(X, axis): return X / np.sqrt(np.nansum(X * X, axis=axis, keepdims=True))
def tfidf(X):
    n = (~np.isnan(X)).sum(0); d = (X > 0).sum(0)
    return unit(X * (np.log((1 + n) / (1 + d)) + 1), 1)
out = {
 'columns centred': centre(X, 0), 'rows centred': centre(X, 1), 'all centred': X - np.nanmean(X),
 'z-scores of columns': z(X, 0), 'z-scores of rows': z(X, 1), 'rows centred, z-scores of columns': z(centre(X, 1), 0),
 'min–max of columns': minmax(X, 0), 'min–max of rows': minmax(centre(X, 0), 1),
 'unit norm of rows': unit(X, 1), 'unit norm of columns': unit(centre(X, 0), 0),
 'tf-idf': tfidf(X), 'log1p, columns centred': centre(np.log1p(X), 0),
}
print(json.dumps({k: [[None if np.isnan(v) else v for v in row] for row in M.tolist()] for k, M in out.items()}))
`;

const counts = [
  [3, 0, 1, 7, 2],
  [0, 2, 5, 1, 0],
  [4, 1, 0, 2, 9],
  [1, 1, 8, 0, 3],
];
const holes = [
  [3, NaN, 1, 7, 2],
  [0, 2, 5, NaN, 0],
  [4, 1, NaN, 2, 9],
  [1, 6, 8, 0, 3],
];

/** A dataset prepared by itself or, with `steps`, as another was. */
async function prepare(dataset: Dataset, how: Preparation | readonly PreparationStep[]) {
  const given = await gatherObservations(dataset);
  const { steps, warnings } =
    'centre' in how ? measurePreparation(given, how, dataset) : measureAlike(given, how, dataset);
  return { rows: rowsOf(prepareObservations(given, steps)), steps, warnings };
}

/** X as rows of numbers, NaN where missing. */
function rowsOf({ rows, columns, X, mask }: Observations): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (mask?.[i * columns + j] === 0 ? NaN : (X[i * columns + j] ?? NaN))),
  );
}

async function reconstructed(dataset: Dataset, preparation: Preparation): Promise<number[][]> {
  const { rows, steps } = await prepare(dataset, preparation);
  return rows.map((row, index) => {
    const line = Float64Array.from(row);
    undoSteps(steps, line, index);
    return [...line];
  });
}

function assertClose(
  actual: readonly (readonly number[])[],
  wanted: readonly (readonly (number | null)[])[],
  tolerance = 1e-6,
): void {
  wanted.forEach((row, i) =>
    row.forEach((value, j) => {
      const found = actual[i]?.[j] ?? NaN;
      if (value === null || Number.isNaN(value)) assert.ok(Number.isNaN(found), `entry ${i}, ${j} is missing`);
      else
        assert.ok(
          Math.abs(found - value) <= tolerance * Math.max(1, Math.abs(value)),
          `entry ${i}, ${j} is ${found}, not ${value}`,
        );
    }),
  );
}

describe('preparation', () => {
  for (const [title, rows] of [
    ['whole', counts],
    ['with missing entries', holes],
  ] as const) {
    it(`is what NumPy makes of data ${title}`, async () => {
      const wanted = python(oracle, JSON.stringify(rows)) as Record<string, (number | null)[][]>;
      for (const [name, preparation] of Object.entries(every)) {
        const { rows: prepared, warnings } = await prepare(datasetOf(rows, 1e30), preparation);
        assert.deepEqual(warnings, []);
        assertClose(prepared, wanted[name] ?? []);
      }
    });
  }

  it('weighs terms as scikit-learn does', async () => {
    const golden = JSON.parse(readFileSync('test/data/preparation/tf-idf.json', 'utf8')) as Record<
      'counts' | 'tfIdf',
      number[][]
    >;
    const { rows } = await prepare(datasetOf(golden.counts), { centre: 'none', scale: { kind: 'tf-idf' } });
    assertClose(rows, golden.tfIdf);
  });

  it('is undone without loss, constant rows and columns and empty ones included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(NaN), fc.constant(7)), {
            minLength: 3,
            maxLength: 3,
          }),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        fc.constantFrom(...Object.values(every)),
        async (rows, preparation) => {
          assertClose(await reconstructed(datasetOf(rows, 1e30), preparation), rows, 1e-5);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('tells of constant columns, by name, and leaves them at zero', async () => {
    const rows = [
      [0.1, 5, 1],
      [0.1, 6, 2],
      [0.1, 8, 4],
    ];
    for (const kind of ['zscore', 'minmax'] as const) {
      const { rows: prepared, warnings } = await prepare(
        { ...datasetOf(rows), columnLabels: ['a', 'b', 'c'] },
        { centre: 'none', scale: { kind, axis: 'columns' } },
      );
      assert.deepEqual(warnings, ['The column a is constant, so it was not scaled and holds only zeros.']);
      assert.deepEqual(
        prepared.map((row) => row[0]),
        [0, 0, 0],
      );
    }
    const { warnings } = await prepare(
      datasetOf([
        [0, 0],
        [1, 2],
        [0, 0],
      ]),
      {
        centre: 'none',
        scale: { kind: 'unit-norm', axis: 'rows' },
      },
    );
    assert.deepEqual(warnings, ['2 rows are all zero (1, 3), so they were not scaled and hold only zeros.']);
  });

  it('does not scale up what rounding leaves of columns that differ only by their rows', async () => {
    const rows = [0.125, 1000.5, 77].map((row) => [0, 0.25, 0.75].map((column) => row + column));
    const { rows: prepared, warnings } = await prepare(datasetOf(rows), {
      centre: 'columns',
      scale: { kind: 'zscore', axis: 'rows' },
    });
    assert.match(warnings.join(' '), /^3 rows are constant/);
    assert.ok(prepared.flat().every((value) => Math.abs(value) < 1e-9));
  });

  it('prepares new rows by the columns of the old and the rows of the new', async () => {
    const { steps } = await prepare(datasetOf(counts), {
      centre: 'rows',
      scale: { kind: 'zscore', axis: 'columns' },
    });
    const again = await prepare(datasetOf(counts), steps);
    const same = await prepare(datasetOf(counts), {
      centre: 'rows',
      scale: { kind: 'zscore', axis: 'columns' },
    });
    assert.deepEqual(again.rows, same.rows);
    // One new row, alone: the row's own mean, the old columns' means and deviations.
    const [first] = (await prepare(datasetOf(counts.slice(0, 1)), steps)).rows;
    assert.deepEqual(first, same.rows[0]);
  });

  it('refuses what its steps are not defined for, naming the entry', async () => {
    await assert.rejects(
      prepare(
        datasetOf([
          [1, 2],
          [-1, 3],
        ]),
        { centre: 'none', scale: { kind: 'log1p' } },
      ),
      (error) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, /row 2, column 1 is -1, but ln\(1 \+ x\) needs numbers above −1/);
        return true;
      },
    );
    await assert.rejects(
      prepare(
        datasetOf([
          [1, 2],
          [0, -3],
        ]),
        { centre: 'none', scale: { kind: 'tf-idf' } },
      ),
      /row 2, column 2 is -3/,
    );
  });

  it('is refused where the model forbids what it makes', async () => {
    const dataset = datasetOf(counts);
    await assert.rejects(
      factorizing(dataset, { model: presetModel('nmf'), preparation: { centre: 'columns', scale: { kind: 'none' } } }),
      /columns centred.*negative.*leave the centring out/,
    );
    await assert.rejects(
      factorizing(dataset, { preparation: { centre: 'rows', scale: { kind: 'minmax', axis: 'rows' } } }),
      /changes nothing; leave one of the two out/,
    );
    await assert.rejects(
      factorizing(dataset, {
        model: presetModel('binary'),
        preparation: { centre: 'columns', scale: { kind: 'none' } },
      }),
      /after the preparation \(columns centred\), but the logistic loss/,
    );
    const nmf = await factorizing(dataset, {
      model: presetModel('nmf'),
      preparation: { centre: 'none', scale: { kind: 'minmax', axis: 'columns' } },
    });
    assert.ok(nmf.H.every((value) => value >= 0));
  });

  it('leaves the model the centred data, and its steps give X̂ in X’s units', async () => {
    // Rank 2 once the columns' means are gone, and rank 3 before.
    const rows = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 8 }, (_, j) => 50 * (j + 1) + Math.sin(i) * (j - 3) + Math.cos(2 * i) * (j % 3)),
    );
    const result = await factorizing(datasetOf(rows), {
      rank: 2,
      stopping: { iterations: 2000, tolerance: 1e-9 },
      preparation: { centre: 'columns', scale: { kind: 'none' } },
    });
    rows.forEach((row, i) => {
      const line = Float64Array.from(
        { length: 8 },
        (_, j) =>
          (result.W[2 * i] ?? NaN) * (result.H[j] ?? NaN) + (result.W[2 * i + 1] ?? NaN) * (result.H[8 + j] ?? NaN),
      );
      undoSteps(result.preparation ?? [], line, i);
      assertClose([[...line]], [row], 1e-4);
    });
    assert.ok(result.statistics.relativeError < 1e-3);
  });

  it('says in words what it does', () => {
    const words = Object.fromEntries(
      Object.entries(every).map(([name, preparation]) => [name, preparationText(preparation)]),
    );
    assert.equal(words['log1p, columns centred'], 'ln(1 + x), then columns centred');
    assert.equal(words['rows centred, z-scores of columns'], 'rows centred, then z-scores of columns');
    assert.equal(preparationText({ centre: 'none', scale: { kind: 'none' } }), undefined);
    assert.deepEqual(stepsOf({ centre: 'none', scale: { kind: 'none' } }), []);
  });
});
