/**
 * Principal components against scikit-learn's randomised PCA, both from data in memory to components and scores. Rounds
 * alternate, and the figure is the median of the rounds' ratios.
 *
 * Usage: node pca.js [CASE …]; without arguments, every case whose data are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatherObservations } from '../src/factorization/observations';
import { measurePreparation, prepareObservations } from '../src/factorization/preparation/prepare';
import { presetOf } from '../src/factorization/presets';
import { buildSolver } from '../src/factorization/solvers/build';
import { fashion, fashionImages, fromFile, inMemory, type Data } from './support/data';

const rounds = 5;

const cases: Record<string, { rank: number; load(): Promise<Data> }> = {
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)) },
  fashion60k: { rank: 50, load: () => Promise.resolve(fashion(60_000)) },
};

/** Seconds from data in memory to components, and the sum of squared errors. */
async function ours(data: Data, rank: number): Promise<{ seconds: number; sse: number }> {
  const { rows, columns } = data;
  const dataset = inMemory(data);
  const given = await gatherObservations(dataset);
  const { model, preparation } = presetOf('pca');
  if (!preparation) throw new Error('PCA centres the columns.');
  const began = performance.now();
  const observations = prepareObservations(given, measurePreparation(given, preparation, dataset).steps);
  const solver = await buildSolver(model, { id: 'svd' }, observations, rank, 'cpu');
  solver.begin({ W: new Float32Array(rows * rank), H: new Float32Array(rank * columns) }, 0, 2);
  await solver.advance(1);
  const seconds = (performance.now() - began) / 1000;
  const { objective } = await solver.advance(1);
  return { seconds, sse: Number(objective[0]) };
}

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pca-bench-'));
  try {
    for (const name of names.length > 0 ? names : Object.keys(cases)) {
      const found = cases[name];
      if (!found) throw new Error(`There is no case ${name}; there are ${Object.keys(cases).join(', ')}.`);
      if (name.startsWith('fashion') && !existsSync(fashionImages)) {
        console.log(`${name}: left out, since the Debian package dataset-fashion-mnist is not installed`);
        continue;
      }
      const data = await found.load();
      const path = join(folder, `${name}.f32`);
      writeFileSync(path, data.values);
      const ratios: number[] = [];
      for (let seed = 0; seed < rounds; seed++) {
        const args = ['bench/pca_peer.py', path, data.rows, data.columns, found.rank, seed].map(String);
        const peer = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
        if (peer.status !== 0) throw new Error(`scikit-learn did not answer: ${peer.stderr}`);
        const theirs = JSON.parse(peer.stdout) as { sse: number; seconds: number };
        const mine = await ours(data, found.rank);
        ratios.push(theirs.seconds / mine.seconds);
        console.log(
          `${name} r=${found.rank}: scikit-learn ${theirs.seconds.toFixed(2)} s, ours ${mine.seconds.toFixed(2)} s; ` +
            `its error is ${(theirs.sse / mine.sse - 1).toExponential(1)} above ours`,
        );
      }
      const median = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] as number;
      console.log(`${name} r=${found.rank}: ${median.toFixed(2)} times as fast as scikit-learn (median of ${rounds})`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main(process.argv.slice(2));
