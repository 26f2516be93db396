/**
 * Eight restarts side by side against one: how much longer an iteration takes. One after another it would be 8×. Rounds
 * alternate between the two, and the figure is the median of the rounds' ratios. Beside it stands how much longer the
 * products with X alone take when they are eight times as wide: where one restart's products keep the processor busy
 * already, that is the most that reading X once for all can gain.
 */
import { compile, matmul, mul, transpose, matrix, shared, type Node, randomUniform } from '../src/engine';
import { defaultModel, type Model } from '../src/model/model';
import { noPenalty } from '../src/model/penalties';
import { namedSolvers, type NamedSolverOptions } from '../src/model/solvers';
import { gatherObservations } from '../src/factorization/observations';
import { presetModel } from '../src/model/presets';
import { buildBatch } from '../src/factorization/solvers/build';
import { sideBySide } from '../src/factorization/solvers/batching';
import type { BatchSolver } from '../src/factorization/solvers/solver';
import { prepareStarts } from '../src/factorization/starts/start';
import { fromFile, inMemory, type Data } from './support/data';
import { median } from './support/versus';

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

/** Milliseconds that X·Hᵀ and Wᵀ·X take. */
async function productsOf({ rows, columns, values }: Data, rank: number): Promise<{ time: () => Promise<number> }> {
  const X = matrix('X');
  const W = shared(randomUniform([rows, rank], { seed: 1 }), 'W');
  const H = shared(randomUniform([rank, columns], { seed: 2 }), 'H');
  // What is multiplied changes at every step, so that none is spared.
  const changed = (factor: Node): [Node, Node] => [factor, mul(factor, 1.0000001)];
  const program = await compile({
    inputs: { X },
    outputs: { left: matmul(X, transpose(H)), right: matmul(transpose(W), X) },
    updates: [changed(W), changed(H)],
    device: 'cpu',
  });
  const data = { X: { data: values, shape: [rows, columns] } };
  const steps = Math.max(2, Math.ceil(2e9 / (4 * rows * columns * rank)));
  await program.run(data, { steps });
  return {
    time: async () => {
      const began = performance.now();
      await program.run(data, { steps });
      return (performance.now() - began) / steps;
    },
  };
}

/** How much longer the products with X take when they are `restarts` times as wide. */
async function widening(data: Data, rank: number): Promise<number> {
  const [narrow, wide] = [await productsOf(data, rank), await productsOf(data, restarts * rank)];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) ratios.push((1 / (await narrow.time())) * (await wide.time()));
  return median(ratios);
}

async function main(): Promise<void> {
  const only = process.argv[2];
  for (const { name, load, rank } of cases.filter((one) => !only || one.name.startsWith(only))) {
    const data = await load();
    const observations = await gatherObservations(inMemory(data));
    console.log(
      `${name} r=${rank}: products with X that are ${restarts} times as wide take ${(await widening(data, rank)).toFixed(2)}× as long`,
    );
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
