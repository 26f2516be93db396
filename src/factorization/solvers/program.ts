import { deviceFinder } from '../../devices/choose';
import { compile, placeholder, shared, type Node, type Tensor } from '../../engine';
import type { DeviceChoice } from '../../model/run';
import { lossOf } from '../objective/losses/losses';
import type { Model } from '../../model/model';
import type { ObjectiveVariables } from '../objective/objective';
import type { Observations } from '../observations';
import { onlyOf, type BatchSolver, type CompiledSolver, type SolverState } from './solver';
import type { Factors } from '../factors';

/** A model's variables as leaves of a graph; W, H and the biases are what a solver updates. */
export type DeclaredVariables = ObjectiveVariables & {
  W: Node<'shared'>;
  H: Node<'shared'>;
  biases?: { mean: number; rows: Node<'shared'>; columns: Node<'shared'> };
};

/** @param mean what the biases are added to, where they were learned before */
export function declareVariables(
  { rows, columns, X, weights, places, mean: meanOfX }: Observations,
  rank: number,
  { biases, loss }: Model,
  mean = lossOf(loss).link(meanOfX),
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
      found.push({ node: variables.places[side], value: { data: new Float32Array(places[side]), shape } });
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

/** A solver of one run at a time. */
export async function compileSolver(
  ...[program, variables, observations, rank, device, expectedSteps]: Parameters<typeof compileBatch>
): Promise<CompiledSolver> {
  return onlyOf(await compileBatch(program, variables, observations, rank, device, expectedSteps));
}

/** A solver of `size` runs at a time, which share the data: see the engine's `batch`. */
export async function compileBatch(
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
      const result = await compiled.run(given, {
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
