import { shared, type Node } from '../../engine';

export const zeros = ({ length }: Float32Array): Float32Array => new Float32Array(length);
const likeOf = (factor: Node): Float32Array =>
  new Float32Array(factor.shape.reduce<number>((n, dim) => n * Number(dim), 1));

/** A shared value of a factor's shape that begins at zero. */
export const companion = (factor: Node, name: string): Node<'shared'> =>
  shared({ data: likeOf(factor), shape: factor.shape.map(Number) }, name);
