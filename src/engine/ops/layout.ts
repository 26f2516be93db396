import { isKnownBeforeRun } from '../known-before-run';
import { constant } from '../leaves';
import { make, type Node } from '../graph';
import type { Emitter } from '../lower/emitter';
import { reshape, squeeze, sumLike, transpose, unsqueeze } from '../functions';
import { broadcastShapes, formatShape, isKnown, mayEqual, sizeOf, stridesOf, type Dim, type Shape } from '../shape';
import { scatterBatch, takeBatch } from './batching';
import { check, type Check, type OperatorRecord, type Values } from './declaration';
import { scatterInTurns } from './scatter';
import { broadcastTo, permute, reducedShape, requireIndices, view } from './values';

declare module '../graph' {
  interface Attributes {
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
}

const known = (shape: Shape): readonly number[] => {
  if (!isKnown(shape)) throw new Error(`the sizes ${formatShape(shape)} are not known`);
  return shape;
};
/** A shape with axes of size 1, which are numbered as in the result. */
function withAxes<D extends Dim>(shape: readonly D[], axes: readonly number[]): (D | 1)[] {
  const rest = [...shape];
  return Array.from({ length: shape.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : (rest.shift() ?? 1),
  );
}
/** Beyond the end of every axis. */
const nowhere = 2 ** 31;

/**
 * Indices as ONNX takes them. Those that a step computes are checked by ONNX Runtime alone, which counts negative ones from
 * the end and cuts off fractions: what is no index is made one that it refuses.
 */
export function lowerIndices(e: Emitter, name: string, indices: Node | undefined): string {
  if (!indices || isKnownBeforeRun(indices) || e.model.selects) return e.toInt(name);
  const isWhole = e.node('Equal', [name, e.node('Floor', [name])]);
  const isIndex = e.node('And', [isWhole, e.node('GreaterOrEqual', [name, e.number(0)])]);
  return e.toInt(e.node('Where', [isIndex, name, e.number(nowhere)]));
}

/** A check whose last operand is of whole numbers below a size. */
const atIndices = <A>(size: number, one: Check<A>): Check<A> => ({
  ...one,
  range: [one.range as [number, number], [0, size]],
  dtypes: ['float', 'int'],
});

/** Where in a table the elements lie that are looked up at some indices along an axis, by their place in what is looked up. */
function places(indices: Values, table: readonly number[], axis: number): (i: number) => number {
  const [size, inner, count] = [table[axis]!, stridesOf(table)[axis]!, indices.data.length];
  requireIndices(indices.data, size, axis);
  return (i) => {
    const block = Math.floor(i / inner);
    return (Math.floor(block / count) * size + indices.data[block % count]!) * inner + (i % inner);
  };
}

const inverse = (permutation: readonly number[]): number[] => permutation.map((_, axis) => permutation.indexOf(axis));

export const layout = {
  transpose: {
    operations: 0,
    infer([x], { permutation }) {
      if (permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length) {
        return `[${permutation.join(', ')}] is not an order of its axes`;
      }
      return { shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype };
    },
    vjp: (adjoint, _, { permutation }) => [transpose(adjoint, inverse(permutation))],
    evaluate: ([x], { permutation }) => permute(x, permutation),
    lower: (e, inputs, _, { permutation }) => e.node('Transpose', inputs, { perm: permutation }),
    checks: [check({ permutation: [1, 0] }, [3, 4]), check({ permutation: [2, 0, 1] }, [2, 3, 4])],
  },
  reshape: {
    operations: 0,
    infer([x], { shape }) {
      if (isKnown(shape) && isKnown(x.shape) && sizeOf(shape) !== sizeOf(x.shape)) {
        return `${sizeOf(x.shape)} elements do not fill ${formatShape(shape)}`;
      }
      return { shape, dtype: x.dtype };
    },
    vjp: (adjoint, { operands: [x] }) => [reshape(adjoint, x.shape)],
    evaluate: ([x], { shape }) => ({ data: x.data, shape: known(shape) }),
    lower: (e, [x], _, { shape }) => e.node('Reshape', [x, e.shape(shape)]),
    checks: [check({ shape: [2, 6] }, [3, 4])],
  },
  unsqueeze: {
    operations: 0,
    infer([x], { axes }) {
      const rank = x.shape.length + axes.length;
      const wrong = axes.find((axis) => axis >= rank);
      if (wrong !== undefined) return `there is no axis ${wrong} among ${rank}`;
      return { shape: withAxes(x.shape, axes), dtype: x.dtype };
    },
    vjp: (adjoint, _, { axes }) => [squeeze(adjoint, axes)],
    evaluate: ([x], { axes }) => ({ data: x.data, shape: withAxes(x.shape, axes) }),
    lower: (e, [x], _, { axes }) => e.node('Unsqueeze', [x, e.integers(axes)]),
    checks: [check({ axes: [0, 2] }, [3, 4])],
  },
  squeeze: {
    operations: 0,
    infer([x], { axes }) {
      const wrong = axes.find((axis) => x.shape[axis] !== 1);
      if (wrong !== undefined) return `axis ${wrong} has size ${x.shape[wrong]!}, not 1`;
      return { shape: reducedShape(x.shape, { axes, keepDims: false }), dtype: x.dtype };
    },
    vjp: (adjoint, _, { axes }) => [unsqueeze(adjoint, axes)],
    evaluate: ([x], { axes }) => ({ data: x.data, shape: reducedShape(x.shape, { axes, keepDims: false }) }),
    lower: (e, [x], _, { axes }) => e.node('Squeeze', [x, e.integers(axes)]),
    checks: [check({ axes: [0, 2] }, [1, 3, 1, 2])],
  },
  broadcastTo: {
    infer([x], { shape }) {
      const result = broadcastShapes([x.shape, shape]);
      if (result?.length !== shape.length || !result.every((dim, axis) => mayEqual(dim, shape[axis]!))) {
        return `does not broadcast to ${formatShape(shape)}`;
      }
      return { shape, dtype: x.dtype };
    },
    vjp: (adjoint, { operands: [x] }) => [sumLike(adjoint, x)],
    evaluate: ([x], { shape }) => broadcastTo(x, known(shape)),
    lower: (e, [x], _, { shape }) => e.node('Expand', [x, e.shape(shape)]),
    checks: [check({ shape: [2, 3, 4] }, [3, 1]), check({ shape: [3, 2] }, [])],
  },
  size: {
    infer: () => ({ shape: [], dtype: 'float' }),
    vjp: () => [],
    evaluate: (_, { dims }) => ({ data: Float64Array.of(sizeOf(known(dims))), shape: [] }),
    lower: (e, _, __, { dims }) => e.toFloat(e.node('ReduceProd', [e.shape(dims)], { keepdims: 0 })),
    checks: [check({ dims: [3, 4] })],
  },
  concatenate: {
    infer(operands, { axis }) {
      const first = operands.at(0);
      if (!first) return 'nothing to concatenate';
      const fits = operands.every(
        ({ shape }) =>
          shape.length === first.shape.length && shape.every((dim, i) => i === axis || mayEqual(dim, first.shape[i]!)),
      );
      if (!fits) return `the shapes differ in another axis than ${axis}`;
      const sizes = operands.map(({ shape }) => shape[axis]!);
      const size = isKnown(sizes) ? sizes.reduce<number>((total, one) => total + Number(one), 0) : sizes.join('+');
      return { shape: first.shape.with(axis, size), dtype: first.dtype };
    },
    vjp(adjoint, { operands }, { axis }) {
      let start = 0;
      return operands.map(({ shape }) => {
        const [size = 1] = known(shape.slice(axis, axis + 1));
        start += size;
        return make('slice', [adjoint], { axis, start: start - size, stop: start, step: 1 });
      });
    },
    evaluate(operands, { axis }) {
      const total = operands.reduce((size, { shape }) => size + shape[axis]!, 0);
      const shape = operands[0].shape.with(axis, total);
      const inner = stridesOf(shape)[axis]!;
      const data = new Float64Array(sizeOf(shape));
      let offset = 0;
      for (const operand of operands) {
        const run = operand.shape[axis]! * inner;
        for (let i = 0; i * run < operand.data.length; i++) {
          data.set(operand.data.subarray(i * run, (i + 1) * run), i * total * inner + offset);
        }
        offset += run;
      }
      return { data, shape };
    },
    lower: (e, inputs, _, { axis }) => e.node('Concat', inputs, { axis }),
    checks: [check({ axis: 1 }, [3, 4], [3, 2]), check({ axis: 0 }, [1, 2], [3, 2], [2, 2])],
  },
  slice: {
    infer([x], { axis, start, stop, step }) {
      const size = x.shape[axis];
      if (size === undefined) return `there is no axis ${axis}`;
      if (step < 1 || start < 0 || stop < start || (typeof size === 'number' && stop > size)) {
        return `${start}:${stop}:${step} is not within axis ${axis} of size ${size}`;
      }
      return { shape: x.shape.with(axis, Math.ceil((stop - start) / step)), dtype: x.dtype };
    },
    vjp(adjoint, { operands: [x] }, { axis, start, stop, step }) {
      const indices = Float64Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * step);
      const at = constant({ data: indices, shape: [indices.length] });
      return [make('scatterAdd', [adjoint, at], { axis, size: x.shape[axis]! })];
    },
    evaluate([x], { axis, start, stop, step }) {
      const strides = stridesOf(x.shape);
      const [stride, size] = [strides[axis]!, Math.ceil((stop - start) / step)];
      return view(x, x.shape.with(axis, size), strides.with(axis, stride * step), start * stride);
    },
    lower: (e, [x], _, { axis, start, stop, step }) =>
      e.node('Slice', [x, e.integers([start]), e.integers([stop]), e.integers([axis]), e.integers([step])]),
    checks: [check({ axis: 1, start: 1, stop: 6, step: 2 }, [3, 7])],
  },
  take: {
    infer([x, indices], { axis }) {
      if (axis >= x.shape.length) return `there is no axis ${axis}`;
      return { shape: x.shape.toSpliced(axis, 1, ...indices.shape), dtype: x.dtype };
    },
    vjp: (adjoint, { operands: [x, indices] }, { axis }) => [
      make('scatterAdd', [adjoint, indices], { axis, size: x.shape[axis]! }),
    ],
    evaluate([x, indices], { axis }) {
      const shape = x.shape.toSpliced(axis, 1, ...indices.shape);
      const placeOf = places(indices, x.shape, axis);
      return { data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => x.data[placeOf(i)]!), shape };
    },
    lower: (e, [x, indices], node, { axis }) =>
      e.node('Gather', [x, lowerIndices(e, indices, node.operands[1])], { axis }),
    batch: takeBatch,
    checks: [atIndices(3, check({ axis: 0 }, [3, 4], [5])), atIndices(4, check({ axis: 1 }, [3, 4], [2, 2]))],
  },
  scatterAdd: {
    infer([x, indices], { axis, size }) {
      if (x.shape.length < axis + indices.shape.length) return 'there are fewer axes than indices need';
      const slices = x.shape.slice(axis, axis + indices.shape.length);
      if (!slices.every((dim, i) => mayEqual(dim, indices.shape[i]!)))
        return `slices ${formatShape(slices)} meet indices ${formatShape(indices.shape)}`;
      return { shape: x.shape.toSpliced(axis, indices.shape.length, size), dtype: 'float' };
    },
    vjp: (adjoint, { operands: [, indices] }, { axis }) => [make('take', [adjoint, indices], { axis })],
    evaluate([x, indices], { axis, size }) {
      const shape = x.shape.toSpliced(axis, indices.shape.length, ...known([size]));
      const placeOf = places(indices, shape, axis);
      const data = new Float64Array(sizeOf(shape));
      for (const [i, value] of x.data.entries()) data[placeOf(i)]! += value;
      return { data, shape };
    },
    lower(e, [x, indices], node, { axis, size }) {
      // ONNX scatters along the first axes alone, so the axis is moved there and back.
      const [operand, index] = node.operands;
      const spread = index?.rank ?? 1;
      const before = Array.from({ length: axis }, (_, i) => i);
      const first = Array.from({ length: spread }, (_, i) => axis + i);
      const after = Array.from({ length: (operand?.rank ?? 1) - axis - spread }, (_, i) => axis + spread + i);
      const updates = axis === 0 ? x : e.node('Transpose', [x], { perm: [...first, ...before, ...after] });
      const rest = [...node.shape.slice(0, axis), ...node.shape.slice(axis + 1)];
      const zeros = e.model.root.once('Expand', [e.number(0), e.shape([size, ...rest])]);
      const sum = scatterInTurns(e, zeros, lowerIndices(e, indices, index), updates, index?.shape ?? [1], rest);
      const back = [...before.map((i) => i + 1), 0, ...after.map((i) => i - spread + 1)];
      return axis === 0 ? sum : e.node('Transpose', [sum], { perm: back });
    },
    batch: scatterBatch,
    checks: [
      atIndices(3, check({ axis: 0, size: 3 }, [5, 4], [5])),
      atIndices(4, check({ axis: 1, size: 4 }, [3, 2, 2], [2, 2])),
    ],
  },
} satisfies Partial<OperatorRecord>;
