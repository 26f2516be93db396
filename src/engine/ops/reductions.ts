import { broadcastLike, div, equal, mul, sub, sum, toFloat, unsqueeze, where } from '../functions';
import { make, type Node } from '../graph';
import type { Emitter } from '../lower/emitter';
import { isKnown, sizeOf, stridesOf } from '../shape';
import { check, type Declaration, type OperatorRecord, type Reduction } from './declaration';
import { reduce, reducedShape, sumOf } from './values';

declare module '../graph' {
  interface Attributes {
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
  }
}

const checks = [
  check<Reduction>({ axes: [0, 1], keepDims: false }, [3, 4]),
  check<Reduction>({ axes: [1], keepDims: true }, [3, 4]),
  check<Reduction>({ axes: [0, 2], keepDims: false }, [2, 3, 4]),
  check<Reduction>({ axes: [0], keepDims: false }, [5]),
].map((one) => ({ ...one, range: [-2, 2] as const }));

/** A result or adjoint of a reduction, spread again over the axes that were reduced. */
const spread = (reduced: Node, { axes, keepDims }: Reduction, x: Node): Node =>
  broadcastLike(keepDims || reduced.rank === 0 ? reduced : unsqueeze(reduced, axes), x);

function declare(
  fold: (group: Float64Array) => number,
  vjp: (adjoint: Node, x: Node, result: Node, attributes: Reduction) => Node,
  lower: Declaration<Reduction>['lower'],
): Declaration<Reduction> {
  return {
    infer: ([x], reduction) =>
      x.dtype === 'float' ? { shape: reducedShape(x.shape, reduction), dtype: 'float' } : 'only numbers can be reduced',
    vjp: (adjoint, node, attributes) => [vjp(adjoint, node.operands[0], node, attributes)],
    evaluate: ([x], attributes) => reduce(x, attributes, fold),
    lower,
    checks,
  };
}

/** Where several elements are extreme, each gets an equal share of the adjoint, as in PyTorch's `amax`. */
const toExtremes = (adjoint: Node, x: Node, result: Node, attributes: Reduction): Node => {
  const isExtreme = equal(x, spread(result, attributes, x));
  const count = sum(toFloat(isExtreme), attributes.axes, { keepDims: attributes.keepDims });
  return where(isExtreme, spread(div(adjoint, count), attributes, x), 0);
};

type Lower = Declaration<Reduction>['lower'];

const inOne =
  (operation: string): Lower =>
  (e, [x], _, { axes, keepDims }) =>
    e.node(operation, [x, e.integers(axes)], { keepdims: Number(keepDims) });

/** A sum of so many numbers in float32 is wrong in the sixth digit: ONNX Runtime adds them up one after the other. */
const manyElements = 2 ** 16;
/** What an axis whose length only a run knows is taken for. */
const ordinaryLength = 1000;

/** So many elements side by side are added up in float32. */
const elementsOfPart = 512;

/** The last axis cut into parts, which lie along the axis before; the last part is filled up with zeros. */
function cut(e: Emitter, x: string, rank: number): string {
  const length = e.node('Shape', [x], { start: rank - 1 });
  // The remainder is not negative, like the divisor.
  const missing = e.node('Mod', [e.node('Neg', [length]), e.integers([elementsOfPart])]);
  const ends = e.node('Concat', [e.integers([0]), missing], { axis: 0 });
  const filled = e.node('Pad', [x, ends, e.number(0), e.integers([rank - 1])]);
  const kept = new Array<number>(rank - 1).fill(0);
  return e.node('Reshape', [filled, e.integers([...kept, -1, elementsOfPart])]);
}

/**
 * Sums of many are taken in parts, along the shorter of their axes or of pieces of a long one, and those added in float64
 * where the device has that.
 */
