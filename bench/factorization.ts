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
import { presetModel } from '../src/model/presets';
import { fashion, fromFile, inMemory } from './support/data';
import { reach } from './support/reach';
import { answerOfPython } from './support/peers';
import { answerOf, fashionPackage, versus, type Case } from './support/versus';

const iterations = 1000;

const cases: Record<string, Case> = {
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)), needs: fashionPackage },
  fashion60k: { rank: 50, load: () => Promise.resolve(fashion(60_000)), needs: fashionPackage, rounds: 1 },
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  digitsrestarts: { rank: 10, load: () => fromFile('digits.csv'), restarts: 8 },
  china: { rank: 40, load: () => fromFile('china.jpg') },
};

/** What a peer answers. */
interface Reference {
  sse: number;
  seconds: number;
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
    const restarts = rcppml ? 1 : several;
    const seed = round * restarts;
    const args = [file, rows, columns, rank, seed, restarts];
    const { answer: theirs, told } = rcppml
      ? {
          answer: JSON.parse(answerOf('Rscript', ['bench/factorization_peer.R', ...args])) as Reference,
          told: undefined,
        }
      : answerOfPython<Reference>(['bench/factorization_peers.py', ...args]);
    const {
      seconds,
      compile,
      iterations: made,
      result,
    } = await reach(theirs.sse, inMemory(data), {
      model: presetModel('nmf'),
      solver: { id: 'auto' },
      iterations,
      rank,
      restarts,
      seed,
      device: 'cpu',
    });
    if (seconds === Infinity) console.log(`${name}: ours never came to ${theirs.sse}`);
    return {
      theirs: theirs.seconds,
      ...(told !== undefined && { with: told }),
      ours: seconds + compile,
      note: `compiling ${compile.toFixed(3)} s of it, without which ${(theirs.seconds / seconds).toFixed(2)} times; ${made} iterations of ${result.settings.solver.id} to ${theirs.sse.toFixed(1)}`,
    };
  },
);
