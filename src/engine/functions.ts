import { listOf, nodeOf, operandOf, optionsOf, refuse, shapeOf } from './arguments';
import { constant } from './leaves';
import { make, type Node, type Operand, type PlainOperator } from './graph';
import { formatShape, isKnown, sameShape, ShapeError, sizeOf, type Dim, type Shape } from './shape';

export interface ReductionOptions {
  /** Keep reduced axes with size 1. */
  keepDims?: boolean;
}
type Axes = number | readonly number[];

/** Truth values count as 0 and 1 in arithmetic. */
const float = (op: string, value: Operand, argument?: string): Node => {
  const operand = operandOf(op, value, argument);
  return operand.dtype === 'float' ? operand : make('toFloat', [operand], {});
};
const unary = (op: PlainOperator) => (x: Operand) => make(op, [float(op, x, 'its operand')], {});
const binary = (op: PlainOperator) => (a: Operand, b: Operand) =>
  make(op, [float(op, a, 'the first operand'), float(op, b, 'the second operand')], {});

export const neg = unary('neg');
export const abs = unary('abs');
/** −1, 0 or 1. */
export const sign = unary('sign');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const square = unary('square');
/** log(1 + x), accurate near 0. */
export const log1p = unary('log1p');
/** eˣ − 1, accurate near 0. */
export const expm1 = unary('expm1');
/** 1/(1 + e⁻ˣ). */
export const sigmoid = unary('sigmoid');
export const tanh = unary('tanh');
/** max(x, 0): the projection onto non-negative numbers. Its slope at 0 counts as 0. */
export const relu = unary('relu');
/** log(1 + eˣ), without overflow. */
export const softplus = unary('softplus');
export const erf = unary('erf');
/** log Γ(x), for x > 0. */
export const lgamma = unary('lgamma');
/** The derivative of `lgamma`, for x > 0. */
export const digamma = (x: Operand): Node => make('polygamma', [float('digamma', x)], { n: 0 });
export const isnan = unary('isnan');

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const pow = binary('pow');
export const maximum = binary('maximum');
export const minimum = binary('minimum');

export const equal = binary('equal');
export const greater = binary('greater');
export const greaterEqual = binary('greaterEqual');
export const less = (a: Operand, b: Operand): Node => greater(b, a);
export const lessEqual = (a: Operand, b: Operand): Node => greaterEqual(b, a);
export const not = (x: Node): Node => make('not', [nodeOf('not', x)], {});

/** Elements of `yes` where the condition holds and of `no` elsewhere. */
export const where = (condition: Node, yes: Operand, no: Operand): Node => {
  const holds = nodeOf('where', condition, 'the condition');
  const [first, second] = [float('where', yes), float('where', no)];
  return make('where', [holds.dtype === 'bool' ? holds : not(equal(holds, 0)), first, second], {});
};

/** `yes` if a single truth value holds, else `no`; the other one is not computed. */
export const ifElse = (condition: Node, yes: Operand, no: Operand): Node =>
  make('ifElse', [nodeOf('ifElse', condition, 'the condition'), float('ifElse', yes), float('ifElse', no)], {});

/** Truth values as 0 and 1. */
export const toFloat = (x: Operand): Node => float('toFloat', x);

/** Axes of an operation on `x` as distinct numbers from 0 in increasing order; negative ones count from the end. */
function axesOf(op: string, x: Node, axes: Axes | undefined, rank = nodeOf(op, x).rank): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const given = typeof axes === 'number' ? [axes] : listOf(op, axes, 'axes', 'numbers, or one number,');
  const wrong = given.find((axis) => !Number.isInteger(axis) || axis < -rank || axis >= rank);
  if (wrong !== undefined) {
    throw new ShapeError(
      `${op}(${String(x)} ${formatShape(x.shape)}): axis ${wrong} does not exist: there are ${rank}, counted from 0`,
    );
  }
  return [...new Set(given.map((axis) => (axis < 0 ? axis + rank : axis)))].sort((a, b) => a - b);
}
const axisOf = (op: string, x: Node, axis: number): number => axesOf(op, x, axis)[0] ?? 0;

function isKept(op: string, options: ReductionOptions): boolean {
  optionsOf(op, options, ['keepDims']);
  return options.keepDims ?? false;
}

const reduction =
  (op: 'sum' | 'max' | 'min' | 'prod') =>
  (x: Operand, axes?: Axes, options: ReductionOptions = {}): Node => {
    const operand = float(op, x);
    const keepDims = isKept(op, options);
    const normalized = axesOf(op, operand, axes);
    return normalized.length === 0 ? operand : make(op, [operand], { axes: normalized, keepDims });
  };
/** Sum over some axes, or over all. */
export const sum = reduction('sum');
export const max = reduction('max');
export const min = reduction('min');
export const prod = reduction('prod');

/** Index of the largest element along an axis, the last by default. */
export const argmax = (x: Node, axis = -1): Node => make('argmax', [x], { axis: axisOf('argmax', x, axis) });

