import assert from 'node:assert/strict';
import * as f from '../../../src/engine/functions';
import { make, type Attributes, type OperatorName } from '../../../src/engine/graph';
import { type DType, matrix, placeholder, ShapeError } from '../../../src/engine';
import { formatShape } from '../../../src/engine/shape';

/** Operands that an operator cannot take: their shapes, what they hold where that is not floats, and attributes. */
interface Misfit<A> {
  shapes: readonly (readonly number[])[];
  dtypes?: readonly DType[];
  attributes: A;
  why: RegExp;
}

const none = {};
const truth: Misfit<typeof none> = {
  shapes: [[2, 3]],
  dtypes: ['bool'],
  attributes: none,
  why: /^an operand holds bool values$/,
};
const numbers: Misfit<typeof none> = { shapes: [[2, 3]], attributes: none, why: /^an operand holds float values$/ };
const apart: Misfit<typeof none> = {
  shapes: [
    [2, 3],
    [4, 5],
  ],
  attributes: none,
  why: /^the shapes do not broadcast$/,
};
const choice = (condition: readonly number[]): Misfit<typeof none> => ({
  ...apart,
  shapes: [condition, ...apart.shapes],
  dtypes: ['bool', 'float', 'float'],
});
const reduction: Misfit<{ axes: readonly number[]; keepDims: boolean }> = {
  shapes: [[2, 3]],
  dtypes: ['bool'],
  attributes: { axes: [0], keepDims: false },
  why: /^only numbers can be reduced$/,
};

/** One for each operator that can be given the wrong operands. `size` has no operands; `isnan` and `toFloat` take any. */
const misfits: { [O in Exclude<OperatorName, 'size' | 'isnan' | 'toFloat'>]: Misfit<Attributes[O]> } = {
  neg: truth,
  abs: truth,
  sign: truth,
  exp: truth,
  log: truth,
  log1p: truth,
  expm1: truth,
  sqrt: truth,
  square: truth,
  sigmoid: truth,
  tanh: truth,
  relu: truth,
  softplus: truth,
  erf: truth,
  lgamma: truth,
  polygamma: { ...truth, attributes: { n: 0 } },
  stop: truth,
  not: numbers,
  add: apart,
  sub: apart,
  mul: apart,
  div: apart,
  pow: apart,
  maximum: apart,
  minimum: apart,
  clip: { ...apart, shapes: [[2, 3], [], [4, 3]] },
  equal: apart,
  greater: apart,
  greaterEqual: apart,
  where: choice([2, 3]),
  ifElse: { ...choice([]), why: /^the alternatives differ in type$/ },
  sum: reduction,
  max: reduction,
  min: reduction,
  prod: reduction,
  sumSquares: reduction,
  argmax: { shapes: [[2, 3]], attributes: { axis: 2 }, why: /^there is no axis 2$/ },
  cumsum: { shapes: [[2, 3]], attributes: { axis: 2, reverse: false }, why: /^there is no axis 2$/ },
  matmul: { ...apart, why: /^3 columns meet 4 rows$/ },
  gemm: {
    ...apart,
    attributes: { transA: true, transB: false, alpha: 1 },
    why: /^2 columns meet 4 rows$/,
  },
  gramDistance: {
    shapes: [[6], [6, 2], [6, 3], [6, 2], [2, 5]],
    attributes: none,
    why: /^P and F differ in shape$/,
  },
  transpose: { shapes: [[2, 3]], attributes: { permutation: [0] }, why: /^\[0\] is not an order of its axes$/ },
  reshape: { shapes: [[2, 3]], attributes: { shape: [4] }, why: /^6 elements do not fill \[4\]$/ },
  unsqueeze: { shapes: [[2, 3]], attributes: { axes: [4] }, why: /^there is no axis 4 among 3$/ },
  squeeze: { shapes: [[2, 3]], attributes: { axes: [0] }, why: /^axis 0 has size 2, not 1$/ },
  broadcastTo: { shapes: [[2, 3]], attributes: { shape: [2, 4] }, why: /^does not broadcast to \[2, 4\]$/ },
  concatenate: { ...apart, attributes: { axis: 0 }, why: /^the shapes differ in another axis than 0$/ },
  slice: {
    shapes: [[2, 3]],
    attributes: { axis: 1, start: 1, stop: 5, step: 1 },
    why: /^1:5:1 is not within axis 1 of size 3$/,
  },
  take: { shapes: [[2, 3], [4]], attributes: { axis: 2 }, why: /^there is no axis 2$/ },
  scatterAdd: {
    shapes: [[5, 2], [4]],
    attributes: { axis: 0, size: 9 },
    why: /^slices \[5\] meet indices \[4\]$/,
  },
};

describe('operands that do not fit', () => {
  for (const [op, { shapes, dtypes, attributes, why }] of Object.entries(misfits) as [OperatorName, Misfit<object>][]) {
    it(`are told with the operator, their expressions and their shapes: ${op}`, () => {
      const inputs = shapes.map((shape, i) => placeholder(`x${i}`, shape));
      const operands = inputs.map((x, i) => (dtypes?.[i] === 'bool' ? f.greater(x, 0) : f.exp(x)));
      assert.throws(
        () => make(op, operands, attributes as never),
        (error: Error) => {
          assert.ok(error instanceof ShapeError);
          const named = shapes.map(
            (shape, i) => `${dtypes?.[i] === 'bool' ? `greater(x${i}, 0)` : `exp(x${i})`} ${formatShape(shape)}`,
          );
          const start = `${op}(${named.join(', ')}): `;
          assert.ok(error.message.startsWith(start), `${error.message} does not start with ${start}`);
          assert.match(error.message.slice(start.length), why);
          return true;
        },
      );
    });
  }

  it('are told with the function where an axis does not exist', () => {
    const x = matrix('X', { shape: [2, 3] });
    const calls: Record<string, () => unknown> = {
      sum: () => f.sum(x, 2),
      max: () => f.max(x, [0, -3]),
      argmax: () => f.argmax(x, 2),
      cumsum: () => f.cumsum(x, -4),
      logsumexp: () => f.logsumexp(x, 0.5),
      slice: () => f.slice(x, 0, 1, { axis: 2 }),
      take: () => f.take(x, 0, 2),
      squeeze: () => f.squeeze(x, 2),
      unsqueeze: () => f.unsqueeze(x, 3),
      concatenate: () => f.concatenate([x, x], 2),
    };
    for (const [name, call] of Object.entries(calls)) {
      assert.throws(call, (error: Error) => {
        assert.ok(error instanceof ShapeError);
        assert.match(error.message, /^\w+\(X \[2, 3\]\): axis \S+ does not exist: there are [23], counted from 0$/);
        assert.ok(error.message.startsWith(`${name}(`), error.message);
        return true;
      });
    }
  });
});
