import {
  add,
  broadcastTo,
  concatenate,
  greater,
  matmul,
  matrixTranspose,
  mul,
  reshape,
  slice,
  squeeze,
  toFloat,
  transpose,
  unsqueeze,
} from '../functions';
import { make, type Node } from '../graph';
import { isKnown, sizeOf, type Dim } from '../shape';
import type { BatchOperand, BatchRule } from './declaration';

/** An operand with the batch's axis, repeated along it where it is the same for all. */
export function spread({ node, batched }: BatchOperand, count: number): Node {
  if (batched) return node;
  const repeated = broadcastTo(node, [count, ...node.shape]);
  return node.dtype === 'bool' ? greater(repeated, 0) : repeated;
}

/** One element of a batch. */
export function elementOf(batch: Node, at: number): Node {
  if (batch.dtype === 'bool') return greater(elementOf(toFloat(batch), at), 0);
  return squeeze(slice(batch, at, at + 1), 0);
}

/** Elements as a batch. */
export function stack(elements: readonly Node[]): Node {
  const stacked = concatenate(
    elements.map((element) => unsqueeze(toFloat(element), 0)),
    0,
  );
  return elements[0]?.dtype === 'bool' ? greater(stacked, 0) : stacked;
}

/** With axes of size 1 after the batch's. */
export const unsqueezed = (batch: Node, missing: number): Node =>
  unsqueeze(
    batch,
    Array.from({ length: missing }, (_, i) => i + 1),
  );

/** Indices of its own for each element, into one table: the batch's axis arises where the indices go. */
export const takeBatch: BatchRule<{ axis: number }> = ([x, indices], { axis }) => {
  if (x.batched && indices.batched) return undefined;
  if (x.batched) return make('take', [x.node, indices.node], { axis: axis + 1 });
  const taken = make('take', [x.node, indices.node], { axis });
  const order = taken.shape.map((_, i) => i).filter((i) => i !== axis);
  return transpose(taken, [axis, ...order]);
};

export const scatterBatch: BatchRule<{ axis: number; size: Dim }> = ([x, indices], { axis, size }) =>
  x.batched && !indices.batched ? make('scatterAdd', [x.node, indices.node], { axis: axis + 1, size }) : undefined;

/**
 * A matrix that is the same for all is multiplied once, by all of the batch's matrices side by side: it is read from
 * memory once, and one wide product is faster than several narrow ones.
 */
function productBatch(a: BatchOperand, b: BatchOperand): Node {
  if (a.batched && b.batched) return matmul(withRank(a.node, b.node.rank), withRank(b.node, a.node.rank));
  if (a.batched) return timesShared(withRank(a.node, b.node.rank + 1), b.node);
  return matrixTranspose(timesShared(matrixTranspose(withRank(b.node, a.node.rank + 1)), matrixTranspose(a.node)));
}

/** A batch as one of tensors of a higher rank. */
const withRank = (batch: Node, rank: number): Node => unsqueezed(batch, Math.max(0, rank - batch.rank));

/** Batch [count, p, k] times a matrix [k, q]: one product of [count·p, k] with it, where p is known. */
function timesShared(batch: Node, matrix: Node): Node {
  const [count = 1, rows = 1] = batch.shape;
  const leading = [count, rows];
  if (batch.rank !== 3 || matrix.rank !== 2 || !isKnown(leading)) return matmul(batch, matrix);
  const tall = reshape(batch, [sizeOf(leading), batch.shape[2] ?? 1]);
  return reshape(matmul(tall, matrix), [...leading, matrix.shape[1] ?? 1]);
}

export const matmulBatch: BatchRule<unknown> = ([a, b]) => productBatch(a, b);

export const gemmBatch: BatchRule<{ transA: boolean; transB: boolean; alpha: number }> = (operands, attributes) => {
  const [a, b] = operands;
  const { transA, transB, alpha } = attributes;
  const oriented = ({ node, batched }: BatchOperand, transposed: boolean): BatchOperand => ({
    node: transposed ? matrixTranspose(node) : node,
    batched,
  });
  const [left, right] = [oriented(a, transA), oriented(b, transB)];
  const product = left.batched || right.batched ? productBatch(left, right) : matmul(left.node, right.node);
  const scaled = alpha === 1 ? product : mul(alpha, product);
  return operands.length > 2 ? add(scaled, operands[2].node) : scaled;
};

/** The data's sums of squares are the same for all; P, F, W and H have the batch's axis if one of them has. */
export const gramDistanceBatch: BatchRule<unknown> = ([rows, ...others], _, __, count) =>
  rows.batched ? undefined : make('gramDistance', [rows.node, ...others.map((x) => spread(x, count))], {});
