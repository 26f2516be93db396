import { constant, make, type Node, type Operand } from './graph';
import { isKnown, normalizeAxes, sameShape, ShapeError, sizeOf, type Shape } from './shape';

export interface ReductionOptions {
  /** Keep reduced axes with size 1. */
  keepDims?: boolean;
}
type Axes = number | readonly number[];

const node = (value: Operand): Node => (typeof value === 'number' ? constant(value) : value);
/** Truth values count as 0 and 1 in arithmetic. */
const float = (value: Operand): Node => {
  const operand = node(value);
  return operand.dtype === 'float' ? operand : make('toFloat', [operand], {});
};
const unary = (op: 'neg' | 'abs' | 'sign' | 'exp' | 'log' | 'sqrt' | 'square') => (x: Operand) =>
  make(op, [float(x)], {});
const binary =
  (op: 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' | 'equal' | 'greater' | 'greaterEqual') =>
  (a: Operand, b: Operand) =>
    make(op, [float(a), float(b)], {});

export const neg = unary('neg');
export const abs = unary('abs');
/** −1, 0 or 1. */
export const sign = unary('sign');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const square = unary('square');

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
export const not = (x: Node): Node => make('not', [x], {});

/** Elements of `yes` where the condition holds and of `no` elsewhere. */
export const where = (condition: Node, yes: Operand, no: Operand): Node =>
  make('where', [condition.dtype === 'bool' ? condition : not(equal(condition, 0)), float(yes), float(no)], {});

/** `yes` if a single truth value holds, else `no`; the other one is not computed. */
export const ifElse = (condition: Node, yes: Operand, no: Operand): Node =>
  make('ifElse', [condition, float(yes), float(no)], {});

/** Truth values as 0 and 1. */
export const toFloat = (x: Operand): Node => float(x);

const reduction =
  (op: 'sum' | 'max' | 'min') =>
  (x: Operand, axes?: Axes, { keepDims = false }: ReductionOptions = {}): Node => {
    const operand = float(x);
    const normalized = normalizeAxes(axes, operand.rank);
    return normalized.length === 0 ? operand : make(op, [operand], { axes: normalized, keepDims });
  };
/** Sum over some axes, or over all. */
export const sum = reduction('sum');
export const max = reduction('max');
export const min = reduction('min');

/** The number of elements along some axes, or along all, as a scalar. */
export function size(x: Node, axes?: Axes): Node {
  const dims = normalizeAxes(axes, x.rank).map((axis) => x.shape[axis] ?? 1);
  return isKnown(dims) ? constant(sizeOf(dims)) : make('size', [], { dims });
}

export const mean = (x: Operand, axes?: Axes, options?: ReductionOptions): Node => {
  const operand = float(x);
  return div(sum(operand, axes, options), size(operand, axes));
};

/** Euclidean (for matrices: Frobenius) norm. Its gradient at 0 is not defined; see `safeNorm` in the solvers. */
export const norm = (x: Operand, axes?: Axes, options?: ReductionOptions): Node => sqrt(sum(square(x), axes, options));

/** Matrix product of the last two axes; earlier axes broadcast. A vector counts as a row on the left, a column on the right. */
export function matmul(a: Operand, b: Operand): Node {
  const [left, right] = [float(a), float(b)];
  if (left.rank > 1 && right.rank > 1) return make('matmul', [left, right], {});
  const row = left.rank === 1 ? unsqueeze(left, 0) : left;
  const column = right.rank === 1 ? unsqueeze(right, 1) : right;
  const product = make('matmul', [row, column], {});
  const drop = [...(left.rank === 1 ? [product.rank - 2] : []), ...(right.rank === 1 ? [product.rank - 1] : [])];
  return squeeze(product, drop);
}

/** Axes in another order; reversed by default. */
export function transpose(x: Node, permutation?: readonly number[]): Node {
  const order = permutation ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  return make('transpose', [x], { permutation: order.map((axis) => (axis < 0 ? axis + x.rank : axis)) });
}

/** The last two axes exchanged: the transpose of each matrix of a batch. */
export const matrixTranspose = (x: Node): Node =>
  transpose(
    x,
    x.shape.map((_, axis) => (axis < x.rank - 2 ? axis : 2 * x.rank - 3 - axis)),
  );

/** The same elements in another shape. Of known sizes one may be −1: whatever is left. */
export function reshape(x: Node, shape: Shape): Node {
  if (!shape.includes(-1)) return make('reshape', [x], { shape });
  if (!isKnown(x.shape) || !isKnown(shape)) throw new ShapeError(`reshape(${String(x)}): -1 needs known sizes`);
  const left = -sizeOf(x.shape) / sizeOf(shape);
  return make('reshape', [x], { shape: shape.map((dim) => (dim === -1 ? left : dim)) });
}

/** New axes of size 1; their numbers are those of the result. */
export function unsqueeze(x: Node, axes: Axes): Node {
  const list = typeof axes === 'number' ? [axes] : axes;
  return list.length === 0 ? x : make('unsqueeze', [x], { axes: normalizeAxes(list, x.rank + list.length) });
}

/** Without some axes of size 1. */
export function squeeze(x: Node, axes: Axes): Node {
  const normalized = normalizeAxes(axes, x.rank);
  return normalized.length === 0 ? x : make('squeeze', [x], { axes: normalized });
}

/** `x` broadcast to the shape of `like`. */
export const broadcastLike = (x: Operand, like: Node): Node => broadcastTo(x, like.shape);

export const broadcastTo = (x: Operand, shape: Shape): Node => {
  const operand = float(x);
  return sameShape(operand.shape, shape) ? operand : make('broadcastTo', [operand], { shape });
};

/** Zeros, or another number, in the shape of `like`. */
export const fill = (value: number, like: Node): Node => broadcastLike(value, like);

/** `x` summed over the axes that broadcasting to `x`'s shape from `like`'s would have added or stretched. */
export function sumLike(x: Node, like: Node): Node {
  const extra = x.rank - like.rank;
  const stretched = x.shape.flatMap((dim, axis) =>
    axis >= extra && like.shape[axis - extra] === 1 && dim !== 1 ? [axis] : [],
  );
  const added = Array.from({ length: extra }, (_, axis) => axis);
  const summed = added.length + stretched.length === 0 ? x : sum(x, [...added, ...stretched], { keepDims: true });
  return squeeze(summed, added);
}
