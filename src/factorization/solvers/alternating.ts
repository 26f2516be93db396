import {
  concatenate,
  matmul,
  reshape,
  slice,
  squeeze,
  take,
  transpose,
  unsqueeze,
  constant,
  type Node,
} from '../../engine';
import type { Model } from '../../model/model';
import type { AlternatingOptions } from '../../model/solvers';
import { biasPenalty, fullObjective, penaltyTerm, type ObjectiveVariables } from '../objective/objective';
import type { Observations } from '../observations';
import { type FactorName, balancingScale } from '../objective/penalties';
import { conjugateGradients } from './bounded-quadratic';
import type { SolverDeclaration } from './solver';
import { dataOf, declareBlocks, type DeclaredBlocks, type ProgramData, type SolverProgram } from './program';

export const alternating: SolverDeclaration<AlternatingOptions> = {
  id: 'als',
  refuses({ loss, penalties, constraints }) {
    if (loss.kind !== 'squared') return `it knows the squared loss alone, not the ${loss.kind} loss`;
    const { W, H } = penalties;
    if ([W, H].some(({ l2: _, ...others }) => Object.values(others).some((weight) => weight > 0)))
      return 'of the penalties it knows L2 alone';
    if (constraints.W.kind !== 'none' || constraints.H.kind !== 'none') return 'it knows no constraints';
    return undefined;
  },
  learnsBiases: true,
  monotone: () => true,
  steps: 'graph',
  program: alternatingProgram,
  rests: 'still',
};

/**
 * The normal equations of one factor's rows, the other factor fixed: (TᵀDT + Λ)·z = TᵀD·t for every row z of Z, with T the
 * rows of the other factor where the row has entries, t those entries less what is fixed, D their weights.
 */
interface NormalEquations {
  /** Right side less left side at the present Z: what is left to solve, and half the negative gradient. */
  residual: Node;
  /** The change of Z that (nearly) solves them. */
  change: Node;
  /** Σ weight·(x − model)² at the present Z, where the block has it at hand. */
  loss?: Node;
}

/**
 * One factor with its bias as a last column, so that one quadratic covers both: Z is [W | b] or [Hᵀ | c]; T is then
 * [Hᵀ | 1] or [W | 1], and the other side's bias is subtracted from the entries.
 */
interface Side {
  /** lines×width. */
  Z: Node;
  /** places×width, what the fixed factor says of each place along a line. */
  T: Node;
  /** Of the fixed side, one a place. */
  offset?: Node;
  /** Penalty of each column of Z. */
  ridge: Node;
}

/**
 * Alternating least squares. Every row's normal equations are set up and solved at once: for full data they share one
 * matrix; where entries are missing each row has its own. Of a sparse X the observed entries alone are looked at.
 */
function alternatingProgram(
  model: Model,
  { inner }: AlternatingOptions,
  variables: ObjectiveVariables,
  observations: Observations,
): SolverProgram {
  const sparse = observations.places ? observations : undefined;
  const mean = variables.biases?.mean ?? 0;
  const data: ProgramData[] = [];
  const solve = (at: ObjectiveVariables, name: FactorName): NormalEquations => {
    const side = sideOf(model, at, name);
    if (!sparse) return denseEquations(at, side, name, inner);
    const blocks = declareBlocks(sparse, name, mean);
    data.push(...blocks.data);
    return sparseEquations(blocks, side, inner);
  };

  const first = solve(variables, 'W');
  const W = updated(variables, 'W', first.change);
  const second = solve(W, 'H');
  const H = updated(W, 'H', second.change);
  const scale = balancingScale(model, H.W, H.H);
  const stationarityOf = (side: Side, { residual }: NormalEquations): Node => side.Z.norm().mul(residual.norm()).mul(2);
  const { loss } = first;
  return {
    variables,
    data: sparse ? data : dataOf(observations, variables),
    cost: loss
      ? loss.add(penaltyTerm(model, variables.W, variables.H)).add(biasPenalty(model, variables))
      : fullObjective(model, variables),
    asWritten: sparse !== undefined,
    large: sparse !== undefined,
    stationarity: stationarityOf(sideOf(model, variables, 'W'), first).add(
      stationarityOf(sideOf(model, W, 'H'), second),
    ),
    rate: constant(1),
    nextW: scale ? H.W.mul(scale) : H.W,
    nextH: scale ? H.H.div(scale.T) : H.H,
    ...(H.biases && { nextBiases: H.biases }),
  };
}

const columnOf = (values: Node): Node => unsqueeze(values, 1);

