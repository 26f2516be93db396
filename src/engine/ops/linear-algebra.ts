import { matmul, matrixTranspose, sumLike } from '../functions';
import { broadcastShapes, mayEqual, sizeOf } from '../shape';
import type { OperatorRecord, Values } from './declaration';
import { broadcastTo } from './values';

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

const none: Values = { data: new Float64Array(), shape: [0, 0] };

export const linearAlgebra: OperatorRecord<'matmul'> = {
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
    checks: [
      {
        shapes: [
          [3, 4],
          [4, 2],
        ],
        range: [-1, 1],
        attributes: {},
      },
      {
        shapes: [
          [2, 3, 4],
          [2, 4, 2],
        ],
        range: [-1, 1],
        attributes: {},
      },
      {
        shapes: [
          [2, 3, 4],
          [4, 2],
        ],
        range: [-1, 1],
        attributes: {},
      },
    ],
  },
};
