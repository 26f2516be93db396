/**
 * Time until our NMF is as good as scikit-learn's coordinate descent after 200 iterations, both in float32 and from a
 * random start. Rounds alternate between the two, each with its own seed, and the figure is the median of the rounds'
 * ratios, so that a slow minute of the machine slows both.
 *
 * Usage: node factorization.js [CASE …]; without arguments, every case whose data are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DenseDataset } from '../src/data/dataset';
import { readDataset } from '../src/data/read';
import { factorize } from '../src/factorization/factorize';
import { presetModel } from '../src/factorization/presets';

const images = '/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz';
const rounds = 5;
const iterations = 400;

interface Data {
  rows: number;
  columns: number;
  values: Float32Array;
}

const cases: Record<string, { rank: number; load(): Promise<Data> }> = {
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)) },
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  china: { rank: 40, load: () => fromFile('china.jpg') },
};

/** The first images of Debian's package dataset-fashion-mnist, in [0, 1]. */
function fashion(rows: number): Data {
  const columns = 784;
  const bytes = gunzipSync(readFileSync(images)).subarray(16, 16 + rows * columns);
  return { rows, columns, values: Float32Array.from(bytes, (byte) => byte / 255) };
}

async function fromFile(name: string): Promise<Data> {
  const path = join(process.cwd(), 'test', 'data', name);
  const dataset = await readDataset({ kind: 'path', path });
  if (!('blocks' in dataset)) throw new Error(`${name} is not read as a whole matrix.`);
  const values = new Float32Array(dataset.rows * dataset.columns);
  for await (const block of dataset.blocks()) values.set(block.values, block.start * dataset.columns);
  return { rows: dataset.rows, columns: dataset.columns, values };
}

/** Seconds of computing until the objective is at most `target`, compiling included; Infinity where it never is. */
async function secondsTo(target: number, { rows, columns, values }: Data, rank: number, seed: number): Promise<number> {
  const dataset: DenseDataset = {
    rows,
    columns,
    missing: 0,
    source: { name: 'bench', bytes: values.byteLength, sha256: '0'.repeat(64) },
    reading: { kind: 'image', format: 'raw', width: columns, height: rows, bands: 1, bits: 8 },
    warnings: [],
    blocks: () => [{ start: 0, count: rows, values }],
  };
  let reached = Infinity;
  const result = await factorize(
    dataset,
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
      if (name === 'fashion' && !existsSync(images)) {
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
