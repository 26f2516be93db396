import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultModel, noPenalty, type Model } from '../../../src/factorization/model';
import { presetModel } from '../../../src/factorization/presets';
import { dataFolder, datasetOf, digits } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

/** Optima computed with LAPACK, and the best of 20 starts of scikit-learn's NMF run to convergence. */
interface Optima {
  eckart_young_sse: number;
  ridge_optimum: Record<string, number>;
  nmf_best_sse: number;
}

const reference = JSON.parse(readFileSync(join(dataFolder, 'reference', 'optima.json'), 'utf8')) as Record<
  string,
  { ranks: Record<string, Optima> }
>;

const mutations = (): number[][] =>
  readFileSync(join(dataFolder, 'mutations.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').slice(1).map(Number));

const ridge = (l2: number): Model => ({
  ...defaultModel,
  penalties: { W: { ...noPenalty, l2 }, H: { ...noPenalty, l2 } },
});

describe('the known optima', function () {
  this.timeout(240_000);
  const data: Record<string, number[][]> = { 'digits.csv': digits(), 'mutations.tsv': mutations() };
  for (const [name, rows] of Object.entries(data)) {
    for (const [rank, optima] of Object.entries(reference[name]?.ranks ?? {})) {
      const within = (actual: number, optimum: number, share: number): void => {
        assert.ok(actual <= optimum * (1 + share), `${actual} is more than ${share} above ${optimum}`);
      };

      it(`reaches the Eckart–Young bound of ${name} at rank ${rank} within 0.1 %, and not less`, async () => {
        const { statistics } = await factorizing(datasetOf(rows), { rank: Number(rank) });
        assert.ok(statistics.sse >= optima.eckart_young_sse * (1 - 1e-6), String(statistics.sse));
        within(statistics.sse, optima.eckart_young_sse, 0.001);
      });

      for (const [weight, optimum] of Object.entries(optima.ridge_optimum)) {
        it(`reaches the closed form of ridge, λ = ${weight}, of ${name} at rank ${rank} within 0.1 %`, async () => {
          const { statistics } = await factorizing(datasetOf(rows), {
            rank: Number(rank),
            model: ridge(Number(weight)),
          });
          assert.ok(statistics.objective >= optimum * (1 - 1e-6), String(statistics.objective));
          within(statistics.objective, optimum, 0.001);
        });
      }

      it(`comes within 0.5 % of the best of scikit-learn's NMFs of ${name} at rank ${rank}`, async () => {
        const settings = { rank: Number(rank), model: presetModel('nmf'), restarts: 5 };
        const { statistics, W, H } = await factorizing(datasetOf(rows), settings);
        within(statistics.sse, optima.nmf_best_sse, 0.005);
        assert.ok([...W, ...H].every((v) => v >= 0));
      });
    }
  }
});
