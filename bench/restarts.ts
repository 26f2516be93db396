/**
 * Eight restarts side by side against one: how much longer an iteration takes. One after another it would be 8×. Rounds
 * alternate between the two, and the figure is the median of the rounds' ratios.
 */
import { randomUniform } from '../src/engine/tensor';
import { defaultModel, namedSolvers, noPenalty, type Model, type NamedSolverOptions } from '../src/factorization/model';
import { gatherObservations } from '../src/factorization/observations';
import { presetModel } from '../src/factorization/presets';
import { buildBatch } from '../src/factorization/solvers/build';
import { sideBySide } from '../src/factorization/solvers/side-by-side';
import type { BatchSolver } from '../src/factorization/solvers/solver';
import { prepareStarts } from '../src/factorization/starts/start';
import { fromFile, inMemory, type Data } from './support/data';

const uniform = (rows: number, columns: number): Data => ({
  rows,
  columns,
  values: Float32Array.from(randomUniform([rows, columns], { seed: 1 }).data),
});

const cases: { name: string; load: () => Data | Promise<Data>; rank: number }[] = [
  { name: 'digits', load: () => fromFile('digits.csv'), rank: 10 },
  { name: 'china', load: () => fromFile('china.jpg'), rank: 16 },
  { name: '2000×2000', load: () => uniform(2000, 2000), rank: 16 },
  { name: '10000×784', load: () => uniform(10_000, 784), rank: 16 },
];
const l2 = { ...noPenalty, l2: 0.1 };
const methods: { name: string; model: Model; solver: NamedSolverOptions }[] = [
  { name: 'nmf by apg', model: presetModel('nmf'), solver: namedSolvers.apg },
  { name: 'nmf by hals', model: presetModel('nmf'), solver: namedSolvers.hals },
  {
    name: 'ridge by the normalised gradient',
    model: { ...defaultModel, penalties: { W: l2, H: l2 } },
    solver: namedSolvers.ngd,
  },
];
const restarts = 8;
const rounds = 15;
/** Milliseconds of one restart's iterations in a round, at least. */
const roundMilliseconds = 60;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

async function main(): Promise<void> {
  const only = process.argv[2];
  for (const { name, load, rank } of cases.filter((one) => !only || one.name.startsWith(only))) {
    const observations = await gatherObservations(inMemory(await load()));
    for (const { name: method, model, solver: options } of methods) {
      const start = await prepareStarts('random', observations, model, rank);
      const build = async (size: number): Promise<BatchSolver> => {
        const solver = await buildBatch(model, options, observations, rank, 'cpu', undefined, size);
        solver.begin(
          Array.from({ length: size }, (_, seed) => start(seed)),
          0,
          1000,
        );
        await solver.advance(2);
        return solver;
      };
      const each = async (solver: BatchSolver, count: number): Promise<number> => {
        const began = performance.now();
        await solver.advance(count);
        return (performance.now() - began) / count;
      };
      const [one, all] = [await build(1), await build(restarts)];
      const count = Math.max(1, Math.round(roundMilliseconds / (await each(one, 3))));
      const times: { one: number; all: number }[] = [];
      for (let round = 0; round < rounds; round++) {
        times.push({ one: await each(one, count), all: await each(all, Math.max(1, count >> 2)) });
      }
      const ratio = median(times.map((time) => time.all / time.one));
      const milliseconds = median(times.map((time) => time.one));
      const { size } = sideBySide(model, options, observations, rank, restarts);
      console.log(
        `${name} r=${rank}, ${method}: ${restarts} restarts take ${ratio.toFixed(2)}× the time of one (${milliseconds.toFixed(2)} ms an iteration); made ${size} at a time`,
      );
      await one.dispose();
      await all.dispose();
    }
  }
}

void main().then(() => process.exit());
