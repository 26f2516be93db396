import { broadcastLike, matmul, matrixTranspose, mul, sum, sumLike, transpose, unsqueeze } from '../functions';
import { broadcastShapes, mayEqual, sizeOf, type Dim, type Shape } from '../shape';
import { gemmBatch, gramDistanceBatch, matmulBatch } from './batching';
import { check, type OperatorRecord, type Values } from './declaration';
import { broadcastTo, map, permute, reduce, sumOf } from './values';

declare module '../graph' {
  interface Attributes {
    matmul: None;
    /** alpha·A·B of matrices, either one transposed, and perhaps a summand of the product's shape. Made by rewriting. */
    gemm: { readonly transA: boolean; readonly transB: boolean; readonly alpha: number };
    /** ‖X − W·H‖² from the sums of squares of X's rows, P, F, W and H: see `rewrite/gram.ts`. Made by rewriting. */
    gramDistance: None;
  }
}

function multiply(a: Values, b: Values): Values {
  const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]) as readonly number[];
  const [n, k, m] = [a.shape.at(-2)!, a.shape.at(-1)!, b.shape.at(-1)!];
  const left = broadcastTo(a, [...batch, n, k]).data;
  const right = broadcastTo(b, [...batch, k, m]).data;
  const shape = [...batch, n, m];
  const data = new Float64Array(sizeOf(shape));
  for (let row = 0; row < sizeOf(batch) * n; row++) {
    const block = Math.floor(row / n) * k;
    for (let inner = 0; inner < k; inner++) {
      const factor = left[row * k + inner]!;
      for (let column = 0; column < m; column++) {
        data[row * m + column]! += factor * right[(block + inner) * m + column]!;
      }
    }
  }
  return { data, shape };
}

