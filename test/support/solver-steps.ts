import assert from 'node:assert/strict';
import { deviceFinder } from '../../src/devices/choose';
import { compile, type DeviceId, type DeviceReport, type Precision } from '../../src/engine';
import type { NamedSolverOptions } from '../../src/model/solvers';
import { gatherObservations } from '../../src/factorization/observations';
import { declareVariables, inputsOf, dataOf } from '../../src/factorization/solvers/program';
import { solverOf } from '../../src/factorization/solvers/solvers';
import { prepareStarts } from '../../src/factorization/starts/start';
import { datasetOf } from './datasets';
import type { Method } from './method-table';

/** A solver that is one program of the engine, and not driven from outside it. */
export type ProgramSolver = Exclude<NamedSolverOptions, { id: 'svd' | 'lbfgs' }>;

export interface Steps {
  trace: number[];
  /** W·H after the last step. */
  product: number[];
  device: DeviceReport;
}

/** The first steps of a solver in some precision on some device, from a start at random; the data are taken as they are. */
export async function stepsOf(
  { model }: Method,
  solver: ProgramSolver,
  rows: readonly (readonly number[])[],
  { device, precision }: { device: DeviceId; precision: Precision },
  count: number,
): Promise<Steps> {
  const rank = 2;
  const observations = await gatherObservations(datasetOf(rows));
  const start = (await prepareStarts('random', observations, model, rank))(3);
  const variables = declareVariables(observations, rank, model);
  const declared = solverOf(solver);
  assert.ok(declared.steps === 'graph');
  const program = declared.program(model, solver, variables, observations);
  const { inputs, values } = inputsOf(program.data ?? dataOf(observations, variables));
  const { schedule, memory = [], nextBiases } = program;
  const compiled = await compile<string, string, 'cost'>({
    inputs,
    ...(schedule && { sequences: { schedule: schedule.node } }),
    outputs: { cost: program.cost },
    updates: [
      [variables.W, program.nextW],
      [variables.H, program.nextH],
      ...(variables.biases && nextBiases
        ? [
            [variables.biases.rows, nextBiases.rows],
            [variables.biases.columns, nextBiases.columns],
          ]
        : []),
      ...memory.map(({ node, next }) => [node, next]),
    ],
    device,
    finder: deviceFinder,
    precision,
  });
  const typed = (data: ArrayLike<number>) =>
    precision === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  compiled.set(variables.W, { data: typed(start.W), shape: [observations.rows, rank] });
  compiled.set(variables.H, { data: typed(start.H), shape: [rank, observations.columns] });
  for (const { node, initial } of memory) {
    compiled.set(node, { data: typed(initial(start)), shape: node.attributes.initial.shape });
  }
  const given = Object.fromEntries(
    Object.entries(values).map(([name, { data, shape }]) => [name, { data: typed(data), shape }]),
  );
  const { cost } = await compiled.run(given, {
    steps: count,
    ...(schedule && { sequences: { schedule: schedule.values(0, count, count) } }),
  });
  const [W, H] = [await compiled.get(variables.W), await compiled.get(variables.H)];
  await compiled.dispose();
  const product = rows.flatMap((row, i) =>
    row.map((_, j) =>
      Array.from(
        { length: rank },
        (__, k) => (W.data[i * rank + k] ?? NaN) * (H.data[k * row.length + j] ?? NaN),
      ).reduce((sum, value) => sum + value),
    ),
  );
  return { trace: [...cost], product, device: compiled.device };
}

/** The parts in which two runs differ, each in units of the larger of 1 and the largest number there. */
export function differenceOf(a: Steps, b: Steps): number {
  const largest = (x: readonly number[], y: readonly number[]): number =>
    Math.max(...x.map((value, k) => Math.abs(value - (y[k] ?? NaN)))) / Math.max(1, ...y.map(Math.abs));
  return Math.max(largest(a.trace, b.trace), largest(a.product, b.product));
}
