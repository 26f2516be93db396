import type { Node } from '../../../engine';
import type { Loss, LossKind } from '../../../model/losses';

/** The mathematics of a loss, beside its record. Leaving a field out fails the type check. */
export interface LossDeclaration<L extends Loss> {
  /** The loss of every entry of X (rows×columns) when the model says Y. */
  entries(X: Node, Y: Node, loss: L): Node;
  /** The same for one entry, in float64. */
  value(x: number, y: number, loss: L): number;
  /** What the model expects of an entry for which W·H says y: y itself, or its inverse link. */
  expectation(y: number): number;
  /** The y for which the model expects this number: the inverse of `expectation`, finite at the ends of its range too. */
  link(mean: number): number;
  /** The y for which the model expects this number everywhere: the constant model that a fit is measured against. */
  constant(mean: number, loss: L): number;
  /** Mean square of W·H at a random start, from that of X: alike, or about 1 where y is not in X's units. */
  startMeanSquare(meanSquare: number): number;
  /** The least upper bound of the second derivative in y; Infinity where there is none. */
  curvature: number;
  /**
   * Arrays of X's size beside X itself that a step makes, in float32, of which most hold what depends on X alone. (Measured:
   * 3 with Huber's loss, 9 with the Kullback–Leibler divergence, 10 with the logistic loss. The squared loss on whole data
   * takes products with X.)
   */
  arraysOfStep: number;
  /**
   * For multiplicative updates: the part of the loss whose derivative in y is positive, and the power of the update
   * under which the objective cannot rise (Févotte & Idier 2011, sec. 4.1).
   */
  multiplicative?: { positivePart(Y: Node): Node; power: number };
}

const identity = (value: number): number => value;

/** Of a loss whose model expects W·H itself. */
export const withoutLink = { expectation: identity, link: identity, startMeanSquare: identity };

/** The declarations of some losses, under their names. */
export type LossDeclarations<Kind extends LossKind> = {
  readonly [K in Kind]: LossDeclaration<Extract<Loss, { kind: K }>>;
};
