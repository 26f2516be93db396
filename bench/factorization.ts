/**
 * Time until our NMF is as good as scikit-learn's coordinate descent after 200 iterations, both in float32 and from a
 * random start. Rounds alternate between the two, each with its own seed, and the figure is the median of the rounds'
 * ratios, so that a slow minute of the machine slows both.
 *
 * Usage: node factorization.js [CASE …]; without arguments, every case whose data are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factorize } from '../src/factorization/factorize';
import { presetModel } from '../src/factorization/presets';
import { fashion, fashionImages, fromFile, inMemory, type Data } from './support/data';

const rounds = 5;
const iterations = 400;

const cases: Record<string, { rank: number; load(): Promise<Data> }> = {
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)) },
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  china: { rank: 40, load: () => fromFile('china.jpg') },
};

/** Seconds of computing until the objective is at most `target`, compiling included; Infinity where it never is. */
async function secondsTo(target: number, data: Data, rank: number, seed: number): Promise<number> {
  let reached = Infinity;
  const result = await factorize(
    inMemory(data),
    {
      model: presetModel('nmf'),
      solver: { id: 'auto' },
      stopping: { iterations, tolerance: 0 },
      rank,
      restarts: 1,
      seed,
      device: 'cpu',
    },
    {
      onProgress(progress) {
        if (progress.phase !== 'iterating') return;
        const k = progress.points.objective.findIndex((objective) => objective <= target);
        if (k >= 0) reached = Math.min(reached, progress.points.seconds[k] as number);
      },
      shouldStop: () => reached < Infinity,
      signal: new AbortController().signal,
      onCheckpointable: () => undefined,
    },
  );
  return reached + result.timing.compile;
}

async function main(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'factorization-bench-'));
  try {
    for (const name of names.length > 0 ? names : Object.keys(cases)) {
      const found = cases[name];
      if (!found) throw new Error(`There is no case ${name}; there are ${Object.keys(cases).join(', ')}.`);
      if (name === 'fashion' && !existsSync(fashionImages)) {
        console.log('fashion: left out, since the Debian package dataset-fashion-mnist is not installed');
        continue;
      }
      const data = await found.load();
      const path = join(folder, `${name}.f32`);
      writeFileSync(path, data.values);
      const ratios: number[] = [];
      for (let seed = 0; seed < rounds; seed++) {
        const args = ['bench/factorization_peers.py', path, data.rows, data.columns, found.rank, seed].map(String);
        const peer = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
        if (peer.status !== 0) throw new Error(`scikit-learn did not answer: ${peer.stderr}`);
        const theirs = JSON.parse(peer.stdout) as { sse: number; seconds: number };
        const ours = await secondsTo(theirs.sse, data, found.rank, seed);
        ratios.push(theirs.seconds / ours);
        console.log(
          `${name} r=${found.rank} seed ${seed}: scikit-learn ${theirs.seconds.toFixed(2)} s to ${theirs.sse.toFixed(1)}, ours ${ours.toFixed(2)} s`,
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
