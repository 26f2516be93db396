import { deviceFinder } from '../../devices/finder';
import { compile, type Node } from '../../engine';
import type { DeviceChoice } from '../../model/run';
import type { Model } from '../../model/model';
import type { NamedSolverOptions } from '../../model/solvers';
import type { Observations } from '../observations';
import { unitsFor, type Units } from '../objective/units';
import { dataOf, declareVariables, inputsOf, type DeclaredVariables, type SolverProgram } from './program';
import { batchOfOne, onlyOf, type BatchSolver, type CompiledSolver, type SolverState } from './solver';
import { solverOf } from './solvers';

/** A solver's updates for a model, compiled for these data. `expectedSteps` of all runs together tell whether looking for a faster device pays. */
export async function buildSolver(
  ...[model, options, observations, rank, device, expectedSteps]: Parameters<typeof buildBatch>
): Promise<CompiledSolver> {
  return onlyOf(await buildBatch(model, options, observations, rank, device, expectedSteps));
}

/** The same for `size` runs side by side; only solvers whose step is a graph can be had for more than one. */
export async function buildBatch(
  ...[model, options, observations, ...others]: Parameters<typeof buildInUnits>
): Promise<BatchSolver> {
  // One that takes no steps computes in float64.
  const units = solverOf(options).direct ? undefined : unitsFor(model, observations);
  return units
    ? inUnits(units, await buildInUnits(units.model, options, units.observations, ...others))
    : buildInUnits(model, options, observations, ...others);
}

async function buildInUnits(
  model: Model,
  options: NamedSolverOptions,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
  expectedSteps?: number,
  size = 1,
): Promise<BatchSolver> {
  const solver = solverOf(options);
  if (solver.steps === 'own') {
    if (size > 1) throw new Error(`${options.id} makes one run at a time`);
    return batchOfOne(await solver.build(model, options, observations, rank, device));
  }
  const variables = declareVariables(observations, rank, model);
  const program = solver.program(model, options, variables, observations);
  return compileBatch(program, variables, observations, rank, device, expectedSteps, size);
}

/** A solver of data in some units as one of the data as they are. What it carries along beside the factors stays in its units. */
export const inUnits = ({ enter, leave, objective: scale }: Units, solver: BatchSolver): BatchSolver => ({
  device: solver.device,
  size: solver.size,
  begin: (states, done, planned) => solver.begin(states.map(enter), done, planned),
  async advance(count) {
    const times = (values: ArrayLike<number>): Float64Array => new Float64Array(values).map((value) => value * scale);
    return (await solver.advance(count)).map(({ objective, stationarity, rate }) => ({
      objective: times(objective),
      stationarity: times(stationarity),
      rate,
    }));
  },
  states: async () => (await solver.states()).map((state: SolverState) => leave(state)),
  dispose: () => solver.dispose(),
});

/** A solver of one run at a time. */
export async function compileSolver(
  ...[program, variables, observations, rank, device, expectedSteps]: Parameters<typeof compileBatch>
): Promise<CompiledSolver> {
  return onlyOf(await compileBatch(program, variables, observations, rank, device, expectedSteps));
}

/** A solver of `size` runs at a time, which share the data: see the engine's `batch`. */
async function compileBatch(
  program: SolverProgram,
  { W, H, biases }: DeclaredVariables,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
  expectedSteps?: number,
  size = 1,
): Promise<BatchSolver> {
  const { rows, columns } = observations;
  const { cost, stationarity, rate, nextW, nextH, nextBiases, memory = [], schedule, asWritten } = program;
  const { inputs, values: data } = inputsOf(program.data ?? dataOf(observations, program.variables));
  const compiled = await compile<string, string, 'cost' | 'stationarity' | 'rate'>({
    inputs,
    ...(schedule && { sequences: { schedule: schedule.node } }),
    outputs: { cost, stationarity, rate },
    updates: [
      [W, nextW],
      [H, nextH],
      ...(biases && nextBiases
        ? [
            [biases.rows, nextBiases.rows],
            [biases.columns, nextBiases.columns],
          ]
        : []),
      ...memory.map(({ node, next }) => [node, next]),
    ],
    optimize: asWritten !== true,
    plannedMemory: program.large !== true,
    device,
    finder: deviceFinder,
    ...(expectedSteps !== undefined && { expectedSteps }),
    ...(size > 1 && { batch: size }),
  });
  /** The values of every run. */
  const values = async (node: Node): Promise<Float32Array[]> => {
    const { data } = await compiled.get(node);
    const length = data.length / size;
    return Array.from({ length: size }, (_, run) => new Float32Array(data.subarray(run * length, (run + 1) * length)));
  };
  const setAll = (node: Node, each: readonly Float32Array[], shape: readonly number[]): void => {
    const length = each[0]?.length ?? 0;
    const data = new Float32Array(size * length);
    each.forEach((own, run) => data.set(own, run * length));
    compiled.set(node, { data, shape: size > 1 ? [size, ...shape] : shape });
  };
  /** What a run has of a value for every step and run. */
  const ownOf = (all: ArrayLike<number>, run: number): Float64Array =>
    Float64Array.from({ length: all.length / size }, (_, step) => all[step * size + run]!);
  let done = 0;
  let planned = 1;

  return {
    device: compiled.device,
    size,
    begin(states, iterationsDone, iterationsPlanned) {
      if (states.length !== size) throw new Error(`${states.length} states for ${size} runs`);
      done = iterationsDone;
      planned = iterationsPlanned;
      const all = (of: (state: SolverState) => Float32Array): Float32Array[] => states.map(of);
      setAll(
        W,
        all((state) => state.W),
        [rows, rank],
      );
      setAll(
        H,
        all((state) => state.H),
        [rank, columns],
      );
      if (biases) {
        setAll(
          biases.rows,
          all((state) => state.biases?.rows ?? new Float32Array(rows)),
          [rows],
        );
        setAll(
          biases.columns,
          all((state) => state.biases?.columns ?? new Float32Array(columns)),
          [columns],
        );
      }
      for (const { node, initial } of memory) {
        const { name, initial: declared } = node.attributes;
        setAll(
          node,
          all((state) => state.memory?.[name] ?? initial(state)),
          declared.shape,
        );
      }
    },
    async advance(count) {
      const result = await compiled.run(data, {
        steps: count,
        ...(schedule && { sequences: { schedule: schedule.values(done, count, planned) } }),
      });
      done += count;
      return Array.from({ length: size }, (_, run) => ({
        objective: ownOf(result.cost, run),
        stationarity: ownOf(result.stationarity, run),
        rate: ownOf(result.rate, run).at(-1) ?? 0,
      }));
    },
    async states(): Promise<SolverState[]> {
      const [allW, allH] = [await values(W), await values(H)];
      const [rowBiases, columnBiases] = biases ? [await values(biases.rows), await values(biases.columns)] : [];
      const kept = await Promise.all(
        memory.map(async ({ node }) => [node.attributes.name, await values(node)] as const),
      );
      const ofRun = (all: readonly Float32Array[] | undefined, run: number): Float32Array => all?.[run] as Float32Array;
      return Array.from({ length: size }, (_, run) => ({
        W: ofRun(allW, run),
        H: ofRun(allH, run),
        ...(biases && {
          biases: { mean: biases.mean, rows: ofRun(rowBiases, run), columns: ofRun(columnBiases, run) },
        }),
        ...(kept.length > 0 && {
          memory: Object.fromEntries(kept.map(([name, all]) => [name, ofRun(all, run)])),
        }),
      }));
    },
    dispose: () => compiled.dispose(),
  };
}
