/**
 * Whole factorizations on the processor and on another device: seconds an iteration, compiling apart, and how far the
 * objectives are apart after the same iterations from the same start.
 *
 * Usage: node devices.js [--device ID] [CASE …]; the device is `webgpu` unless another is named.
 */
import { parseArgs } from 'node:util';
import type { Dataset } from '../src/data/dataset';
import { randomUniform } from '../src/engine';
import type { DeviceChoice } from '../src/model/run';
import type { Factorization } from '../src/factorization/result';
import { solverWith, type SolverOptions } from '../src/model/solvers';
import { presetModel, type PresetId } from '../src/model/presets';
import { inMemory } from './support/data';
import { factorizeAlone } from './support/reach';

interface Case {
  preset: PresetId;
  rows: number;
  columns: number;
  rank: number;
  iterations: number;
  restarts: number;
  solver?: SolverOptions;
  /** The part of the entries that is missing. */
  missing?: number;
}

const cases: Readonly<Record<string, Case>> = {
  nmf: { preset: 'nmf', rows: 10_000, columns: 784, rank: 20, iterations: 100, restarts: 1 },
  'nmf-hals': {
    preset: 'nmf',
    rows: 10_000,
    columns: 784,
    rank: 20,
    iterations: 100,
    restarts: 1,
    solver: solverWith('hals', { sweeps: 1 }),
  },
  large: { preset: 'nmf', rows: 20_000, columns: 5000, rank: 50, iterations: 20, restarts: 1 },
  restarts: { preset: 'nmf', rows: 10_000, columns: 784, rank: 16, iterations: 40, restarts: 8 },
  ridge: { preset: 'ridge', rows: 5000, columns: 5000, rank: 32, iterations: 40, restarts: 1 },
  missing: { preset: 'nmf', rows: 10_000, columns: 784, rank: 20, iterations: 40, restarts: 1, missing: 0.3 },
  topics: { preset: 'topics', rows: 5000, columns: 2000, rank: 20, iterations: 40, restarts: 1 },
  robust: { preset: 'robust', rows: 10_000, columns: 784, rank: 20, iterations: 40, restarts: 1 },
};

/** A planted non-negative product with noise, and holes where asked. */
function plantedData({ rows, columns, rank, missing = 0 }: Case): Dataset {
  const W = randomUniform([rows, rank], { seed: 1 }).data;
  const H = randomUniform([rank, columns], { seed: 2 }).data;
  const noise = randomUniform([rows, columns], { seed: 3 }).data;
  const holes = missing > 0 ? randomUniform([rows, columns], { seed: 4 }).data : undefined;
  const values = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < rank; k++) {
      const w = (W[i * rank + k] as number) ** 3;
      for (let j = 0; j < columns; j++) values[i * columns + j]! += w * (H[k * columns + j] as number) ** 3;
    }
  }
  const observed = holes && Uint8Array.from(holes, (u) => Number(u >= missing));
  values.forEach((x, i) => (values[i] = observed?.[i] === 0 ? 0 : x + 0.1 * (noise[i] as number)));
  const dataset = inMemory({ rows, columns, values });
  if (!observed) return dataset;
  return {
    ...dataset,
    missing: observed.length - observed.reduce((sum, one) => sum + one, 0),
    blocks: () => [{ start: 0, count: rows, values, observed }],
  };
}

function run(dataset: Dataset, one: Case, device: DeviceChoice): Promise<Factorization> {
  const { preset, rank, iterations, restarts, solver = { id: 'auto' } } = one;
  return factorizeAlone(dataset, { model: presetModel(preset), solver, iterations, rank, restarts, seed: 0, device });
}

const objectiveOf = ({ restarts, best }: Factorization): number => restarts[best]?.objective ?? NaN;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { device: { type: 'string' } }, allowPositionals: true });
  const device = (values.device ?? 'webgpu') as DeviceChoice;
  for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) {
    const one = cases[name];
    if (!one) throw new Error(`There is no case ${name}; there are ${Object.keys(cases).join(', ')}.`);
    const dataset = plantedData(one);
    const label = `${name} ${one.rows}×${one.columns} r=${one.rank}`;
    const here = await run(dataset, one, 'cpu');
    const there = await run(dataset, one, device);
    const each = ({ timing, restarts }: Factorization): number =>
      timing.iterate / restarts.reduce((sum, { iterations }) => sum + iterations, 0);
    const apart = Math.abs(objectiveOf(there) / objectiveOf(here) - 1).toExponential(0);
    console.log(
      `${label} by ${here.settings.solver.id}: ${(1000 * each(here)).toFixed(2)} ms an iteration on the processor, ` +
        `${(1000 * each(there)).toFixed(2)} ms on ${there.device.used} (${(each(here) / each(there)).toFixed(2)}×); ` +
        `compiling ${here.timing.compile.toFixed(2)} s and ${there.timing.compile.toFixed(2)} s; objectives ${apart} apart. ${there.device.reason}`,
    );
    for (const { operation, device: elsewhere, count } of there.device.placement ?? []) {
      console.log(`  ${count} ${operation} on ${elsewhere}`);
    }
  }
}

void main().then(() => process.exit());
