import assert from 'node:assert/strict';
import { constant, evaluate, grad, iterate, vector, type Node } from '../../../src/engine';
import * as f from '../../../src/engine/functions';
import { assertClose, compiledDerivatives, interpretedDerivatives } from './fixtures/derivatives';

/** A cost of a vector, the point, and its Hessian there by a closed form where that is short; else differences tell. */
interface Case {
  cost: (x: Node) => Node;
  at: readonly number[];
  hessian?: readonly (readonly number[])[];
  /** Where the cost has no neighbourhood, as at 0 of x·ln x. */
  edge?: true;
}

const part = (x: Node, from: number, to = from + 1): Node => f.slice(x, from, to);
const numbers = (...values: number[]): Node => constant({ data: Float64Array.from(values), shape: [values.length] });
/** x·ln y, 0 where x is. */
const xlogy = (x: Node, y: Node): Node => f.where(f.equal(x, 0), 0, f.mul(x, f.log(y)));

const cases: Record<string, Case> = {
  'a product': { cost: (x) => f.prod(x), at: [2, 3, 5], hessian: [[0, 5, 3], [5, 0, 2], [3, 2, 0]] },
  'a product with a zero': { cost: (x) => f.prod(x), at: [0, 3, 2], hessian: [[0, 2, 3], [2, 0, 0], [3, 0, 0]] },
  'a product with two zeros': { cost: (x) => f.prod(x), at: [0, 3, 0], hessian: [[0, 0, 3], [0, 0, 0], [3, 0, 0]] },
  'a product of zeros': { cost: (x) => f.prod(x), at: [0, 0, 0], hessian: [[0, 0, 0], [0, 0, 0], [0, 0, 0]] },
  'a product of two zeros': { cost: (x) => f.prod(x), at: [0, 0], hessian: [[0, 1], [1, 0]] },
  'a product of one': { cost: (x) => f.prod(x), at: [0], hessian: [[0]] },
  'a product squared': { cost: (x) => f.square(f.prod(x)), at: [0, 2], hessian: [[8, 0], [0, 0]] },
  'products along an axis': {
    cost: (x) => f.sum(f.square(f.add(f.prod(f.reshape(x, [2, 2]), 0), numbers(1, 2)))),
    at: [0, 3, 0, -2],
  },
  'products along both axes': { cost: (x) => f.prod(f.reshape(x, [2, 2])), at: [0, 3, 0, -2] },
  'an exponential of a product': { cost: (x) => f.exp(f.prod(x)), at: [0, 0.5, -1] },
  'x·ln x': { cost: (x) => f.sum(xlogy(x, x)), at: [0.5, 2], hessian: [[2, 0], [0, 0.5]] },
  'x·ln x at 0': { cost: (x) => f.sum(xlogy(x, f.add(x, 1))), at: [0, 1], hessian: [[0, 0], [0, 0.75]], edge: true },
  'x·ln y': { cost: (x) => f.sum(xlogy(part(x, 0), part(x, 1))), at: [3, 2], hessian: [[0, 0.5], [0.5, -0.75]] },
  'no x, and ln y': { cost: (x) => f.sum(xlogy(numbers(0, 2), x)), at: [0, 2], hessian: [[0, 0], [0, -0.5]], edge: true },
  'a divergence of shares': { cost: (x) => f.sum(xlogy(f.softmax(x), f.div(f.softmax(x), numbers(0.2, 0.3, 0.5)))), at: [0.3, -1, 2] },
  'a sum': { cost: (x) => f.sum(x), at: [1, 2], hessian: [[0, 0], [0, 0]] },
  'a mean of twice': { cost: (x) => f.mean(f.mul(2, x)), at: [1, 2, 3], hessian: [[0, 0, 0], [0, 0, 0], [0, 0, 0]] },
  'one of the numbers': { cost: (x) => f.sum(part(x, 1)), at: [1, 2], hessian: [[0, 0], [0, 0]] },
  'one of them squared': { cost: (x) => f.sum(f.square(part(x, 1))), at: [1, 2], hessian: [[0, 0], [0, 2]] },
  'a number for a matrix': {
    cost: (x) => f.sum(f.mul(f.broadcastTo(f.sum(x), [3, 4]), 2)),
    at: [1, 2],
    hessian: [[0, 0], [0, 0]],
  },
  'a column beside a row': {
    cost: (x) => f.sum(f.square(f.add(f.unsqueeze(x, 1), f.unsqueeze(numbers(1, 2, 3), 0)))),
    at: [1, -1],
    hessian: [[6, 0], [0, 6]],
  },
  'a column beside itself as a row': { cost: (x) => f.sum(f.exp(f.mul(f.unsqueeze(x, 1), f.unsqueeze(x, 0)))), at: [0.3, -0.7] },
  'a choice between a number and many': {
    cost: (x) => f.sum(f.where(f.greater(x, 0), f.square(f.sum(x)), 3)),
    at: [1, -2, 4],
    hessian: [[4, 4, 4], [4, 4, 4], [4, 4, 4]],
  },
  'a choice that leaves all out': { cost: (x) => f.sum(f.where(f.greater(x, 9), f.log(x), 1)), at: [0, 2], hessian: [[0, 0], [0, 0]] },
  'the largest, squared': { cost: (x) => f.square(f.max(x)), at: [1, 3], hessian: [[0, 0], [0, 2]] },
  'within bounds': { cost: (x) => f.sum(f.square(f.clip(x, -1, 1))), at: [0.5, 3], hessian: [[2, 0], [0, 0]] },
  'a loop': { cost: (x) => iterate(3, [f.sum(f.square(x))], ([s]) => [f.mul(s, s)])[0], at: [0.9, 0.3] },
  'an alternative': {
    cost: (x) => f.ifElse(f.greater(f.sum(x), 0), f.sum(f.square(x)), f.sum(f.log(f.neg(x)))),
    at: [3, -1],
    hessian: [[2, 0], [0, 2]],
  },
  'a norm': { cost: (x) => f.norm(x), at: [3, 4], hessian: [[16 / 125, -12 / 125], [-12 / 125, 9 / 125]] },
  'a power of both': { cost: (x) => f.sum(f.pow(part(x, 0), part(x, 1))), at: [2, 3] },
  'a running sum': { cost: (x) => f.sum(f.square(f.cumsum(x))), at: [1, 2], hessian: [[4, 2], [2, 2]] },
  'what was taken twice': { cost: (x) => f.sum(f.square(f.take(x, numbers(1, 1)))), at: [1, 2], hessian: [[0, 0], [0, 4]] },
}; // prettier-ignore

