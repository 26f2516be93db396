import { broadcastLike, div, equal, mul, sum, toFloat, unsqueeze } from '../functions';
import type { Node } from '../graph';
import type { OperatorRecord, Declaration, Check } from './declaration';
import type { Reduction } from './attributes';
import { reduce } from './values';

const checks: readonly Check<Reduction>[] = [
  { shapes: [[3, 4]], range: [-2, 2], attributes: { axes: [0, 1], keepDims: false } },
  { shapes: [[3, 4]], range: [-2, 2], attributes: { axes: [1], keepDims: true } },
  { shapes: [[2, 3, 4]], range: [-2, 2], attributes: { axes: [0, 2], keepDims: false } },
  { shapes: [[5]], range: [-2, 2], attributes: { axes: [0], keepDims: false } },
];

/** A result or adjoint of a reduction, spread again over the axes that were reduced. */
const spread = (reduced: Node, { axes, keepDims }: Reduction, x: Node): Node =>
  broadcastLike(keepDims ? reduced : unsqueeze(reduced, axes), x);

function declare(
  fold: (group: Float64Array) => number,
  vjp: (adjoint: Node, x: Node, result: Node, attributes: Reduction) => Node,
  lower: string,
): Declaration<Reduction> {
  return {
    elementwise: false,
    infer([x], { axes, keepDims }) {
      if (!x || x.dtype !== 'float') return 'only numbers can be reduced';
      const shape = keepDims
        ? x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
        : x.shape.filter((_, axis) => !axes.includes(axis));
      return { shape, dtype: 'float' };
    },
    vjp: (adjoint, node, attributes) => node.operands.map((x) => vjp(adjoint, x, node, attributes)),
    evaluate: ([x], attributes) => reduce(x ?? { data: new Float64Array(), shape: [] }, attributes, fold),
    lower: (e, [x = ''], _, { axes, keepDims }) => e.node(lower, [x, e.integers(axes)], { keepdims: Number(keepDims) }),
    checks,
  };
}

/** Where several elements are extreme, each gets an equal share of the adjoint, as in PyTorch's `amax`. */
const toExtremes = (adjoint: Node, x: Node, result: Node, attributes: Reduction): Node => {
  const extreme = toFloat(equal(x, spread(result, attributes, x)));
  const count = sum(extreme, attributes.axes, { keepDims: true });
  return mul(spread(adjoint, attributes, x), div(extreme, count));
};

export const reductions: OperatorRecord<'sum' | 'max' | 'min'> = {
  sum: declare(
    (group) => group.reduce((total, x) => total + x, 0),
    (adjoint, x, _, attributes) => spread(adjoint, attributes, x),
    'ReduceSum',
  ),
  max: declare((group) => Math.max(...group), toExtremes, 'ReduceMax'),
  min: declare((group) => Math.min(...group), toExtremes, 'ReduceMin'),
};
