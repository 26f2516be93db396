/**
 * How long it takes from a model to the result of its first step: every preset under the solver that `auto` chooses, at
 * the sizes of the test data and of ratings. Each in a process of its own in which nothing was compiled before; loading
 * ONNX Runtime and its first session of all are told apart. The figure is the least of some, since whatever else runs on
 * the machine only adds to it; processor time is that of all threads until the program is compiled.
 *
 * Usage: node compile.js [PRESET …].
 */
import { spawnSync } from 'node:child_process';
import { randomSource, randomUniform, runtime, readerModel } from '../src/engine';
import type { Observations } from '../src/factorization/observations';
import { presetIds, presetOf, type PresetId } from '../src/model/presets';
import { buildSolver } from '../src/factorization/solvers/build';
import { chooseSolver } from '../src/factorization/solvers/solvers';

const processes = 5;
const limit = 100;

interface Size {
  rows: number;
  columns: number;
  rank: number;
  /** Observed entries, where not all are. */
  entries?: number;
}

const sizes: Record<string, Size> = {
  digits: { rows: 1797, columns: 64, rank: 10 },
  china: { rows: 427, columns: 1920, rank: 40 },
  fashion: { rows: 10_000, columns: 784, rank: 20 },
  ratings: { rows: 6000, columns: 4000, rank: 16, entries: 1_000_000 },
};

function observations({ rows, columns, entries }: Size): Observations {
  const observed = entries ?? rows * columns;
  const X = randomUniform([observed], { seed: 1, low: 0.1 }).data as Float32Array;
  const random = randomSource(2);
  const places = entries
    ? {
        rows: Uint32Array.from({ length: entries }, (_, k) => Math.floor((k * rows) / entries)),
        columns: Uint32Array.from({ length: entries }, () => Math.floor(random() * columns)),
      }
    : undefined;
  return {
    rows,
    columns,
    X,
    places,
    observed,
    mean: 0.5,
    sumOfSquares: observed / 3,
    centredSumOfSquares: observed / 12,
  };
}

interface Times {
  /** Milliseconds until the program is compiled, and until its first step is there. */
  compiled: number;
  first: number;
  /** Milliseconds of processor time until it is compiled. */
  processor: number;
  /** Milliseconds until ONNX Runtime could be used. */
  loading: number;
}

/** In this process. */
async function measure(preset: PresetId, size: Size): Promise<Times> {
  const { model, solver: named = { id: 'auto' } } = presetOf(preset);
  const choice = chooseSolver(named, model, size.entries !== undefined, size);
  const solver = 'solver' in choice ? choice.solver : choice;
  const data = observations(size);
  const [W, H] = [size.rows, size.columns].map(
    (length, k) => randomUniform([length * size.rank], { seed: 3 + k, low: 0.1 }).data as Float32Array,
  ) as [Float32Array, Float32Array];
  const start = performance.now();
  const { ort } = await runtime();
  await (await ort.InferenceSession.create(readerModel(), { logSeverityLevel: 3 })).release();
  const loading = performance.now() - start;
  const usage = process.cpuUsage();
  const began = performance.now();
  const compiled = await buildSolver(model, solver, data, size.rank, 'auto');
  const built = performance.now();
  const { user, system } = process.cpuUsage(usage);
  compiled.begin({ W, H }, 0, 10);
  await compiled.advance(1);
  const ended = performance.now();
  await compiled.dispose();
  return { compiled: built - began, first: ended - began, processor: (user + system) / 1000, loading };
}

function measureApart(preset: PresetId, size: string): Times {
  const { stdout, status } = spawnSync(process.execPath, [__filename, '--measure', preset, size], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${preset} at the size of ${size} did not compile.`);
  return JSON.parse(stdout) as Times;
}

async function main([first, ...rest]: readonly string[]): Promise<void> {
  if (first === '--measure') {
    const [preset, size] = rest as [PresetId, string];
    console.log(JSON.stringify(await measure(preset, sizes[size] as Size)));
    return;
  }
  const asked = [first, ...rest].filter((name) => name !== undefined);
  for (const preset of presetIds.filter((id) => asked.length === 0 || asked.includes(id))) {
    for (const size of Object.keys(sizes)) {
      // A singular value decomposition compiles nothing that depends on the model, and takes no sparse data.
      if (presetOf(preset).solver?.id === 'svd') continue;
      const times = Array.from({ length: processes }, () => measureApart(preset, size));
      const least = (key: keyof Times): number => Math.min(...times.map((time) => time[key]));
      const text = `compiled in ${least('compiled').toFixed(0)} ms${least('compiled') > limit ? ` (over ${limit})` : ''}`;
      console.log(
        `${preset} as ${size}: ${text}, processor time ${least('processor').toFixed(0)} ms, first step after ${least('first').toFixed(0)} ms (loading ${least('loading').toFixed(0)} ms)`,
      );
    }
  }
}

void main(process.argv.slice(2)).then(() => process.exit());
