/**
 * Principal components against scikit-learn's randomised PCA, both from data in memory to components and scores. The first
 * round is that of a new process, whose code JavaScript's engine has yet to compile; `again` is the same once more at once.
 *
 * Usage: node pca.js [CASE …]; without arguments, every case whose data are there.
 */
import { gatherObservations } from '../src/factorization/observations';
import { measurePreparation } from '../src/factorization/preparation/measure';
import { prepareObservations } from '../src/factorization/preparation/steps';
import { presetOf } from '../src/model/presets';
import { buildSolver } from '../src/factorization/solvers/build';
import { fitStatistics } from '../src/factorization/objective/statistics';
import { fashion, fromFile, inMemory, type Data } from './support/data';
import { answerOfPython } from './support/peers';
import { fashionPackage, versus, type Case } from './support/versus';

const cases: Record<string, Case> = {
  digits: { rank: 10, load: () => fromFile('digits.csv') },
  fashion: { rank: 20, load: () => Promise.resolve(fashion(10_000)), needs: fashionPackage },
  fashion60k: { rank: 50, load: () => Promise.resolve(fashion(60_000)), needs: fashionPackage },
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
  return { seconds, sse: fitStatistics(observations, await solver.state(), rank, model).sse };
}

void versus('scikit-learn', cases, process.argv.slice(2), 5, async ({ data, file, rank, seed }) => {
  const args = ['bench/pca_peer.py', file, data.rows, data.columns, rank, seed];
  const { answer: theirs, told } = answerOfPython<{ sse: number; seconds: number }>(args);
  const mine = await ours(data, rank);
  const again = await ours(data, rank);
  const above = (theirs.sse / mine.sse - 1).toExponential(1);
  return {
    theirs: theirs.seconds,
    with: told,
    ours: mine.seconds,
    note: `again ${again.seconds.toFixed(4)} s; its error is ${above} above ours`,
  };
});
