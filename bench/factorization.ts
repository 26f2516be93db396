/**
 * Time until our NMF is as good as a peer after 200 iterations, both in float32 and from a random start: scikit-learn's
 * coordinate descent, and with `rcppml` as the first argument RcppML's alternating least squares.
 * The data are in memory at the start. Compiling is in the figure; each round tells it apart.
 *
 * Single runs on small data end in one local minimum or another, whatever the method, so that one run says more of its
 * seed than of its speed. Where a case has restarts, both make as many: the peer one after another, with all of which it
 * is done; we until one of ours is as good as the peer's best.
 *
 * Usage: node factorization.js [rcppml] [CASE …]; without a case, every one whose data are there.
 */
import { factorize } from '../src/factorization/factorize';
import { presetModel } from '../src/factorization/presets';
import type { SolverOptions } from '../src/factorization/model';
import { fashion, fromFile, inMemory, type Data } from './support/data';
import { answerOf, fashionPackage, versus, type Case } from './support/versus';

const iterations = 1000;

const cases: Record<string, Case> = {
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)), needs: fashionPackage },
  fashion60k: { rank: 50, load: () => Promise.resolve(fashion(60_000)), needs: fashionPackage, rounds: 1 },
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  digitsrestarts: { rank: 10, load: () => fromFile('digits.csv'), restarts: 8 },
  china: { rank: 40, load: () => fromFile('china.jpg') },
};

interface Reached {
  /** Until the objective is at most the target, without compiling; Infinity where it never is. */
  seconds: number;
  compile: number;
  iterations: number;
  solver: string;
}

async function reach(target: number, data: Data, rank: number, restarts: number, seed: number): Promise<Reached> {
  let seconds = Infinity;
  let made = Infinity;
  const solver: SolverOptions = { id: 'auto' };
  const result = await factorize(
    inMemory(data),
    {
      model: presetModel('nmf'),
      solver,
      stopping: { iterations, tolerance: 0 },
      rank,
      restarts,
      seed,
      device: 'cpu',
    },
    {
      onProgress(progress) {
        if (progress.phase !== 'iterating') return;
        const { objective, seconds: at, iteration } = progress.points;
        const k = objective.findIndex((value) => value <= target);
        if (k < 0 || seconds < Infinity) return;
        seconds = at[k] as number;
        made = iteration[k] as number;
      },
      shouldStop: () => seconds < Infinity,
      signal: new AbortController().signal,
      onCheckpointable: () => undefined,
    },
  );
  return { seconds, compile: result.timing.compile, iterations: made, solver: result.settings.solver.id };
}

const [first, ...rest] = process.argv.slice(2);
const rcppml = first === 'rcppml';
const names = rcppml || first === undefined ? rest : [first, ...rest];

void versus(
  rcppml ? 'RcppML' : 'scikit-learn',
  cases,
  names,
  5,
  async ({ data, file, name, rank, restarts: several = 1, seed: round }) => {
    const { rows, columns } = data;
    const program = rcppml ? 'Rscript' : '/usr/bin/python3';
    const restarts = rcppml ? 1 : several;
    const seed = round * restarts;
    const script = rcppml ? 'bench/factorization_peer.R' : 'bench/factorization_peers.py';
    const theirs = JSON.parse(answerOf(program, [script, file, rows, columns, rank, seed, restarts])) as {
      sse: number;
      seconds: number;
    };
    const { seconds, compile, iterations, solver } = await reach(theirs.sse, data, rank, restarts, seed);
    if (seconds === Infinity) console.log(`${name}: ours never came to ${theirs.sse}`);
    return {
      theirs: theirs.seconds,
      ours: seconds + compile,
      note: `compiling ${compile.toFixed(3)} s of it, without which ${(theirs.seconds / seconds).toFixed(2)} times; ${iterations} iterations of ${solver} to ${theirs.sse.toFixed(1)}`,
    };
  },
);