function sideOf({ penalties, biases: penalty }: Model, { W, H, biases }: ObjectiveVariables, name: FactorName): Side {
  const [factor, fixed] = name === 'W' ? [W, H.T] : [H.T, W];
  const ridges = new Array<number>(Number(factor.shape[1])).fill(penalties[name].l2);
  if (!biases) return { Z: factor, T: fixed, ridge: vectorOf(ridges) };
  const [own, offset] = name === 'W' ? [biases.rows, biases.columns] : [biases.columns, biases.rows];
  const ones = new Array<number>(Number(fixed.shape[0])).fill(1);
  return {
    Z: concatenate([factor, columnOf(own)], 1),
    T: concatenate([fixed, columnOf(vectorOf(ones))], 1),
    offset,
    ridge: vectorOf([...ridges, penalty?.l2 ?? 0]),
  };
}

const vectorOf = (values: readonly number[]): Node =>
  constant({ data: Float64Array.from(values), shape: [values.length] });

/** The variables after Z of one side has changed. */
function updated(variables: ObjectiveVariables, name: FactorName, change: Node): ObjectiveVariables {
  const { W, H, biases } = variables;
  const rank = Number(W.shape[1]);
  const ofFactor = biases ? slice(change, 0, rank, { axis: 1 }) : change;
  const factors = name === 'W' ? { W: W.add(ofFactor) } : { H: H.add(ofFactor.T) };
  if (!biases) return { ...variables, ...factors };
  const ofBias = squeeze(slice(change, rank, rank + 1, { axis: 1 }), 1);
  const side = name === 'W' ? 'rows' : 'columns';
  return { ...variables, ...factors, biases: { ...biases, [side]: biases[side].add(ofBias) } };
}

function denseEquations(
  { X, weights, biases }: ObjectiveVariables,
  { Z, T, offset, ridge }: Side,
  name: FactorName,
  inner: number,
): NormalEquations {
  const oriented = (matrix: Node): Node => (name === 'W' ? matrix : matrix.T);
  const entries = biases ? oriented(X).sub(biases.mean) : oriented(X);
  const target = offset ? entries.sub(offset) : entries;
  const D = weights && oriented(weights);
  if (!D) {
    const gram = T.T.matmul(T).add(diagonalMatrix(ridge));
    const residual = target.matmul(T).sub(Z.matmul(gram));
    const diagonal = T.square().sum(0).add(ridge);
    return { residual, change: conjugateGradients((p) => p.matmul(gram), residual, diagonal, inner) };
  }
  const residual = target.sub(Z.matmul(T.T)).mul(D).matmul(T).sub(Z.mul(ridge));
  const diagonal = D.matmul(T.square()).add(ridge);
  const apply = (p: Node): Node => p.matmul(T.T).mul(D).matmul(T).add(p.mul(ridge));
  return { residual, change: conjugateGradients(apply, residual, diagonal, inner) };
}

function sparseEquations({ blocks, order }: DeclaredBlocks, side: Side, inner: number): NormalEquations {
  const width = Number(side.T.shape[1]);
  // Padding looks up a row of zeros, which adds nothing to the equations.
  const T = concatenate([side.T, constant({ data: new Float64Array(width), shape: [1, width] })], 0);
  const offset = side.offset && concatenate([side.offset, vectorOf([0])], 0);
  const solved = blocks.map(({ lines, places, values, weights }) => {
    const G = take(T, places);
    const z = take(side.Z, lines);
    const target = offset ? values.sub(take(offset, places)) : values;
    const errors = target.sub(squeeze(matmul(G, unsqueeze(z, 2)), 2));
    const weightedErrors = weights ? errors.mul(weights) : errors;
    const weightedG = weights ? G.mul(unsqueeze(weights, 2)) : G;
    const gram = matmul(transpose(weightedG, [0, 2, 1]), G).add(diagonalMatrix(side.ridge));
    const residual = squeeze(matmul(unsqueeze(weightedErrors, 1), G), 1).sub(z.mul(side.ridge));
    return { gram, residual, loss: errors.mul(weightedErrors).sum() };
  });
  const joined = (parts: readonly Node[]): Node => (parts.length === 1 ? parts[0]! : concatenate(parts, 0));
  // All blocks' lines are solved together: a system is small, and so is the graph that solves them.
  const gram = joined(solved.map((block) => block.gram));
  const residual = joined(solved.map((block) => block.residual));
  const lines = Number(residual.shape[0]);
  const diagonal = slice(reshape(gram, [lines, width * width]), 0, width * width, { axis: 1, step: width + 1 });
  const apply = (p: Node): Node => squeeze(matmul(gram, unsqueeze(p, 2)), 2);
  return {
    residual: take(residual, order),
    change: take(conjugateGradients(apply, residual, diagonal, inner), order),
    loss: solved.map(({ loss }) => loss).reduce((sum, loss) => sum.add(loss)),
  };
}

const diagonalMatrix = (values: Node): Node => {
  const size = Number(values.shape[0]);
  const identity = Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0));
  return constant({ data: identity, shape: [size, size] }).mul(values);
};
