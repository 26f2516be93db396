import { compile } from '../../engine/compile';
import { matrix, shared, type Node } from '../../engine/graph';
import type { Tensor } from '../../engine/tensor';
import type { DeviceChoice } from '../devices';
import type { ObjectiveVariables } from '../objective';
import type { Observations } from '../observations';
import type { CompiledSolver, Factors, SolverState } from './solver';

/** X, its weights, W and H as leaves of a graph; W and H are what a solver updates. */
export function declareVariables({ rows, columns, weights }: Observations, rank: number): ObjectiveVariables {
  return {
    X: matrix('X', { shape: [rows, columns] }),
    ...(weights && { weights: matrix('weights', { shape: [rows, columns] }) }),
    W: shared({ data: new Float32Array(rows * rank), shape: [rows, rank] }, 'W'),
    H: shared({ data: new Float32Array(rank * columns), shape: [rank, columns] }, 'H'),
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
  /** The whole objective before the step. */
  cost: Node;
  /** Σ_F ‖F‖·‖G_F‖. */
  stationarity: Node;
  rate: Node;
  nextW: Node;
  nextH: Node;
  memory?: readonly Memory[];
  /** Whether loops have been rewritten and unrolled already, so that what is left for the engine is to run it. */
  unrolled?: boolean;
  /** A value for each step of a run that is known beforehand: its leaf, and the values of `count` steps from step `first` of `planned`. */
  schedule?: { node: Node<'sequence'>; values(first: number, count: number, planned: number): ArrayLike<number> };
}

/** A scalar that a solver carries on, e.g. a rate that adapts. */
export const sharedScalar = (name: string, initial: number): Node<'shared'> =>
  shared({ data: Float32Array.of(initial), shape: [] }, name);

export async function compileSolver(
  { variables, cost, stationarity, rate, nextW, nextH, memory = [], unrolled = false, schedule }: SolverProgram,
  { rows, columns, X, weights }: Observations,
  rank: number,
  device: DeviceChoice,
): Promise<CompiledSolver> {
  const { W, H } = variables;
  const compiled = await compile<string, string, 'cost' | 'stationarity' | 'rate'>({
    inputs: { X: variables.X, ...(variables.weights && { weights: variables.weights }) },
    ...(schedule && { sequences: { schedule: schedule.node } }),
    outputs: { cost, stationarity, rate },
    updates: [[W, nextW], [H, nextH], ...memory.map(({ node, next }) => [node, next])],
    optimize: !unrolled,
    device,
  });
  const inputs: Record<string, Tensor> = {
    X: { data: X, shape: [rows, columns] },
    ...(weights && { weights: { data: weights, shape: [rows, columns] } }),
  };
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
      for (const { node, initial } of memory) {
        const { name, initial: declared } = node.attributes;
        compiled.set(node, { data: state.memory?.[name] ?? initial(state), shape: declared.shape });
      }
    },
    async advance(count) {
      const result = await compiled.run(inputs, {
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
        ...(kept.length > 0 && { memory: Object.fromEntries(kept) }),
      };
    },
    dispose: () => compiled.dispose(),
  };
}