const inParts =
  (operation: string): Lower =>
  (e, inputs, node, attributes) => {
    const [x] = inputs;
    const { axes, keepDims } = attributes;
    const shape = node.operands[0]?.shape ?? [];
    const rank = shape.length;
    const lengthOf = (axis: number): number => (typeof shape[axis] === 'number' ? shape[axis] : ordinaryLength);
    const isLong = axes.length === 1 && axes[0] === rank - 1 && (rank === 1 || lengthOf(rank - 1) >= manyElements);
    const few = isKnown(shape) && sizeOf(shape) < manyElements;
    if (few || e.model.selects || (axes.length < 2 && !isLong)) return inOne(operation)(e, inputs, node, attributes);
    const shorter = axes.reduce((a, b) => (lengthOf(a) < lengthOf(b) ? a : b));
    const parts = isLong
      ? e.node(operation, [cut(e, x, rank), e.integers([rank])], { keepdims: 0 })
      : e.node(operation, [x, e.integers([shorter])], { keepdims: 1 });
    return e.toFloat(e.node('ReduceSum', [e.toDouble(parts), e.integers(axes)], { keepdims: Number(keepDims) }));
  };

const greatestOf = (group: Float64Array): number => group.reduce((most, x) => Math.max(most, x), -Infinity);
const minOf = (group: Float64Array): number => group.reduce((least, x) => Math.min(least, x), Infinity);

export const reductions = {
  sum: declare(sumOf, (adjoint, x, _, attributes) => spread(adjoint, attributes, x), inParts('ReduceSum')),
  max: declare(greatestOf, toExtremes, inOne('ReduceMax')),
  min: declare(minOf, toExtremes, inOne('ReduceMin')),
  // y/x would be 0/0 where a factor is zero: each factor's slope is the product of the others.
  prod: declare(
    (group) => group.reduce((product, x) => product * x, 1),
    (adjoint, x, result, attributes) => {
      const { axes } = attributes;
      const isZero = equal(x, 0);
      const zeros = toFloat(isZero);
      const count = sum(zeros, axes, { keepDims: true });
      const others = make('prod', [where(isZero, 1, x)], { ...attributes, keepDims: true });
      // Where there are two zeros, one's slope is the other times the rest: zero too, but with a slope of its own.
      const otherZero = sub(sum(where(isZero, x, 0), axes, { keepDims: true }), x);
      const ofZero = where(equal(count, 1), others, where(equal(count, 2), mul(otherZero, others), 0));
      const slope = where(equal(zeros, 1), ofZero, div(spread(result, attributes, x), x));
      return mul(spread(adjoint, attributes, x), slope);
    },
    inOne('ReduceProd'),
  ),
  sumSquares: declare(
    (group) => group.reduce((total, x) => total + x * x, 0),
    (adjoint, x, _, attributes) => mul(spread(adjoint, attributes, x), mul(2, x)),
    inParts('ReduceSumSquare'),
  ),
  argmax: {
    infer: ([x], { axis }) =>
      axis < x.shape.length ? { shape: x.shape.toSpliced(axis, 1), dtype: 'float' } : `there is no axis ${axis}`,
    vjp: () => [],
    evaluate: ([x], { axis }) =>
      reduce(x, { axes: [axis], keepDims: false }, (group) => group.indexOf(greatestOf(group))),
    lower: (e, [x], _, { axis }) => e.toFloat(e.node('ArgMax', [x], { axis, keepdims: 0 })),
    checks: [check({ axis: 1 }, [3, 4])],
  },
  cumsum: {
    infer: ([x], { axis }) => (axis < x.shape.length ? { shape: x.shape, dtype: 'float' } : `there is no axis ${axis}`),
    vjp: (adjoint, _, { axis, reverse }) => [make('cumsum', [adjoint], { axis, reverse: !reverse })],
    evaluate([x], { axis, reverse }) {
      const stride = stridesOf(x.shape)[axis]!;
      const length = x.shape[axis]!;
      const data = Float64Array.from(x.data);
      for (let k = 0; k < data.length; k++) {
        const i = reverse ? data.length - 1 - k : k;
        const place = Math.floor(i / stride) % length;
        const before = reverse ? i + stride : i - stride;
        if (place !== (reverse ? length - 1 : 0)) data[i]! += data[before]!;
      }
      return { data, shape: x.shape };
    },
    lower: (e, [x], _, { axis, reverse }) => e.node('CumSum', [x, e.integers([axis])], { reverse: Number(reverse) }),
    checks: [check({ axis: 1, reverse: false }, [3, 4]), check({ axis: 0, reverse: true }, [3, 4])],
  },
} satisfies Partial<OperatorRecord>;
