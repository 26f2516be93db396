import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '../../../src/model/settings';
import { defaultModel, type Model } from '../../../src/model/model';
import { gatherObservations, type Observations } from '../../../src/factorization/observations';
import { startKinds, type StartKind } from '../../../src/model/starts';
import { prepareStarts, type WarmStart } from '../../../src/factorization/starts/start';
import type { Factors } from '../../../src/factorization/factors';
import { fitStatistics } from '../../../src/factorization/objective/statistics';
import { dataFolder, datasetOf, mutations, referenceOf } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';

const nonNegative: Model = {
  ...defaultModel,
  constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } },
};

/** scikit-learn 1.2.1's `_initialize_nmf` on mutations.tsv. */
const reference = JSON.parse(readFileSync(join(dataFolder, 'reference', 'nndsvd.json'), 'utf8')) as {
  rank: number;
} & Record<'nndsvd' | 'nndsvda', { W: number[]; H: number[] }>;

const observe = (rows: readonly (readonly number[])[], underMissing = 0): Promise<Observations> =>
  gatherObservations(datasetOf(rows, underMissing));

async function start(
  kind: StartKind,
  observations: Observations,
  rank: number,
  { seed = 0, model = defaultModel }: { seed?: number; model?: Model } = {},
): Promise<Factors> {
  return (await prepareStarts(kind, observations, model, rank))(seed);
}

function assertNear(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, at) => {
    const found = actual[at] as number;
    assert.ok(
      Math.abs(found - value) <= tolerance * Math.max(1, Math.abs(value)),
      `entry ${at}: ${found}, not ${value}`,
    );
  });
}

