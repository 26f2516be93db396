import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../../../src/data/dataset';
import { readDataset } from '../../../src/data/read';
import '../../support/decoding';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { presetModel } from '../../../src/model/presets';
import { dataFolder, datasetOf, digits, mutations } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

/** Optima computed with LAPACK, and the best of 20 starts of scikit-learn's NMF run to convergence. */
interface Optima {
  eckart_young_sse: number;
  ridge_optimum: Record<string, number>;
  nmf_best_sse?: number;
}

const reference = JSON.parse(readFileSync(join(dataFolder, 'reference', 'optima.json'), 'utf8')) as Record<
  string,
  { ranks: Record<string, Optima> }
>;

/** The four measurements of penguins.csv in complete rows, as z-scores by the population's standard deviation. */
function penguins(): number[][] {
  const [header = '', ...lines] = readFileSync(join(dataFolder, 'penguins.csv'), 'utf8').trim().split('\n');
  const names = header.split(',').map((name) => name.replaceAll('"', ''));
  const wanted = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'].map((name) =>
    names.indexOf(name),
  );
  const rows = lines
    .map((line) => line.split(','))
    .map((cells) => wanted.map((column) => Number(cells[column])))
    .filter((row) => row.every(Number.isFinite));
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const columns = wanted.map((_, column) => rows.map((row) => row[column] as number));
  const means = columns.map(mean);
  const deviations = columns.map((values, k) =>
    Math.sqrt(mean(values.map((value) => (value - (means[k] as number)) ** 2))),
  );
  return rows.map((row) => row.map((value, k) => (value - (means[k] as number)) / (deviations[k] as number)));
}

/** The grey values of china.jpg, 427×640. */
async function china(): Promise<number[][]> {
  const dataset = await readDataset({ kind: 'path', path: join(dataFolder, 'china.jpg') });
  const rows: number[][] = [];
  assert.ok('blocks' in dataset);
  for await (const { count, values } of dataset.blocks()) {
    for (let i = 0; i < count; i++) rows.push([...values.subarray(i * dataset.columns, (i + 1) * dataset.columns)]);
  }
  return rows;
}

const ridge = (l2: number): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } },
});

describe('the known optima', function () {
  this.timeout(240_000);
  const data: Record<string, () => number[][] | Promise<number[][]>> = {
    'digits.csv': digits,
    'mutations.tsv': mutations,
    'penguins.csv, 4 measurements, complete rows, z-scored (population standard deviation)': penguins,
    'china.jpg, 8-bit luma / 255': china,
  };

  it('are all held against', () => assert.deepEqual(Object.keys(data).sort(), Object.keys(reference).sort()));

  for (const [name, load] of Object.entries(data)) {
    let dataset: Dataset;
    before(async () => (dataset = datasetOf(await load())));
    for (const [rank, optima] of Object.entries(reference[name]?.ranks ?? {})) {
      const within = (actual: number, optimum: number, share: number): void => {
        assert.ok(actual <= optimum * (1 + share), `${actual} is more than ${share} above ${optimum}`);
      };

      it(`reaches the Eckart–Young bound of ${name} at rank ${rank} within 0.1 %, and not less`, async () => {
        const { statistics } = await factorizing(dataset, { rank: Number(rank) });
        assert.ok(statistics.sse >= optima.eckart_young_sse * (1 - 1e-6), String(statistics.sse));
        within(statistics.sse, optima.eckart_young_sse, 0.001);
      });

      for (const [weight, optimum] of Object.entries(optima.ridge_optimum)) {
        it(`reaches the closed form of ridge, λ = ${weight}, of ${name} at rank ${rank} within 0.1 %`, async () => {
          const { statistics } = await factorizing(dataset, {
            rank: Number(rank),
            model: ridge(Number(weight)),
          });
          assert.ok(statistics.objective >= optimum * (1 - 1e-6), String(statistics.objective));
          within(statistics.objective, optimum, 0.001);
        });
      }

      const { nmf_best_sse: best } = optima;
      if (best === undefined) continue;
      it(`comes within 0.5 % of the best of scikit-learn's NMFs of ${name} at rank ${rank}`, async () => {
        const settings = { rank: Number(rank), model: presetModel('nmf'), restarts: 5 };
        const { statistics, W, H } = await factorizing(dataset, settings);
        within(statistics.sse, best, 0.005);
        assert.ok([...W, ...H].every((v) => v >= 0));
      });
    }
  }
});