/** The Hessian by central differences of values alone. */
function differences(y: Node, x: Node, at: readonly number[]): number[] {
  const step = 1e-4;
  const valueAt = (moved: readonly number[]): number =>
    evaluate([y], new Map([[x, { data: Float64Array.from(moved), shape: [at.length] }]]))[0]!.data[0]!;
  const moved = (i: number, a: number, j: number, b: number): number[] =>
    at.map((value, k) => value + (k === i ? a : 0) + (k === j ? b : 0));
  return at.flatMap((_, i) =>
    at.map((__, j) => {
      const corner = (a: number, b: number): number => valueAt(moved(i, a * step, j, b * step));
      return (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * step * step);
    }),
  );
}

describe('second derivatives', function () {
  this.timeout(30_000);

  for (const [name, { cost, at, hessian: closed, edge }] of Object.entries(cases)) {
    it(`agree with their closed form and with differences, interpreted and compiled: ${name}`, async () => {
      const { x, value, y, outputs, slow, curved } = interpretedDerivatives(cost, at);
      // Of the parameter’s shape, however little of it the cost looks at.
      assert.deepEqual(slow.shape, [at.length]);
      assert.deepEqual(curved.shape, [at.length, at.length]);
      const exact = closed?.flat() ?? Array.from(curved.data);
      assertClose(curved.data, exact, 1e-9, 'interpreter');
      if (!edge) assertClose(differences(y, x, at), exact, 1e-5, 'differences');
      for await (const { results, precision, what } of compiledDerivatives(x, value, outputs)) {
        const tolerance = precision === 'float32' ? 2e-5 : 1e-9;
        assertClose(results.g, Array.from(slow.data), tolerance, `${what}, gradient`);
        assertClose(results.second, exact, tolerance, what);
      }
    });
  }

  it('of a part of several parameters are of that part’s shape', () => {
    const [a, b] = [vector('a', { shape: [3] }), vector('b', { shape: [2] })];
    const y = f.add(f.sum(f.mul(f.prod(a), b)), f.sum(b));
    const [inA, inB] = grad(y, [a, b]);
    const [again] = grad(f.sum(f.square(inA)), [b]);
    const [zero] = grad(f.sum(inB), [b], { disconnected: 'zero' });
    const values = new Map([
      [a, { data: Float64Array.of(0, 2, 3), shape: [3] }],
      [b, { data: Float64Array.of(1, -4), shape: [2] }],
    ]);
    const [first, second, nothing] = evaluate([inA, again, zero], values);
    assertClose(first!.data, [-18, 0, 0], 1e-12, 'gradient in a');
    // Σ(∂y/∂a)² = (6·Σb)².
    assertClose(second!.data, [-216, -216], 1e-12, 'its square’s gradient in b');
    assertClose(nothing!.data, [0, 0], 0, 'what b adds alone');
  });
});
