import { reshape, squeeze, sumLike, transpose, unsqueeze } from '../functions';
import { broadcastShapes, formatShape, isKnown, mayEqual, sizeOf, type Shape } from '../shape';
import type { OperatorRecord, Values } from './declaration';
import { broadcastTo, permute } from './values';

const known = (shape: Shape): readonly number[] => {
  if (!isKnown(shape)) throw new Error(`the sizes ${formatShape(shape)} are not known`);
  return shape;
};
const none: Values = { data: new Float64Array(), shape: [] };
const inverse = (permutation: readonly number[]): number[] => permutation.map((_, axis) => permutation.indexOf(axis));

export const form: OperatorRecord<'transpose' | 'reshape' | 'unsqueeze' | 'squeeze' | 'broadcastTo' | 'size'> = {
  transpose: {
    elementwise: false,
    infer([x], { permutation }) {
      if (!x || permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length) {
        return `[${permutation.join(', ')}] is not an order of its axes`;
      }
      return { shape: permutation.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype };
    },
    vjp: (adjoint, _, { permutation }) => [transpose(adjoint, inverse(permutation))],
    evaluate: ([x = none], { permutation }) => permute(x, permutation),
    lower: (e, inputs, _, { permutation }) => e.node('Transpose', inputs, { perm: permutation }),
    checks: [
      { shapes: [[3, 4]], range: [-1, 1], attributes: { permutation: [1, 0] } },
      { shapes: [[2, 3, 4]], range: [-1, 1], attributes: { permutation: [2, 0, 1] } },
    ],
  },
  reshape: {
    elementwise: false,
    infer([x], { shape }) {
      if (!x) return 'no operand';
      if (isKnown(shape) && isKnown(x.shape) && sizeOf(shape) !== sizeOf(x.shape)) {
        return `${sizeOf(x.shape)} elements do not fill ${formatShape(shape)}`;
      }
      return { shape, dtype: x.dtype };
    },
    vjp: (adjoint, { operands: [x] }) => (x ? [reshape(adjoint, x.shape)] : []),
    evaluate: ([x = none], { shape }) => ({ data: x.data, shape: known(shape) }),
    lower: (e, [x = ''], _, { shape }) => e.node('Reshape', [x, e.shape(shape)]),
    checks: [{ shapes: [[3, 4]], range: [-1, 1], attributes: { shape: [2, 6] } }],
  },
  unsqueeze: {
    elementwise: false,
    infer([x], { axes }) {
      if (!x) return 'no operand';
      const rest = [...x.shape];
      const rank = rest.length + axes.length;
      const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1)));
      return { shape, dtype: x.dtype };
    },
    vjp: (adjoint, _, { axes }) => [squeeze(adjoint, axes)],
    evaluate: ([x = none], { axes }) => {
      const rest = [...x.shape];
      const rank = rest.length + axes.length;
      return {
        data: x.data,
        shape: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))),
      };
    },
    lower: (e, [x = ''], _, { axes }) => e.node('Unsqueeze', [x, e.integers(axes)]),
    checks: [{ shapes: [[3, 4]], range: [-1, 1], attributes: { axes: [0, 2] } }],
  },
  squeeze: {
    elementwise: false,
    infer([x], { axes }) {
      if (!x) return 'no operand';
      const wrong = axes.find((axis) => x.shape[axis] !== 1);
      if (wrong !== undefined) return `axis ${wrong} has size ${x.shape[wrong] ?? '?'}, not 1`;
      return { shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype };
    },
    vjp: (adjoint, _, { axes }) => [unsqueeze(adjoint, axes)],
    evaluate: ([x = none], { axes }) => ({ data: x.data, shape: x.shape.filter((_, axis) => !axes.includes(axis)) }),
    lower: (e, [x = ''], _, { axes }) => e.node('Squeeze', [x, e.integers(axes)]),
    checks: [{ shapes: [[1, 3, 1, 2]], range: [-1, 1], attributes: { axes: [0, 2] } }],
  },
  broadcastTo: {
    elementwise: false,
    infer([x], { shape }) {
      const result = x && broadcastShapes([x.shape, shape]);
      if (!x || result?.length !== shape.length || !result.every((dim, axis) => mayEqual(dim, shape[axis] ?? 1))) {
        return `does not broadcast to ${formatShape(shape)}`;
      }
      return { shape, dtype: x.dtype };
    },
    vjp: (adjoint, { operands: [x] }) => (x ? [sumLike(adjoint, x)] : []),
    evaluate: ([x = none], { shape }) => broadcastTo(x, known(shape)),
    lower: (e, [x = ''], _, { shape }) => e.node('Expand', [x, e.shape(shape)]),
    checks: [
      { shapes: [[3, 1]], range: [-1, 1], attributes: { shape: [2, 3, 4] } },
      { shapes: [[]], range: [-1, 1], attributes: { shape: [3, 2] } },
    ],
  },
  size: {
    elementwise: false,
    infer: () => ({ shape: [], dtype: 'float' }),
    vjp: () => [],
    evaluate: (_, { dims }) => ({ data: Float64Array.of(sizeOf(known(dims))), shape: [] }),
    lower: (e, _, __, { dims }) => e.toFloat(e.node('ReduceProd', [e.shape(dims)], { keepdims: 0 })),
    checks: [{ shapes: [], range: [0, 1], attributes: { dims: [3, 4] } }],
  },
};