describe('prepareStarts', () => {
  for (const kind of ['nndsvd', 'nndsvda'] as const) {
    it(`gives the ${kind} that scikit-learn gives`, async () => {
      const { W, H } = await start(kind, await observe(mutations()), reference.rank, { model: nonNegative });
      assertNear(W, reference[kind].W, 1e-4);
      assertNear(H, reference[kind].H, 1e-4);
    });
  }

  it('fills the zeros of nndsvdar with small random numbers of its seed, and nothing else', async () => {
    const observations = await observe(mutations());
    const [zeros, filled, again, other] = await Promise.all([
      start('nndsvd', observations, 4),
      start('nndsvdar', observations, 4, { seed: 1 }),
      start('nndsvdar', observations, 4, { seed: 1 }),
      start('nndsvdar', observations, 4, { seed: 2 }),
    ]);
    assert.deepEqual(filled, again);
    assert.notDeepEqual(filled.W, other.W);
    const mean = observations.X.reduce((sum, x) => sum + x, 0) / observations.X.length;
    zeros.W.forEach((value, at) => {
      const found = filled.W[at] as number;
      if (value > 0) assert.equal(found, value);
      else assert.ok(found > 0 && found < mean / 10, String(found));
    });
  });

  it('starts with svd at the Eckart–Young bound', async () => {
    const observations = await observe(mutations());
    const { W, H } = await start('svd', observations, 3);
    const { sse } = fitStatistics(observations, { W, H }, 3, defaultModel);
    const bound = referenceOf('mutations.tsv').ranks['3']?.eckart_young_sse as number;
    assert.ok(Math.abs(sse - bound) < 1e-4 * bound, String(sse));
  });

  it('puts every one of well separated clusters into a component of its own', async () => {
    const centres = [[10, 0, 0], [0, 10, 0], [0, 0, 10], [10, 10, 0]]; // prettier-ignore
    const rows = Array.from({ length: 40 }, (_, i) =>
      (centres[i % 4] as number[]).map((value, j) => value + Math.sin(i * 7 + j) / 10),
    );
    for (let seed = 0; seed < 10; seed++) {
      const { W, H } = await start('k-means', await observe(rows), 4, { seed });
      const chosen = rows.map((_, i) => W.subarray(i * 4, i * 4 + 4).indexOf(1));
      rows.forEach((_, i) => assert.equal(chosen[i], chosen[i % 4]));
      assert.equal(new Set(chosen).size, 4);
      centres.forEach((centre, c) => {
        const k = chosen[c] as number;
        centre.forEach((value, j) => assert.ok(Math.abs((H[k * 3 + j] as number) - value) < 0.1));
      });
    }
  });

  it('is the same for the same seed and finite, whatever the kind', async () => {
    const observations = await observe(mutations());
    for (const kind of startKinds) {
      if (kind === 'file') continue;
      const [one, two] = await Promise.all([start(kind, observations, 5, { seed: 3 }), start(kind, observations, 5, { seed: 3 })]); // prettier-ignore
      assert.deepEqual(one, two);
      assert.equal(one.W.length, 96 * 5);
      assert.equal(one.H.length, 5 * 21);
      assert.ok([...one.W, ...one.H].every(Number.isFinite), kind);
    }
  });

  it('does not see what lies under missing entries', async () => {
    const rows = mutations().map((row, i) => row.map((x, j) => ((i + j) % 5 === 0 ? NaN : x)));
    for (const kind of startKinds) {
      if (kind === 'file') continue;
      const clean = await start(kind, await observe(rows, 0), 3);
      const absurd = await start(kind, await observe(rows, 1e30), 3);
      assert.deepEqual(clean, absurd, kind);
    }
  });

  it('has components for more clusters than there are different rows, and for data of zeros', async () => {
    for (const rows of [
      [
        [1, 2],
        [1, 2],
        [3, 4],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]) {
      // prettier-ignore
      const { W, H } = await start('k-means', await observe(rows), 4, { seed: 1 });
      assert.ok([...W, ...H].every(Number.isFinite));
    }
  });

  it('refuses what does not go together, and says what does', async () => {
    const positive = await observe([[1, 2], [3, 4]]); // prettier-ignore
    const mixed = await observe([[1, -2], [3, 4]]); // prettier-ignore
    const refused: [Promise<unknown>, RegExp][] = [
      [start('svd', positive, 3), /rank of at most 2/],
      [start('nndsvd', mixed, 2), /negative numbers; start with svd/],
      [start('svd', positive, 2, { model: nonNegative }), /start with nndsvd/],
      [start('svd', positive, 2, { model: { ...defaultModel, loss: { kind: 'logistic' } } }), /start at random/],
      [start('file', positive, 2), /needs that file/],
    ];
    for (const [promise, words] of refused) {
      await assert.rejects(promise, (error) => error instanceof SettingsError && words.test(error.message));
    }
  });

  it('begins with the factors of a file, if they fit', async () => {
    const observations = await observe([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
    const source = { name: 'x.csv', bytes: 24, sha256: 'b'.repeat(64) };
    const warmStart = { name: 'a.factors.npz', rows: 2, columns: 3, rank: 1, source, W: Float32Array.of(1, 2), H: Float32Array.of(3, 4, 5) }; // prettier-ignore
    const make = await prepareStarts('file', observations, defaultModel, 1, { warmStart });
    assert.deepEqual(make(9), { W: warmStart.W, H: warmStart.H });
    await assert.rejects(prepareStarts('file', observations, defaultModel, 2, { warmStart }), /give rank 1, not 2/);
    const larger = await observe([[1, 2, 3]]);
    await assert.rejects(
      prepareStarts('file', larger, defaultModel, 1, { warmStart }),
      /2 × 3 data, and these data are 1 × 3/,
    );
  });

  it('says when a file’s factors are of other numbers, and refuses those of other columns', async () => {
    const rows = [[1, 2, 3], [4, 5, 6]]; // prettier-ignore
    const data = { ...datasetOf(rows), columnLabels: ['a', 'b', 'c'] };
    const first = await factorizing(data, { rank: 1 });
    const again = (changes: Partial<WarmStart> = {}) =>
      factorizing(data, { rank: 1, start: 'file' }, {}, { ...first, name: 'a.factors.npz', ...changes });
    assert.deepEqual((await again()).warnings, first.warnings);
    const other = { ...first.source, sha256: 'c'.repeat(64) };
    assert.match(
      (await again({ source: other })).warnings.join(' '),
      /a\.factors\.npz came from numbers as it was then/,
    );
    await assert.rejects(again({ columnLabels: ['a', 'x', 'c'] }), /its column 2 is "x", and that of numbers is "b"/);
  });
});
