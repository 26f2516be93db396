/**
 * A million ratings in long format, 6,000 users by 4,000 items: a planted product of rank 8, biases and noise. Says how
 * far the held-out error is from the noise, how much memory the command line takes, and how long it takes until the
 * objective is within 0.5 % of the end, against alternating least squares and stochastic gradients in C. Rounds
 * alternate, and the figure is the median of their ratios.
 *
 * Usage: node ratings.js [RATINGS [RANK [LAMBDA]]]. Needs gcc, and dist/cli.js (`npm run build`) for the memory.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '../src/data/read';
import { randomNormal, randomSource } from '../src/engine';
import { factorize } from '../src/factorization/factorize';
import { noPenalty } from '../src/model/penalties';
import { gatherObservations, type Observations } from '../src/factorization/observations';
import { presetModel } from '../src/model/presets';
import { holdOut } from '../src/factorization/rank/held-out';
import { alternate, answerOf, inTemporaryFolder } from './support/versus';

const [users, items, planted] = [6000, 4000, 8];
const noise = 0.5;
const holdout = 0.1;
const iterations = 15;
const rounds = 3;
/** Within this part of the end counts as there. */
const near = 1.005;

/** One line a rating. */
function ratings(count: number): string {
  const draw = (length: number, seed: number, scale: number): Float32Array =>
    randomNormal([length], { seed, scale }).data as Float32Array;
  const [W, H] = [draw(users * planted, 1, 0.6), draw(items * planted, 2, 0.6)];
  const [b, c, errors] = [draw(users, 3, 0.4), draw(items, 4, 0.4), draw(count, 5, noise)];
  const random = randomSource(6);
  const taken = new Uint8Array(users * items);
  const lines = ['user,item,rating'];
  while (lines.length <= count) {
    const at = Math.floor(random() * users * items);
    if (taken[at]) continue;
    taken[at] = 1;
    const [user, item] = [Math.floor(at / items), at % items];
    let x = 3.5 + (b[user] as number) + (c[item] as number) + (errors[lines.length - 1] as number);
    for (let k = 0; k < planted; k++) x += (W[user * planted + k] as number) * (H[item * planted + k] as number);
    lines.push(`${user + 1},${item + 1},${x.toFixed(3)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Count, users, items and ratings of some entries, as the peer reads them. */
function binary({ X, places }: Observations, entries: Uint32Array | undefined): Uint8Array {
  if (!places) throw new Error('These ratings are not sparse.');
  const chosen = entries ?? Uint32Array.from(X, (_, at) => at);
  const pick = <A extends Float32Array | Uint32Array>(values: A): Uint8Array => {
    const picked = values.slice(0, chosen.length);
    chosen.forEach((at, k) => (picked[k] = values[at] as number));
    return new Uint8Array(picked.buffer);
  };
  return Buffer.concat([
    new Uint8Array(Int32Array.of(chosen.length).buffer),
    pick(places.rows),
    pick(places.columns),
    pick(X),
  ]);
}

/** Points of a run: seconds and objective, and the held-out error where it is known. */
type Run = { seconds: number; objective: number; rmse?: number }[];

function peer(program: string, method: 'als' | 'sgd', folder: string, rank: number, lambda: number): Run {
  const epochs = method === 'als' ? iterations : 40;
  const args = [method, join(folder, 'train'), join(folder, 'test'), users, items, rank, lambda, epochs, 0.02];
  return answerOf(program, args)
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([seconds = NaN, objective = NaN, rmse = NaN]) => ({ seconds, objective, rmse }));
}

const reached = (run: Run, target: number): number =>
  run.find(({ objective }) => objective <= target)?.seconds ?? Infinity;

async function main([count = '1000000', rankText = '32', lambdaText = '10']: readonly string[]): Promise<void> {
  const [rank, lambda] = [Number(rankText), Number(lambdaText)];
  await inTemporaryFolder(async (folder) => {
    const file = join(folder, 'ratings.csv');
    writeFileSync(file, ratings(Number(count)));
    const long = { row: 'user', column: 'item', value: 'rating' };
    const began = performance.now();
    const dataset = await readDataset({ kind: 'path', path: file }, { table: { long } });
    console.log(`read in ${((performance.now() - began) / 1000).toFixed(2)} s`);
    const model = presetModel('recommender');
    const l2 = { ...noPenalty, l2: lambda };
    const settings = {
      model: { ...model, penalties: { W: l2, H: l2 }, biases: { l2: lambda } },
      solver: { id: 'auto' },
      stopping: { iterations, tolerance: 0 },
      rank,
      restarts: 1,
      seed: 0,
      device: 'cpu',
      holdout,
    } as const;
    const all = await gatherObservations(dataset);
    const { observations, heldOut } = holdOut(all, settings);
    writeFileSync(join(folder, 'train'), binary(observations, undefined));
    writeFileSync(join(folder, 'test'), binary(all, heldOut ?? new Uint32Array()));
    const program = join(folder, 'peer');
    const flags = ['-O3', '-march=native', '-ffast-math', '-fopenmp'];
    const compiled = spawnSync('gcc', [...flags, '-o', program, 'bench/ratings_peer.c', '-lm'], { stdio: 'inherit' });
    if (compiled.status !== 0) throw new Error('gcc could not compile the peer.');

    await alternate(`rank ${rank}`, 'ALS in C', rounds, async () => {
      const theirs = peer(program, 'als', folder, rank, lambda);
      const result = await factorize(dataset, settings, {
        onProgress: () => undefined,
        shouldStop: () => false,
        signal: new AbortController().signal,
        onCheckpointable: () => undefined,
      });
      const { trace } = result.restarts[0] as (typeof result.restarts)[number];
      const ours: Run = Array.from(trace.objective, (objective, k) => ({
        objective,
        seconds: (trace.seconds[k] as number) + result.timing.compile,
      }));
      const end = Math.min(result.statistics.objective, theirs.at(-1)?.objective ?? Infinity);
      const [mine, other] = [reached(ours, near * end), reached(theirs, near * end)];
      // Each of the rank·(users+items) numbers that noise is fitted with adds its part to the error (Cramér–Rao).
      const floor =
        noise * Math.sqrt(1 + (planted * (users + items - planted) + users + items) / observations.observed);
      const rmse = result.heldOut?.rmse ?? NaN;
      return {
        theirs: other,
        ours: mine,
        note:
          `compiling ${result.timing.compile.toFixed(2)} s of it; held out ${theirs.at(-1)?.rmse?.toFixed(4)} and ` +
          `${rmse.toFixed(4)}: ${(rmse / noise).toFixed(3)} of the noise, ${(rmse / floor).toFixed(3)} of the least that rank ${planted} allows`,
      };
    });
    const sgd = peer(program, 'sgd', folder, rank, lambda);
    const best = sgd.reduce((a, b) => ((b.rmse ?? Infinity) < (a.rmse ?? Infinity) ? b : a));
    console.log(`SGD in C: held out ${best.rmse?.toFixed(4)} at best, after ${best.seconds.toFixed(2)} s`);

    if (existsSync('dist/cli.js') && existsSync('/usr/bin/time')) {
      const options = ['--long', 'user,item,rating', '--preset', 'recommender', '--rank', rank, '--l2', lambda];
      const rest = ['--holdout', holdout, '--iterations', iterations, '--restarts', 1, '--quiet'];
      const args = ['-f', '%M', process.execPath, 'dist/cli.js', file, ...options, ...rest].map(String);
      const { stderr } = spawnSync('/usr/bin/time', args, { encoding: 'utf8' });
      console.log(`the command line takes ${(Number(stderr.trim().split('\n').at(-1)) / 1e6).toFixed(2)} GB at most`);
    }
  });
}

void main(process.argv.slice(2));
