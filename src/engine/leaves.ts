import { nameOf, optionsOf, shapeOf, sizesOf, tensorOf, refuse } from './arguments';
import { leaf, numberNode, type Node } from './graph';
import { remembered } from './remember';
import { formatShape, mayEqual, ShapeError, sizeOf, type Dim, type Shape } from './shape';
import type { FloatArray, Tensor } from './tensor';

export interface InputOptions {
  /** A number where the size is known, a name where sizes of several inputs are equal, undefined for any size. */
  shape?: readonly (Dim | undefined)[];
}

function input(kind: string, name: string, rank: number, options: InputOptions = {}): Node<'input'> {
  const where = `${kind} ${nameOf(kind, name)}`;
  optionsOf(where, options, ['shape']);
  const { shape = new Array<undefined>(rank).fill(undefined) } = options;
  shapeOf(where, shape);
  if (shape.length !== rank) {
    throw new ShapeError(`${name} has ${rank} dimensions, but its shape is given as ${formatShape(shape.map(String))}`);
  }
  return leaf(
    'input',
    { name },
    shape.map((dim, axis) => dim ?? `${name}.${axis}`),
  );
}

/** A matrix that every run is given. Its values are of the run's precision. */
export const matrix = (name: string, options?: InputOptions): Node<'input'> => input('matrix', name, 2, options);
export const vector = (name: string, options?: InputOptions): Node<'input'> => input('vector', name, 1, options);
export const scalar = (name: string): Node<'input'> => input('scalar', name, 0);
/** An input of any rank. */
export const placeholder = (name: string, shape: readonly (Dim | undefined)[]): Node<'input'> =>
  input('placeholder', name, shapeOf('placeholder', shape).length, { shape });

/** A scalar with a value of its own at each step of a run, e.g. a step length that shrinks. */
export const sequence = (name: string): Node<'sequence'> => leaf('sequence', { name: nameOf('sequence', name) }, []);

/**
 * A value that updates change and that is carried on from run to run. `shape` may name sizes, so that values of
 * another size can be set later; by default the sizes are those of `initial`.
 */
export function shared(initial: Tensor, name: string, options: { shape?: Shape } = {}): Node<'shared'> {
  const where = `shared ${nameOf('shared', name)}`;
  optionsOf(where, options, ['shape']);
  tensorOf(where, initial, 'the initial value');
  const { shape = initial.shape } = options;
  shapeOf(where, shape);
  if (shape.length !== initial.shape.length || !shape.every((dim, axis) => mayEqual(dim, initial.shape[axis] ?? 1))) {
    throw new ShapeError(`${name}: initial value ${formatShape(initial.shape)} is not of shape ${formatShape(shape)}`);
  }
  return leaf('shared', { name, initial }, shape);
}

const tensors = new WeakMap<Tensor, Node<'constant'>>();

/** A fixed value. Equal numbers, and the same tensor object, are the same node. */
export function constant(value: number | Tensor): Node<'constant'> {
  if (typeof value === 'number') return numberNode(value);
  const { shape } = tensorOf('constant', value, 'the value');
  return remembered(tensors, value, () => leaf('constant', { value }, shape));
}

/** A variable of a loop of so many turns, which the loop gives a value at each. Made by `iterate`. */
export const state = (name: string, turns: number, like: Node): Node<'state'> =>
  leaf('state', { name, turns }, like.shape, like.dtype);

/** A tensor of `data`, whose length must be the product of `shape`. */
export function tensor(data: FloatArray | readonly number[], given?: readonly number[]): Tensor {
  const values: unknown = data;
  if (!(Array.isArray(values) || values instanceof Float32Array || values instanceof Float64Array)) {
    refuse('tensor', 'the values', values, 'a list of numbers is wanted');
  }
  const shape = sizesOf('tensor', given ?? [data.length]);
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(`${data.length} values do not fill a tensor of shape ${formatShape(shape)}`);
  }
  return { data: ArrayBuffer.isView(data) ? data : Float64Array.from(data), shape };
}
