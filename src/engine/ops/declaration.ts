import type { Attributes, DType, Node, OperatorName, Type } from '../graph';
import type { Emitter } from '../lower/emitter';

/** Float64 values of the interpreter; truth values are 0 and 1. */
export interface Values {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

/** Operands, or what stands for them: as many are there as the operator takes, which what makes its nodes sees to. */
export type Operands<T> = readonly [T, T, T, T, T, ...T[]];

/** A node of an operator. */
export type Result = Node & { readonly operands: Operands<Node> };

/** What reductions carry. */
export interface Reduction {
  /** Increasing, from 0. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Operands on which an operator is checked: where its gradient exists, away from kinks and poles. */
export interface Check<A> {
  /** Shapes of the operands. */
  readonly shapes: readonly (readonly number[])[];
  /** Range of each operand's values, or of all of them. */
  readonly range: readonly [number, number] | readonly (readonly [number, number])[];
  /** Operands that are truth values or whole numbers; the others are floats. */
  readonly dtypes?: readonly (DType | 'int')[];
  readonly attributes: A;
}

/** A check on operands of some shapes, whose values are at most 1 in size. */
export const check = <A>(attributes: A, ...shapes: readonly (readonly number[])[]): Check<A> => ({
  shapes,
  range: [-1, 1],
  attributes,
});

/** An operand in a batch: values side by side along a new first axis, or one value for all elements of the batch. */
export interface BatchOperand {
  readonly node: Node;
  readonly batched: boolean;
}

/**
 * What an operation is for a whole batch, when some operand is batched: a node with the batch's axis first. `node` is the
 * operation on one element. Undefined where no way is better than element by element.
 */
export type BatchRule<A> = (
  operands: Operands<BatchOperand>,
  attributes: A,
  node: Node,
  count: number,
) => Node | undefined;

/** All that the engine knows of an operator. */
export interface Declaration<A> {
  /** Whether element i of the result depends on the operands' elements i (after broadcasting) alone. */
  readonly elementwise?: boolean;
  /** Operations an element, as the cost model counts them: 1 where absent, as of a division; 0 for what only looks otherwise. */
  readonly operations?: number;
  /** The result's type, or why the operands do not fit. */
  infer(operands: Operands<Type>, attributes: A): Type | string;
  /**
   * Vector-Jacobian product: from the adjoint of the result, the adjoint of each operand, `undefined` where nothing
   * flows. An elementwise operator may answer in the result's shape; the sum over broadcast axes is made centrally.
   */
  vjp(adjoint: Node, node: Result, attributes: A): readonly (Node | undefined)[];
  /** Reference evaluation in float64; named sizes in attributes have been replaced by numbers. */
  evaluate(operands: Operands<Values>, attributes: A): Values;
  /** Writes ONNX nodes and answers with the name of the result. */
  lower(emitter: Emitter, inputs: Operands<string>, node: Node, attributes: A): string;
  /** What it is for a whole batch, where that is not the same operation with the batch's axis first. */
  readonly batch?: BatchRule<A>;
  readonly checks: readonly Check<A>[];
}

/** A declaration for every operator. */
export type OperatorRecord = { readonly [O in OperatorName]: Declaration<Attributes[O]> };

/** An operator's declaration as seen from a node of it. */
export interface AnyDeclaration extends Declaration<Attributes[OperatorName]> {
  vjp(adjoint: Node, node: Node, attributes: Attributes[OperatorName]): readonly (Node | undefined)[];
  evaluate(operands: readonly Values[], attributes: Attributes[OperatorName]): Values;
  lower(emitter: Emitter, inputs: readonly string[], node: Node, attributes: Attributes[OperatorName]): string;
}
