/**
 * A dimension is a number, or a name for a size that only a run knows. Equal names mean equal sizes. A named size is
 * taken to differ from 1: it never broadcasts, as in Theano, so a gradient's form does not depend on the data.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** What dimensions are taken to be when an expression is costed: sizes that are known, and a guess where one is not. */
export type Sizes = ReadonlyMap<string, number>;

/** Operands that do not fit. Thrown where the expression is built, so the stack names the place. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

export const isKnown = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === 'number');

/** Product of known dimensions. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dim) => size * dim, 1);

/** Whether two dimensions may be equal; only a run can tell for names. */
export const mayEqual = (a: Dim, b: Dim): boolean => a === b || typeof a === 'string' || typeof b === 'string';

/** The dimension of two that must be equal: the known one, if either is. */
export const merge = (a: Dim, b: Dim): Dim => (typeof a === 'number' ? a : b);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

/** Whether shapes are equal as far as names can tell, and neither would broadcast against the other. */
export const alike = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => (dim === 1) === (b[i] === 1) && mayEqual(dim, b[i] ?? 1));

/** NumPy's broadcasting, or undefined where the shapes do not fit. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let dim: Dim = 1;
    for (const shape of shapes) {
      const other = shape[axis - rank + shape.length] ?? 1;
      if (other === 1) continue;
      if (dim !== 1 && !mayEqual(dim, other)) return undefined;
      dim = dim === 1 ? other : merge(dim, other);
    }
    result.push(dim);
  }
  return result;
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
}
