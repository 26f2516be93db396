import { compile } from '../../engine/compile';
import { placeholder, shared, type Node } from '../../engine/graph';
import type { Tensor } from '../../engine/tensor';
import type { DeviceChoice } from '../devices';
import type { Model } from '../model';
import type { ObjectiveVariables } from '../objective';
import type { Observations } from '../observations';
import type { CompiledSolver, Factors, SolverState } from './solver';

/** A model's variables as leaves of a graph; W, H and the biases are what a solver updates. */
export type DeclaredVariables = ObjectiveVariables & {
  W: Node<'shared'>;
  H: Node<'shared'>;
  biases?: { mean: number; rows: Node<'shared'>; columns: Node<'shared'> };
};

export function declareVariables(
  { rows, columns, X, weights, places, mean }: Observations,
  rank: number,
  { biases }: Model,
): DeclaredVariables {
  const shape = places ? [X.length] : [rows, columns];
  const entries = (name: string): Node => placeholder(name, shape);
  return {
    X: entries('X'),
    ...(weights && { weights: entries('weights') }),
    ...(places && { places: { rows: entries('rows'), columns: entries('columns') } }),
    W: zeros([rows, rank], 'W'),
    H: zeros([rank, columns], 'H'),
    ...(biases && {
      biases: { mean, rows: zeros([rows], 'biases of rows'), columns: zeros([columns], 'biases of columns') },
    }),
  };
}

const zeros = (shape: readonly number[], name: string): Node<'shared'> =>
  shared({ data: new Float32Array(shape.reduce((size, length) => size * length, 1)), shape }, name);

/** An input and what it is given in every run. */
export interface ProgramData {
  node: Node;
  value: Tensor;
}

/** X, its weights and places, for the variables that stand for them. */
export function dataOf(
  { rows, columns, X, weights, places }: Observations,
  variables: ObjectiveVariables,
): ProgramData[] {
  const shape = places ? [X.length] : [rows, columns];
  const found: ProgramData[] = [{ node: variables.X, value: { data: X, shape } }];
  if (weights && variables.weights) found.push({ node: variables.weights, value: { data: weights, shape } });
  if (places && variables.places) {
    for (const side of ['rows', 'columns'] as const) {
      found.push({ node: variables.places[side], value: { data: Float32Array.from(places[side]), shape } });
    }
  }
  return found;
}

/** The inputs of a program and what they are given, both by the same names. */
export function inputsOf(data: readonly ProgramData[]): {
  inputs: Record<string, Node>;
  values: Record<string, Tensor>;
} {
  return {
    inputs: Object.fromEntries(data.map(({ node }, k) => [`data_${k}`, node])),
    values: Object.fromEntries(data.map(({ value }, k) => [`data_${k}`, value])),
  };
}

/** What a solver carries from step to step beside the factors. */
export interface Memory {
  /** A shared value; its name is the key under which it is kept. */
  node: Node<'shared'>;
  next: Node;
  /** Its value at the start of a run. */
  initial(factors: Factors): Float32Array;
}

/** One iteration of a solver. */
export interface SolverProgram {
  variables: ObjectiveVariables;
  /** What it computes with, where that is not X, weights and places as they are. */
  data?: readonly ProgramData[];
  /** The whole objective before the step. */
  cost: Node;
  /** Σ_F ‖F‖·‖G_F‖. */
  stationarity: Node;
  rate: Node;
  nextW: Node;
  nextH: Node;
  /** Of a solver that knows biases. */
  nextBiases?: { rows: Node; columns: Node };
  memory?: readonly Memory[];
  /** Whether a step makes few large intermediates, such as all entries' rows of a factor. */
  large?: boolean;
  /** Whether it runs as it is written, for want of anything that rewriting could gain. */
  asWritten?: boolean;
  /** A value for each step of a run that is known beforehand: its leaf, and the values of `count` steps from step `first` of `planned`. */
  schedule?: { node: Node<'sequence'>; values(first: number, count: number, planned: number): ArrayLike<number> };
}

/** A scalar that a solver carries on, e.g. a rate that adapts. */
export const sharedScalar = (name: string, initial: number): Node<'shared'> =>
  shared({ data: Float32Array.of(initial), shape: [] }, name);

export async function compileSolver(
  program: SolverProgram,
  { W, H, biases }: DeclaredVariables,
  observations: Observations,
  rank: number,
  device: DeviceChoice,
  expectedSteps?: number,
): Promise<CompiledSolver> {
  const { rows, columns } = observations;
  const { cost, stationarity, rate, nextW, nextH, nextBiases, memory = [], schedule, asWritten } = program;
  const { inputs, values: given } = inputsOf(program.data ?? dataOf(observations, program.variables));
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
    ...(expectedSteps !== undefined && { expectedSteps }),
  });
  const values = async (node: Node): Promise<Float32Array> => Float32Array.from((await compiled.get(node)).data);
  let done = 0;
  let planned = 1;

  return {
    device: compiled.device,
    begin(state, iterationsDone, iterationsPlanned) {
      done = iterationsDone;
      planned = iterationsPlanned;
      compiled.set(W, { data: state.W, shape: [rows, rank] });
      compiled.set(H, { data: state.H, shape: [rank, columns] });
      if (biases) {
        compiled.set(biases.rows, { data: state.biases?.rows ?? new Float32Array(rows), shape: [rows] });
        compiled.set(biases.columns, { data: state.biases?.columns ?? new Float32Array(columns), shape: [columns] });
      }
      for (const { node, initial } of memory) {
        const { name, initial: declared } = node.attributes;
        compiled.set(node, { data: state.memory?.[name] ?? initial(state), shape: declared.shape });
      }
    },
    async advance(count) {
      const result = await compiled.run(given, {
        steps: count,
        ...(schedule && { sequences: { schedule: schedule.values(done, count, planned) } }),
      });
      done += count;
      return { objective: result.cost, stationarity: result.stationarity, rate: result.rate.at(-1) ?? 0 };
    },
    async state(): Promise<SolverState> {
      const kept = await Promise.all(
        memory.map(async ({ node }) => [node.attributes.name, await values(node)] as const),
      );
      return {
        W: await values(W),
        H: await values(H),
        ...(biases && {
          biases: { mean: biases.mean, rows: await values(biases.rows), columns: await values(biases.columns) },
        }),
        ...(kept.length > 0 && { memory: Object.fromEntries(kept) }),
      };
    },
    dispose: () => compiled.dispose(),
  };
}
