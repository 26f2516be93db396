import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Factorization } from '../../../src/factorization/result';
import { readFactorsFile } from '../../../src/results/read-factors';
import { testData } from '../../support/repository';

// Results that an earlier version wrote, each beside the file that it is of. What they hold is compared with what NumPy
// reads in them, and with the fit that their factors have to that file.

const open = (name: string): Factorization => {
  const path = testData(`results/${name}.factors.npz`);
  return readFactorsFile(path, basename(path));
};

const linesOf = (name: string): string[] =>
  readFileSync(testData(`results/${name}`), 'utf8')
    .trim()
    .split('\n');

/** Σ(X−WH)² over entries, by the labels of their rows and columns. */
function squaredError(
  { W, H, rank, columns, biases, rowLabels, columnLabels }: Factorization,
  entries: readonly { row: string; column: string; value: number }[],
): number {
  let sum = 0;
  for (const { row, column, value } of entries) {
    const [i, j] = [rowLabels?.indexOf(row) ?? -1, columnLabels?.indexOf(column) ?? -1];
    assert.ok(i >= 0 && j >= 0, `${row}, ${column}`);
    let fitted = biases ? biases.mean + biases.rows[i]! + biases.columns[j]! : 0;
    for (let k = 0; k < rank; k++) fitted += W[i * rank + k]! * H[k * columns + j]!;
    sum += (value - fitted) ** 2;
  }
  return sum;
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i]! - value) <= 1e-6 * Math.abs(value), `${i}: ${actual[i]}`),
  );
}

describe('a result that an earlier version wrote', () => {
  it('opens, of a table', () => {
    const result = open('dense');
    assert.deepEqual(
      { rows: result.rows, columns: result.columns, rank: result.rank, best: result.best },
      { rows: 6, columns: 4, rank: 2, best: 0 },
    );
    assertClose(result.W.subarray(0, 4), [1.4814874, 1.1281863, 0.7324364, 0.5463667]);
    assertClose(result.H, [0.8913741, 1.7451253, 2.6781967, 0.48276493, 0.6786656, 1.3164574, 2.05713, 0.39906922]);
    assert.deepEqual(result.rowLabels, ['oak', 'elm', 'ash', 'fir', 'yew', 'box']);
    assert.deepEqual(result.columnLabels, ['height', 'width', 'mass', 'colour']);
    assert.equal(result.biases, undefined);
    assert.deepEqual(result.settings.model.constraints, { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } });
    assert.deepEqual(result.settings.solver, { id: 'apg', inner: 3 });
    assert.deepEqual(result.reading, {
      kind: 'table',
      delimiter: ',',
      encoding: 'UTF-8',
      decimal: '.',
      header: true,
      features: ['height', 'width', 'mass', 'colour'],
      label: 'plant',
      leftOut: [],
    });
    assert.equal(result.source.sha256, 'a8a179051cdf2e517e45f6eb4a2ffdb19e4971f69ab2d9fee943663ad3132c54');
    assert.deepEqual(
      result.restarts.map(({ seed, iterations, trace }) => [seed, iterations, trace.objective.length]),
      [
        [4, 38, 39],
        [5, 46, 47],
        [6, 45, 46],
      ],
    );
    assert.equal(result.restarts[1]!.trace.objective.at(-1), 19.215922325126677);
    assert.ok(result.consensus?.kind === 'consensus' && result.consensus.matrix.length === 36);
    assert.equal(result.foretelling?.ridges?.length, 7);
    assert.equal(result.curvature?.kind, 'minimum');

    const [header = '', ...lines] = linesOf('dense.csv');
    const names = header.split(',').slice(1);
    const entries = lines.flatMap((line) => {
      const [row = '', ...cells] = line.split(',');
      return names.flatMap((column, j) => (cells[j] === '' ? [] : [{ row, column, value: Number(cells[j]) }]));
    });
    assert.equal(entries.length, result.statistics.observed);
    assertClose([squaredError(result, entries)], [result.statistics.sse]);
  });

  it('opens, of ratings with biases', () => {
    const result = open('ratings');
    assert.deepEqual([result.rows, result.columns, result.rank], [6, 4, 2]);
    assertClose(result.W.subarray(0, 2), [0.001661343, 0.005884318]);
    assert.equal(result.biases?.mean, 3.125);
    assertClose(result.biases.columns, [0.28165862, -0.070544824, 0.035166815, -0.31575537]);
    assert.deepEqual(result.rowLabels, ['ann', 'bob', 'cid', 'dee', 'eve', 'fay']);
    assert.deepEqual(result.columnLabels, ['dune', 'emma', 'ulysses', 'walden']);
    assert.deepEqual(result.settings.model.biases, { l2: 5 });
    assert.ok(result.reading.kind === 'long' && result.reading.row === 'reader' && result.reading.value === 'stars');
    assert.equal(result.restartSpread?.best, 34.232573330013736);

    const entries = linesOf('ratings.csv')
      .slice(1)
      .map((line) => {
        const [row = '', column = '', stars] = line.split(',');
        return { row, column, value: Number(stars) };
      });
    assert.equal(entries.length, result.statistics.observed);
    assertClose([squaredError(result, entries)], [result.statistics.sse]);
  });

  it('opens, of text', () => {
    const result = open('text');
    assert.deepEqual([result.rows, result.columns, result.best], [6, 9, 2]);
    assert.deepEqual(result.columnLabels, [
      'baker',
      'boat',
      'bread',
      'flour',
      'mill',
      'needs',
      'rain',
      'river',
      'salt',
    ]);
    assert.equal(result.rowLabels?.[2], 'a boat on the river needs rain');
    assertClose([result.W[1]!, result.H[1]!, result.H[9]!], [4.0733973e-8, 0.85471183, 0.98843169]);
    assert.deepEqual(result.reading, {
      kind: 'text',
      options: { minimum: 2, maximum: 0.95, stopWords: 'auto' },
      language: 'en',
      distinct: 22,
    });
    assert.equal(result.settings.model.loss.kind, 'kullback-leibler');
    assert.ok(result.scree?.kind === 'singular-values' && result.scree.values[0] === 3.0957402552628075);
    assert.ok(result.consensus?.kind === 'consensus');
    assert.deepEqual(result.consensus.clusters, [3, 3]);

    const entries = linesOf('notes.txt').flatMap((line, i) =>
      result.columnLabels!.map((column) => ({
        row: result.rowLabels![i]!,
        column,
        value: line.split(' ').filter((word) => word === column).length,
      })),
    );
    assert.equal(entries.length, result.statistics.observed);
    assertClose([squaredError(result, entries)], [result.statistics.sse]);
  });
});