/** Running sum along an axis. */
export const cumsum = (x: Node, axis = -1): Node =>
  make('cumsum', [nodeOf('cumsum', x)], { axis: axisOf('cumsum', x, axis), reverse: false });

/** The number of elements along some axes, or along all, as a scalar. */
export function size(x: Node, axes?: Axes): Node {
  const dims = axesOf('size', x, axes).map((axis) => x.shape[axis] ?? 1);
  return isKnown(dims) ? constant(sizeOf(dims)) : make('size', [], { dims });
}

export const mean = (x: Operand, axes?: Axes, options?: ReductionOptions): Node => {
  const operand = float('mean', x);
  return div(sum(operand, axes, options), size(operand, axes));
};

/** Euclidean (for matrices: Frobenius) norm. At 0, where it has a kink, its gradient counts as 0. */
export const norm = (x: Operand, axes?: Axes, options?: ReductionOptions): Node => sqrt(sum(square(x), axes, options));

/** min(max(x, low), high): the projection onto a box. */
export const clip = (x: Operand, low: Operand, high: Operand): Node =>
  make('clip', [float('clip', x), float('clip', low, 'the lower bound'), float('clip', high, 'the upper bound')], {});

/**
 * What exponents are lessened by, lest they overflow: their largest, where that is finite. The shift cancels, so nothing is
 * lost when no gradient flows through it.
 */
export function exponentShift(x: Node, axes: readonly number[]): Node {
  const largest = max(x, axes, { keepDims: true });
  return make('stop', [where(equal(abs(largest), Infinity), 0, largest)], {});
}

/** log Σ eˣ, without overflow: −∞ where every x is. */
export function logsumexp(x: Node, axes?: Axes, options: ReductionOptions = {}): Node {
  const keepDims = isKept('logsumexp', options);
  const normalized = axesOf('logsumexp', x, axes);
  const shift = exponentShift(x, normalized);
  const result = add(log(sum(exp(sub(x, shift)), normalized, { keepDims: true })), shift);
  return keepDims ? result : squeeze(result, normalized);
}

/** eˣ over its sum along axes, the last by default. */
export function softmax(x: Node, axes: Axes = -1): Node {
  const normalized = axesOf('softmax', x, axes);
  // Not e to what is left of a logarithm, whose digits a large x takes.
  const shares = exp(sub(x, exponentShift(x, normalized)));
  return div(shares, sum(shares, normalized, { keepDims: true }));
}

/** The value of `x`, through which no gradient flows. */
export const stopGradient = (x: Node): Node => make('stop', [nodeOf('stopGradient', x)], {});

/**
 * Proximal operator of t·Σ|x|: every element drawn towards 0 by t, and no further (Beck & Teboulle 2009, eq. 1.4). It is
 * x less its projection onto [−t, t], which takes two passes where signs and magnitudes would take five.
 */
export const softThreshold = (x: Node, t: Operand): Node => sub(x, clip(x, neg(t), t));

/** Projection of each vector along an axis onto the Euclidean ball of a radius. */
export const projectBall = (x: Node, axis = -1, radius = 1): Node =>
  mul(x, minimum(1, div(radius, maximum(norm(x, axis, { keepDims: true }), Number.MIN_VALUE))));

/**
 * Projection of each row of a matrix onto the probability simplex: max(x − τ, 0), where τ is the largest of
 * (Σ{xⱼ ≥ xᵢ} xⱼ − 1)/#{xⱼ ≥ xᵢ} over i. (That maximum is the threshold of Held, Wolfe & Crowder 1974: the mean excess
 * of the k largest elements grows with k until the support is reached, and falls afterwards.) Takes n×r×r space.
 */
export function projectSimplex(x: Node): Node {
  const others = unsqueeze(x, 1);
  const reached = toFloat(greaterEqual(others, unsqueeze(x, 2)));
  const excess = div(sub(sum(mul(reached, others), 2), 1), sum(reached, 2));
  return relu(sub(x, max(excess, 1, { keepDims: true })));
}

/** Matrix product of the last two axes; earlier axes broadcast. A vector counts as a row on the left, a column on the right. */
export function matmul(a: Operand, b: Operand): Node {
  const [left, right] = [float('matmul', a, 'the first operand'), float('matmul', b, 'the second operand')];
  if (left.rank > 1 && right.rank > 1) return make('matmul', [left, right], {});
  const row = left.rank === 1 ? unsqueeze(left, 0) : left;
  const column = right.rank === 1 ? unsqueeze(right, 1) : right;
  const product = make('matmul', [row, column], {});
  const drop = [...(left.rank === 1 ? [product.rank - 2] : []), ...(right.rank === 1 ? [product.rank - 1] : [])];
  return squeeze(product, drop);
}

/** Axes in another order; reversed by default. */
export function transpose(x: Node, permutation?: readonly number[]): Node {
  const { shape } = nodeOf('transpose', x);
  const order = permutation ?? shape.map((_, axis) => x.rank - 1 - axis);
  listOf('transpose', order, 'the order', 'axes');
  return make('transpose', [x], { permutation: order.map((axis) => (axis < 0 ? axis + x.rank : axis)) });
}

