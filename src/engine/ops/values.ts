import { broadcastShapes, formatShape, sizeOf, stridesOf, type Dim } from '../shape';
import type { Operands, Reduction, Values } from './declaration';

/** What stands for an operand that is not there. */
export const none: Values = { data: new Float64Array(), shape: [0, 0] };

/** An index that its axis does not have. */
export class IndexError extends RangeError {
  override readonly name = 'IndexError';
}

/** What is wrong with indices into so many places; undefined where all are there. */
export function wrongIndex(indices: ArrayLike<number>, size: number): string | undefined {
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] ?? NaN;
    if (!(index >= 0 && index < size && Number.isInteger(index))) {
      return `${index}, at element ${at}, is none of the indices 0 to ${size - 1}`;
    }
  }
  return undefined;
}

/** @throws IndexError */
export function requireIndices(indices: ArrayLike<number>, size: number, axis: number): void {
  const wrong = wrongIndex(indices, size);
  if (wrong !== undefined) throw new IndexError(`${wrong} of axis ${axis}`);
}

/** Strides with which `shape` is walked as if broadcast to `target`: 0 along stretched axes. */
function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const offset = target.length - shape.length;
  return target.map((_, axis) => (axis < offset || shape[axis - offset] === 1 ? 0 : (strides[axis - offset] ?? 0)));
}

/** For each element of a result of shape `target` in row-major order, where it lies in data with these strides. */
function offsets(target: readonly number[], strides: readonly number[], start = 0): Int32Array {
  const result = new Int32Array(sizeOf(target)).fill(start);
  let block = result.length;
  for (const [axis, dim] of target.entries()) {
    block /= dim || 1;
    const stride = strides[axis] ?? 0;
    for (let i = 0; i < result.length; i++) result[i]! += (Math.floor(i / block) % dim) * stride;
  }
  return result;
}

/** Applies a function elementwise, with broadcasting. */
export function map(operands: readonly Values[], f: (...x: Operands<number>) => number): Values {
  const shape = broadcastShapes(operands.map((operand) => operand.shape)) as readonly number[] | undefined;
  if (!shape) throw new Error(`shapes ${operands.map(({ shape }) => formatShape(shape)).join(', ')} do not fit`);
  const places = operands.map((operand) => offsets(shape, broadcastStrides(operand.shape, shape)));
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const values: unknown = operands.map((operand, k) => operand.data[places[k]![i]!]!);
    data[i] = f(...(values as Operands<number>));
  }
  return { data, shape };
}

/** The elements of `x` gathered by strides: transposes, broadcasts, slices. */
export function view(x: Values, shape: readonly number[], strides: readonly number[], start = 0): Values {
  const places = offsets(shape, strides, start);
  return { data: Float64Array.from({ length: places.length }, (_, at) => x.data[places[at]!] ?? NaN), shape };
}

export const broadcastTo = (x: Values, shape: readonly number[]): Values =>
  view(x, shape, broadcastStrides(x.shape, shape));

export function permute(x: Values, permutation: readonly number[]): Values {
  const strides = stridesOf(x.shape);
  return view(
    x,
    permutation.map((axis) => x.shape[axis]!),
    permutation.map((axis) => strides[axis]!),
  );
}

export const sumOf = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

/** A shape without some axes, or with size 1 in their place. */
export const reducedShape = <D extends Dim>(shape: readonly D[], { axes, keepDims }: Reduction): (D | 1)[] =>
  keepDims
    ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !axes.includes(axis));

/** Folds groups of elements along axes; `f` is given each group. */
export function reduce(x: Values, reduction: Reduction, f: (group: Float64Array) => number): Values {
  const { axes } = reduction;
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const moved = permute(x, [...kept, ...axes]).data;
  const shape = reducedShape(x.shape, reduction);
  const length = sizeOf(axes.map((axis) => x.shape[axis]!));
  const fold = (_: unknown, i: number): number => f(moved.subarray(i * length, (i + 1) * length));
  return { data: Float64Array.from({ length: sizeOf(shape) }, fold), shape };
}