const sameLength = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => mayEqual(dim, b[i] ?? 1));
/** The permutation that exchanges the last two of so many axes. */
const swapLast = (rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
export const linearAlgebra = {
  matmul: {
    infer([a, b]) {
      if (a.shape.length < 2 || b.shape.length < 2) return 'both operands must be matrices';
      const [inner, other] = [a.shape.at(-1)!, b.shape.at(-2)!];
      if (!mayEqual(inner, other)) return `${inner} columns meet ${other} rows`;
      const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
      if (!batch) return 'the batches do not broadcast';
      return { shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!], dtype: 'float' };
    },
    vjp: (g, { operands: [a, b] }) => [
      sumLike(matmul(g, matrixTranspose(b)), a),
      sumLike(matmul(matrixTranspose(a), g), b),
    ],
    evaluate: ([a, b]) => multiply(a, b),
    lower: (e, inputs) => e.node('MatMul', inputs),
    batch: matmulBatch,
    checks: [check({}, [3, 4], [4, 2]), check({}, [2, 3, 4], [2, 4, 2]), check({}, [2, 3, 4], [4, 2])],
  },
  gemm: {
    infer(operands, { transA, transB }) {
      const [a, b] = operands;
      if (a.shape.length !== 2 || b.shape.length !== 2) return 'both operands must be matrices';
      const [rows, inner] = (transA ? a.shape.toReversed() : a.shape) as [Dim, Dim];
      const [other, columns] = (transB ? b.shape.toReversed() : b.shape) as [Dim, Dim];
      if (!mayEqual(inner, other)) return `${inner} columns meet ${other} rows`;
      const isMisfit = operands.length > 2 && !sameLength(operands[2].shape, [rows, columns]);
      return isMisfit ? 'the summand differs in shape' : { shape: [rows, columns], dtype: 'float' };
    },
    vjp(adjoint, { operands: [a, b, ...rest] }, { transA, transB, alpha }) {
      const g = mul(alpha, adjoint);
      const [left, right] = [transA ? transpose(a) : a, transB ? transpose(b) : b];
      const [toLeft, toRight] = [matmul(g, transpose(right)), matmul(transpose(left), g)];
      return [transA ? transpose(toLeft) : toLeft, transB ? transpose(toRight) : toRight, ...rest.map(() => adjoint)];
    },
    evaluate([a, b, ...rest], { transA, transB, alpha }) {
      const { data, shape } = multiply(transA ? permute(a, [1, 0]) : a, transB ? permute(b, [1, 0]) : b);
      return { data: data.map((x, i) => rest.reduce((sum, c) => sum + c.data[i]!, alpha * x)), shape };
    },
    lower: (e, inputs, _, { transA, transB, alpha }) =>
      transA || transB || alpha !== 1 || inputs.length > 2
        ? e.node('Gemm', inputs, { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } })
        : e.node('MatMul', inputs),
    batch: gemmBatch,
    checks: [
      check({ transA: false, transB: false, alpha: 2 }, [3, 4], [4, 2]),
      check({ transA: true, transB: true, alpha: -1 }, [4, 3], [2, 4]),
      check({ transA: false, transB: false, alpha: 0.5 }, [3, 4], [4, 2], [3, 2]),
    ],
  },
  gramDistance: {
    operations: 4,
    infer: ([rows, p, f]) =>
      rows.shape.length === 1 && sameLength(p.shape, f.shape)
        ? { shape: p.shape.slice(0, -2), dtype: 'float' }
        : 'P and F differ in shape',
    vjp(adjoint, { operands: [rows, p, f, w, h] }) {
      const g = adjoint.rank === 0 ? adjoint : unsqueeze(adjoint, [adjoint.rank, adjoint.rank + 1]);
      const [left, right] = [matmul(matrixTranspose(w), w), matmul(h, matrixTranspose(h))];
      return [
        broadcastLike(sum(adjoint), rows),
        mul(mul(-2, g), f),
        mul(mul(-2, g), p),
        mul(mul(2, g), matmul(w, right)),
        mul(mul(2, g), matmul(left, h)),
      ];
    },
    evaluate([rows, p, f, w, h]) {
      const rank = p.shape.length;
      const swapped = (x: Values): Values => permute(x, swapLast(rank));
      const dot = (a: Values, b: Values): Values =>
        reduce(
          map([a, b], (x, y) => x * y),
          { axes: [rank - 2, rank - 1], keepDims: false },
          sumOf,
        );
      const grams = dot(multiply(swapped(w), w), multiply(h, swapped(h)));
      return map([dot(p, f), grams], (products, squares) => sumOf(rows.data) - 2 * products + squares);
    },
    lower(e, [rows, p, f, w, h], node) {
      const total = (x: string, ...axes: number[]): string =>
        e.node('ReduceSum', [x, e.integers(axes)], { keepdims: 0 });
      // Gemm, which knows no batch, reads its transposed operand as it lies: a copy in float64 is as much as two factors.
      const product = (a: string, b: string, transA: number, transB: number): string => {
        if (node.rank === 0) return e.node('Gemm', [a, b], { transA, transB });
        const swapped = (x: string): string => e.node('Transpose', [x], { perm: swapLast(node.rank + 2) });
        return e.node('MatMul', [transA ? swapped(a) : a, transB ? swapped(b) : b]);
      };
      const products = total(e.node('Mul', [p, f]), -1);
      const [wide, high] = [e.toDouble(w), e.toDouble(h)];
      const grams = total(e.node('Mul', [product(wide, wide, 1, 0), product(high, high, 0, 1)]), -2, -1);
      const twice = e.node('Mul', [e.double(2), total(e.toDouble(products), -1)]);
      return e.toFloat(e.node('Add', [e.node('Sub', [total(e.toDouble(rows), 0), twice]), grams]));
    },
    batch: gramDistanceBatch,
    checks: [
      { ...check({}, [4], [4, 2], [4, 2], [4, 2], [2, 3]), range: [0.5, 1] },
      { ...check({}, [4], [3, 4, 2], [3, 4, 2], [3, 4, 2], [3, 2, 3]), range: [0.5, 1] },
    ],
  },
} satisfies Partial<OperatorRecord>;
