/**
 * Time until our sparse coding is as good as scikit-learn's mini-batch dictionary learning after ten epochs: 100 atoms for
 * 20,000 patches of 8×8 pixels of a photograph, the mean of each patch removed. Both begin at random, in float32, with the
 * data in memory. Compiling is in our figure; the peer's is that of fitting alone, without the codes that its objective
 * needs, which each round tells apart.
 *
 * Usage: node sparse-coding.js [CASE …]
 */
import { patchesOf } from '../src/data/images/patches';
import { noPenalty } from '../src/model/penalties';
import { presetModel } from '../src/model/presets';
import { fromFile, inMemory, type Data } from './support/data';
import { reach } from './support/reach';
import { answerOfPython } from './support/peers';
import { versus, type Case } from './support/versus';

const epochs = 10;
const iterations = 1000;
/** The weight of Σ|W|; a patch is 0.85 long in the root mean square. scikit-learn's alpha is half of it. */
const mu = 0.2;

/** Patches of the photograph, drawn the same each time, each without its mean. */
async function patches(size: number): Promise<Data> {
  const { rows: height, columns: width, values: image } = await fromFile('china.jpg');
  const { rows, values } = patchesOf([{ name: 'china.jpg', width, height, values: image }], 1, {
    as: 'patches',
    size,
  });
  const columns = size * size;
  for (let row = 0; row < rows; row++) {
    const patch = values.subarray(row * columns, (row + 1) * columns);
    const mean = patch.reduce((sum, value) => sum + value, 0) / columns;
    patch.forEach((value, at) => (patch[at] = value - mean));
  }
  return { rows, columns, values };
}

const cases: Record<string, Case> = {
  china: { rank: 100, load: () => patches(8) },
};

interface Answer {
  objective: number;
  fitting: number;
  coding: number;
  used: number;
}

void versus('scikit-learn', cases, process.argv.slice(2), 5, async ({ data, file, name, rank, seed }) => {
  const args = ['bench/sparse_coding_peer.py', file, data.rows, data.columns, rank, mu, epochs, seed];
  const { answer: theirs, told } = answerOfPython<Answer>(args);
  const model = presetModel('sparse-coding');
  const mine = await reach(theirs.objective, inMemory(data), {
    model: { ...model, penalties: { ...model.penalties, W: { ...noPenalty, l1: mu } } },
    solver: { id: 'auto' },
    iterations,
    rank,
    restarts: 1,
    seed,
    device: 'cpu',
  });
  const { W } = mine.result;
  /** Part of the codes that are not zero. */
  const used = W.filter((code) => code !== 0).length / W.length;
  if (mine.seconds === Infinity) console.log(`${name}: ours never came to ${theirs.objective}`);
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  return {
    theirs: theirs.fitting,
    with: told,
    ours: mine.seconds + mine.compile,
    note:
      `compiling ${mine.compile.toFixed(2)} s of it; ${mine.iterations} iterations to ${theirs.objective.toFixed(1)}, ` +
      `${percent(theirs.used)} and ${percent(used)} of the codes not zero; its coding takes ${theirs.coding.toFixed(2)} s more`,
  };
});
