import type { Node } from '../graph';
import type { Shape } from '../shape';
import type { Tensor } from '../tensor';

type None = Record<string, never>;

/** What leaves carry. */
export interface LeafAttributes {
  constant: { readonly value: Tensor };
  input: { readonly name: string };
  sequence: { readonly name: string };
  shared: { readonly name: string; readonly initial: Tensor };
  state: { readonly name: string; readonly turns: number };
}

/** Every operator, with the attributes its nodes carry. An operator is added here and in the record of its family. */
export interface OperatorAttributes {
  // Elementwise, one operand.
  neg: None;
  abs: None;
  sign: None;
  exp: None;
  log: None;
  log1p: None;
  expm1: None;
  sqrt: None;
  square: None;
  sigmoid: None;
  tanh: None;
  relu: None;
  softplus: None;
  erf: None;
  lgamma: None;
  /** Derivative n + 1 of lgamma; n = 0 is digamma. */
  polygamma: { readonly n: number };
  isnan: None;
  /** Its operand, through which no gradient flows. */
  stop: None;
  toFloat: None;
  not: None;
  // Elementwise, broadcasting.
  add: None;
  sub: None;
  mul: None;
  div: None;
  pow: None;
  maximum: None;
  minimum: None;
  clip: None;
  equal: None;
  greater: None;
  greaterEqual: None;
  where: None;
  /** The second operand where the first, a single truth value, holds, else the third; only that one is computed. */
  ifElse: None;
  // Reductions.
  sum: Reduction;
  max: Reduction;
  min: Reduction;
  prod: Reduction;
  /** Sum of squares. Made by rewriting. */
  sumSquares: Reduction;
  /** Index of the largest element along an axis, as a float; the first of several. */
  argmax: { readonly axis: number };
  /** Running sum along an axis; from the end if `reverse`. */
  cumsum: { readonly axis: number; readonly reverse: boolean };
  // Linear algebra.
  matmul: None;
  /** alpha·A·B of matrices, either one transposed, and perhaps a summand of the product's shape. Made by rewriting. */
  gemm: { readonly transA: boolean; readonly transB: boolean; readonly alpha: number };
  /** ‖X − W·H‖² from the sums of squares of X's rows, P, F, W and H: see `rewrite/gram.ts`. Made by rewriting. */
  gramDistance: None;
  // Form.
  transpose: { readonly permutation: readonly number[] };
  reshape: { readonly shape: Shape };
  unsqueeze: { readonly axes: readonly number[] };
  squeeze: { readonly axes: readonly number[] };
  broadcastTo: { readonly shape: Shape };
  concatenate: { readonly axis: number };
  /** Elements start, start + step, … before stop along an axis. */
  slice: { readonly axis: number; readonly start: number; readonly stop: number; readonly step: number };
  /** Slices of the first operand along an axis, at the whole numbers of the second; they replace that axis. */
  take: { readonly axis: number };
  /** Zeros of size `size` along an axis, to which the first operand's slices are added at the indices of the second. */
  scatterAdd: { readonly axis: number; readonly size: number | string };
  /** The product of sizes, as a scalar. It has no operand: a run knows what its named sizes are. */
  size: { readonly dims: Shape };
}

export interface Reduction {
  /** Increasing, from 0. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** What is neither leaf nor operator: a loop, whose body is part of the graph (see `loops.ts`). */
export interface LoopAttributes {
  /** State `index` after the last turn. The operands are the states' initial values, then what each becomes in a turn. */
  iterate: { readonly states: readonly Node<'state'>[]; readonly index: number };
}

export interface Attributes extends LeafAttributes, OperatorAttributes, LoopAttributes {}
export type LeafName = keyof LeafAttributes;
export type OperatorName = keyof OperatorAttributes;
/** The operators whose nodes carry nothing. */
export type PlainOperator = { [O in OperatorName]: OperatorAttributes[O] extends None ? O : never }[OperatorName];
