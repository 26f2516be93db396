import { placeholder, shared, type Node, type Tensor } from '../../engine';
import { lossOf } from '../objective/losses';
import type { Model } from '../../model/model';
import type { ObjectiveVariables } from '../objective/objective';
import { entryBlocks, type EntryBlock } from '../linear-algebra/entry-lines';
import type { Observations, SparseObservations } from '../observations';
import type { FactorName } from '../objective/penalties';
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

/** A shared value that begins at zero. */
const zeros = (shape: readonly number[], name: string): Node<'shared'> =>
  shared({ data: new Float32Array(shape.reduce((size, length) => size * length, 1)), shape }, name);

/** One of a factor's shape, such as its last step. */
export const zerosLike = (factor: Node, name: string): Node<'shared'> => zeros(factor.shape.map(Number), name);

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

/** A block of entries as leaves of the graph. */
export interface DeclaredBlock {
  lines: Node;
  places: Node;
  values: Node;
  weights?: Node;
}

export interface DeclaredBlocks {
  blocks: DeclaredBlock[];
  /** Where each line is in the blocks one after another. */
  order: Node;
  data: ProgramData[];
}

/**
 * The observed entries of a sparse X, cut into blocks of lines.
 *
 * @param name whether lines are the rows of X, for W, or its columns, for H
 * @param mean what is subtracted from every entry
 */
export function declareBlocks(observations: SparseObservations, name: FactorName, mean: number): DeclaredBlocks {
  const side = name === 'W' ? 'rows' : 'columns';
  const data: ProgramData[] = [];
  const declare = (label: string, values: Float32Array, shape: readonly number[]): Node => {
    const node = placeholder(`${label} of ${side}`, shape);
    data.push({ node, value: { data: values, shape } });
    return node;
  };
  const found = entryBlocks(observations, side, mean);
  const position = new Float32Array(observations[side]);
  let before = 0;
  const blocks = found.map(({ lines, width, places, values, weights }: EntryBlock, k): DeclaredBlock => {
    lines.forEach((line, i) => (position[line] = before + i));
    before += lines.length;
    const shape = [lines.length, width];
    return {
      lines: declare(`lines ${k}`, lines, [lines.length]),
      places: declare(`places ${k}`, places, shape),
      values: declare(`values ${k}`, values, shape),
      ...(weights && { weights: declare(`weights ${k}`, weights, shape) }),
    };
  });
  return { blocks, order: declare('order', position, [position.length]), data };
}

/** What a solver carries from step to step beside the factors. */
export interface Memory {
  /** A shared value; its name is the key under which it is kept. */
  node: Node<'shared'>;
  next: Node;
  /** Its value at the start of a run. */
  initial(factors: Factors): Float32Array;
}

/** What has a factor's shape and is zero at the start of a run. */
export const zeroAtFirst = (node: Node<'shared'>, next: Node, name: FactorName): Memory => ({
  node,
  next,
  initial: (factors) => new Float32Array(factors[name].length),
});

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