/** The last two axes exchanged: the transpose of each matrix of a batch. */
export const matrixTranspose = (x: Node): Node =>
  transpose(
    x,
    nodeOf('matrixTranspose', x).shape.map((_, axis) => (axis < x.rank - 2 ? axis : 2 * x.rank - 3 - axis)),
  );

/** The same elements in another shape. Of known sizes one may be −1: whatever is left. */
export function reshape(x: Node, shape: Shape): Node {
  shapeOf('reshape', shape, 'the shape', -1);
  if (!shape.includes(-1)) return make('reshape', [nodeOf('reshape', x)], { shape });
  if (!isKnown(x.shape) || !isKnown(shape)) throw new ShapeError(`reshape(${String(x)}): -1 needs known sizes`);
  const left = -sizeOf(x.shape) / sizeOf(shape);
  return make('reshape', [x], { shape: shape.map((dim) => (dim === -1 ? left : dim)) });
}

/** Several tensors one after another along an axis. */
export const concatenate = (operands: readonly Operand[], axis = 0): Node => {
  const nodes = listOf('concatenate', operands, 'the first argument', 'expressions').map((one) =>
    float('concatenate', one),
  );
  return make('concatenate', nodes, { axis: nodes[0] ? axisOf('concatenate', nodes[0], axis) : axis });
};

/** Elements from `start` to before `stop` along an axis, each `step`-th of them. Negative bounds count from a known end. */
export function slice(x: Node, start: number, stop?: number, { axis = 0, step = 1 } = {}): Node {
  for (const [name, value] of Object.entries({ start, stop: stop ?? 0, step })) {
    if (!Number.isInteger(value)) refuse('slice', name, value, 'a whole number is wanted');
  }
  const along = axisOf('slice', x, axis);
  const size = x.shape[along] ?? 1;
  const bound = (place: number | undefined): number => {
    if (place !== undefined && place >= 0) return place;
    if (typeof size === 'string') throw new ShapeError(`slice(${String(x)}): the end of axis ${along} is not known`);
    return size + (place ?? 0);
  };
  return make('slice', [x], { axis: along, start: bound(start), stop: bound(stop), step });
}

/** Slices of `x` along an axis at whole-number indices, whose axes replace it (NumPy's `take`). */
export const take = (x: Node, indices: Operand, axis = 0): Node =>
  make('take', [float('take', x), float('take', indices, 'the index')], { axis: axisOf('take', x, axis) });

/** Zeros of size `size` along an axis, to which slices of `x` are added at indices: the transpose of `take`. */
export const scatterAdd = (x: Node, indices: Operand, size: Dim, axis = 0): Node =>
  make('scatterAdd', [float('scatterAdd', x), float('scatterAdd', indices, 'the index')], { axis, size });

/** The diagonal of a square matrix of known size. */
export function diagonal(x: Node): Node {
  const [n, m] = nodeOf('diagonal', x).shape;
  if (x.rank !== 2 || typeof n !== 'number' || n !== m)
    throw new ShapeError(`diagonal(${String(x)}) needs a square matrix of known size`);
  return slice(reshape(x, [n * n]), 0, n * n, { step: n + 1 });
}
export const trace = (x: Node): Node => sum(diagonal(x));

/** New axes of size 1; their numbers are those of the result. */
export function unsqueeze(x: Node, axes: Axes): Node {
  const list = typeof axes === 'number' ? [axes] : listOf('unsqueeze', axes, 'axes', 'numbers, or one number,');
  return list.length === 0
    ? x
    : make('unsqueeze', [x], { axes: axesOf('unsqueeze', x, list, nodeOf('unsqueeze', x).rank + list.length) });
}

/** Without some axes of size 1. */
export function squeeze(x: Node, axes: Axes): Node {
  const normalized = axesOf('squeeze', x, axes);
  return normalized.length === 0 ? x : make('squeeze', [x], { axes: normalized });
}

/** `x` broadcast to the shape of `like`. */
export const broadcastLike = (x: Operand, like: Node): Node =>
  broadcastTo(x, nodeOf('broadcastLike', like, 'what it is like').shape);

export const broadcastTo = (x: Operand, shape: Shape): Node => {
  const operand = float('broadcastTo', x);
  return sameShape(operand.shape, shapeOf('broadcastTo', shape)) ? operand : make('broadcastTo', [operand], { shape });
};

/** Zeros, or another number, in the shape of `like`. */
export const fill = (value: number, like: Node): Node => broadcastLike(value, like);

/** `x` summed over the axes that broadcasting to `x`'s shape from `like`'s would have added or stretched. */
export function sumLike(x: Node, like: Node): Node {
  const extra = nodeOf('sumLike', x).rank - nodeOf('sumLike', like, 'what it is like').rank;
  const stretched = x.shape.flatMap((dim, axis) =>
    axis >= extra && like.shape[axis - extra] === 1 && dim !== 1 ? [axis] : [],
  );
  const added = Array.from({ length: extra }, (_, axis) => axis);
  const summed = added.length + stretched.length === 0 ? x : sum(x, [...added, ...stretched], { keepDims: true });
  return squeeze(summed, added);
}
