import { broadcastLike, matmul, matrixTranspose, mul, sum, sumLike, transpose, unsqueeze } from '../functions';
import { broadcastShapes, mayEqual, sizeOf, type Shape } from '../shape';
import { gemmBatch, gramDistanceBatch, matmulBatch } from './batching';
import { each, type OperatorRecord, type Values } from './declaration';
import { none, broadcastTo, permute } from './values';

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
  const [n, k, m] = [a.shape.at(-2) ?? 1, a.shape.at(-1) ?? 1, b.shape.at(-1) ?? 1];
  const left = broadcastTo(a, [...batch, n, k]).data;
  const right = broadcastTo(b, [...batch, k, m]).data;
  const shape = [...batch, n, m];
  const data = new Float64Array(sizeOf(shape));
  for (let row = 0; row < sizeOf(batch) * n; row++) {
    const block = Math.floor(row / n) * k;
    for (let inner = 0; inner < k; inner++) {
      const factor = left[row * k + inner] ?? NaN;
      for (let column = 0; column < m; column++) {
        data[row * m + column]! += factor * (right[(block + inner) * m + column] ?? NaN);
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
    elementwise: false,
    infer([a, b]) {
      if (!a || !b || a.shape.length < 2 || b.shape.length < 2) return 'both operands must be matrices';
      const [inner, other] = [a.shape.at(-1) ?? 1, b.shape.at(-2) ?? 1];
      if (!mayEqual(inner, other)) return `${inner} columns meet ${other} rows`;
      const batch = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
      if (!batch) return 'the batches do not broadcast';
      return { shape: [...batch, a.shape.at(-2) ?? 1, b.shape.at(-1) ?? 1], dtype: 'float' };
    },
    vjp: (adjoint, { operands: [a, b] }) =>
      a && b ? [sumLike(matmul(adjoint, matrixTranspose(b)), a), sumLike(matmul(matrixTranspose(a), adjoint), b)] : [],
    evaluate: ([a = none, b = none]) => multiply(a, b),
    lower: (e, inputs) => e.node('MatMul', inputs),
    batch: matmulBatch,
    checks: [
      { shapes: each([3, 4], [4, 2]), range: [-1, 1], attributes: {} },
      { shapes: each([2, 3, 4], [2, 4, 2]), range: [-1, 1], attributes: {} },
      { shapes: each([2, 3, 4], [4, 2]), range: [-1, 1], attributes: {} },
    ],
  },
  gemm: {
    elementwise: false,
    infer([a, b, c], { transA, transB }) {
      if (a?.shape.length !== 2 || b?.shape.length !== 2) return 'both operands must be matrices';
      const [rows, inner] = transA ? a.shape.toReversed() : a.shape;
      const [other, columns] = transB ? b.shape.toReversed() : b.shape;
      if (!mayEqual(inner ?? 1, other ?? 1)) return `${inner ?? '?'} columns meet ${other ?? '?'} rows`;
      const shape = [rows ?? 1, columns ?? 1];
      return c && !sameLength(c.shape, shape) ? 'the summand differs in shape' : { shape, dtype: 'float' };
    },
    vjp(adjoint, { operands: [a, b, c] }, { transA, transB, alpha }) {
      if (!a || !b) return [];
      const g = mul(alpha, adjoint);
      const [left, right] = [transA ? transpose(a) : a, transB ? transpose(b) : b];
      const [toLeft, toRight] = [matmul(g, transpose(right)), matmul(transpose(left), g)];
      const toFactors = [transA ? transpose(toLeft) : toLeft, transB ? transpose(toRight) : toRight];
      return c ? [...toFactors, adjoint] : toFactors;
    },
    evaluate([a = none, b = none, c], { transA, transB, alpha }) {
      const product = multiply(transA ? permute(a, [1, 0]) : a, transB ? permute(b, [1, 0]) : b);
      return { data: product.data.map((x, i) => alpha * x + (c?.data[i] ?? 0)), shape: product.shape };
    },
    lower: (e, inputs, _, { transA, transB, alpha }) =>
      transA || transB || alpha !== 1 || inputs.length > 2
        ? e.node('Gemm', inputs, { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } })
        : e.node('MatMul', inputs),
    batch: gemmBatch,
    checks: [
      { shapes: each([3, 4], [4, 2]), range: [-1, 1], attributes: { transA: false, transB: false, alpha: 2 } },
      { shapes: each([4, 3], [2, 4]), range: [-1, 1], attributes: { transA: true, transB: true, alpha: -1 } },
      {
        shapes: each([3, 4], [4, 2], [3, 2]),
        range: [-1, 1],
        attributes: { transA: false, transB: false, alpha: 0.5 },
      },
    ],
  },
  gramDistance: {
    elementwise: false,
    infer: ([rows, p, f, w, h]) =>
      rows?.shape.length === 1 && p && f && w && h && sameLength(p.shape, f.shape)
        ? { shape: p.shape.slice(0, -2), dtype: 'float' }
        : 'P and F differ in shape',
    vjp(adjoint, { operands: [rows, p, f, w, h] }) {
      if (!rows || !p || !f || !w || !h) return [];
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
    evaluate([rows = none, p = none, f = none, w = none, h = none]) {
      const swapped = (x: Values): Values => permute(x, swapLast(x.shape.length));
      const left = multiply(swapped(w), w);
      const right = multiply(h, swapped(h));
      const total = rows.data.reduce((sum, x) => sum + x, 0);
      const shape = p.shape.slice(0, -2);
      const dot = (a: Values, b: Values, at: number): number => {
        const length = a.data.length / sizeOf(shape);
        const part = a.data.subarray(at * length, (at + 1) * length);
        return part.reduce((total, x, i) => total + x * (b.data[at * length + i] ?? NaN), 0);
      };
      const data = Float64Array.from(
        { length: sizeOf(shape) },
        (_, at) => total - 2 * dot(p, f, at) + dot(left, right, at),
      );
      return { data, shape };
    },
    lower(e, [rows = '', p = '', f = '', w = '', h = ''], node) {
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
      { shapes: each([4], [4, 2], [4, 2], [4, 2], [2, 3]), range: [0.5, 1], attributes: {} },
      { shapes: each([4], [3, 4, 2], [3, 4, 2], [3, 4, 2], [3, 2, 3]), range: [0.5, 1], attributes: {} },
    ],
  },
} satisfies Partial<OperatorRecord>;
