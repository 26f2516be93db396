import assert from 'node:assert/strict';
import { compile, grad, constant, scalar, vector, type Node, evaluate, iterate } from '../../../src/engine';
import * as f from '../../../src/engine/functions';
import { assertClose, compiledDerivatives, interpretedDerivatives } from './fixtures/derivatives';

/** An expression of a vector, where it is taken, and its gradient there by a closed form. */
interface Case {
  cost: (x: Node) => Node;
  at: readonly number[];
  gradient: readonly number[];
}

const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const first = (x: Node): Node => f.sum(f.slice(x, 0, 1));
const number = (...values: number[]): Node => constant({ data: Float64Array.from(values), shape: [values.length] });
const crossEntropy = (p: Node, t: Node): Node =>
  f.neg(f.sum(f.add(f.mul(t, f.log(p)), f.mul(f.sub(1, t), f.log(f.sub(1, p))))));
const byHand = {
  sigmoid: (x: Node): Node => f.div(1, f.add(f.exp(f.neg(x)), 1)),
  softmax: (x: Node): Node => f.div(f.exp(x), f.sum(f.exp(x))),
};

const cases: Record<string, Case> = {
  'log σ, far out': { cost: (x) => f.sum(f.log(f.sigmoid(x))), at: [-20, -90, -800], gradient: [logistic(20), 1, 1] },
  'log σ written out': {
    cost: (x) => f.sum(f.log(byHand.sigmoid(x))),
    at: [-20, -90, -800],
    gradient: [logistic(20), 1, 1],
  },
  'log(1 − σ)': {
    cost: (x) => f.sum(f.log(f.sub(1, f.sigmoid(x)))),
    at: [20, 90, 800],
    gradient: [-logistic(20), -1, -1],
  },
  'log1p(−σ)': { cost: (x) => f.sum(f.log1p(f.neg(f.sigmoid(x)))), at: [20, 800], gradient: [-logistic(20), -1] },
  'log softmax': { cost: (x) => first(f.log(f.softmax(x))), at: [0, 90], gradient: [1, -1] },
  'log softmax, further': { cost: (x) => first(f.log(f.softmax(x))), at: [0, 800], gradient: [1, -1] },
  'log of one share': { cost: (x) => f.sum(f.log(f.slice(f.softmax(x), 0, 1))), at: [0, 800], gradient: [1, -1] },
  'log of labelled shares': {
    cost: (x) => f.sum(f.log(f.take(f.softmax(x), number(0)))),
    at: [0, 800],
    gradient: [1, -1],
  },
  'log softmax written out': { cost: (x) => first(f.log(byHand.softmax(x))), at: [0, 800], gradient: [1, -1] },
  'x less logsumexp': { cost: (x) => first(f.sub(x, f.logsumexp(x))), at: [0, 800], gradient: [1, -1] },
  'log Σ exp': { cost: (x) => f.log(f.sum(f.exp(x))), at: [0, 800], gradient: [0, 1] },
  'log mean exp': { cost: (x) => f.log(f.mean(f.exp(x))), at: [0, 800], gradient: [0, 1] },
  'log(eˣ + e⁻ˣ)': {
    cost: (x) => f.sum(f.log(f.add(f.exp(x), f.exp(f.neg(x))))),
    at: [800, -800],
    gradient: [1, -1],
  },
  'log(2 + eˣ)': { cost: (x) => f.sum(f.log(f.add(2, f.exp(x)))), at: [800, -800], gradient: [1, 0] },
  'log(1 + eˣ)': { cost: (x) => f.sum(f.log(f.add(f.exp(x), 1))), at: [800, -800], gradient: [1, 0] },
  'cross-entropy': { cost: (x) => crossEntropy(f.sigmoid(x), number(1, 0)), at: [200, -200], gradient: [0, 0] },
  'cross-entropy, wrong': { cost: (x) => crossEntropy(f.sigmoid(x), number(0, 1)), at: [200, -200], gradient: [1, -1] },
  'a quotient that an exponential makes vanish': {
    cost: (x) => f.sum(f.div(1, f.add(2, f.exp(x)))),
    at: [800, 0],
    gradient: [0, -1 / 9],
  },
  'x σ(x) written out': {
    cost: (x) => f.sum(f.div(x, f.add(1, f.exp(f.neg(x))))),
    at: [-800, 0],
    gradient: [0, 0.5],
  },
  'exp(−eˣ)': { cost: (x) => f.sum(f.exp(f.neg(f.exp(x)))), at: [800, 0], gradient: [0, -Math.exp(-1)] },
  'eˣ/eˣ⁻¹': { cost: (x) => f.sum(f.div(f.exp(x), f.exp(f.sub(x, 1)))), at: [800, 0], gradient: [0, 0] },
  '√exp, underflown': { cost: (x) => f.sum(f.sqrt(f.exp(x))), at: [-800, 0], gradient: [0, 0.5] },
  'ifElse with an alternative that overflows': {
    cost: (x) => f.ifElse(f.greater(f.sum(x), 0), f.add(f.sum(x), 1), f.exp(f.sum(x))),
    at: [1000],
    gradient: [1],
  },
  'the same in a loop': {
    cost: (x) => iterate(3, [f.sum(x)], ([s]) => [f.ifElse(f.greater(s, 0), f.add(s, 1), f.exp(f.exp(f.exp(s))))])[0],
    at: [1000],
    gradient: [1],
  },
  'an alternative with a product of matrices': {
    cost: (x) => {
      const outer = f.matmul(f.unsqueeze(f.log(x), 1), f.unsqueeze(x, 0));
      return f.ifElse(f.greater(f.sum(x), 10), f.sum(outer), f.sum(x));
    },
    at: [0, 1],
    gradient: [1, 1],
  },
  'rows of a product that are left out': {
    cost: (x) => {
      const product = f.matmul(f.unsqueeze(f.log(x), 1), number(1, 2).reshape([1, 2]));
      return f.sum(f.where(f.greater(f.unsqueeze(x, 1), 0), product, 0));
    },
    at: [0, 2],
    gradient: [0, 1.5],
  },
  'alternatives that share an operation': {
    cost: (x) => {
      const l = f.log(x);
      return f.sum(f.add(f.where(f.greater(x, 0), l, 0), f.where(f.greater(x, 0), f.mul(2, l), 0)));
    },
    at: [0, 1],
    gradient: [0, 3],
  },
  'alternatives of other conditions that share an operation': {
    cost: (x) => {
      const l = f.square(f.log(x));
      return f.sum(f.add(f.where(f.greater(x, 0), l, 0), f.where(f.greater(x, 1), f.mul(2, l), 0)));
    },
    at: [0, Math.E],
    gradient: [0, 6 / Math.E],
  },
  'alternatives within alternatives': {
    cost: (x) => {
      const v = f.square(f.log(f.sub(x, 1)));
      const side = f.where(f.greaterEqual(x, 2), v, f.neg(v));
      return f.sum(f.where(f.equal(x, 1), x, side));
    },
    at: [1, 3],
    gradient: [1, Math.log(2)],
  },
  'one number for alternatives of many': {
    cost: (x) => f.sum(f.where(f.greater(number(1, 2, 3), 5), f.log(f.sum(x)), 0)),
    at: [0],
    gradient: [0],
  },
  'a sum that is left out': {
    cost: (x) => f.where(f.greater(f.sum(x), 0), f.sum(f.log(x)), 0),
    at: [0, 0],
    gradient: [0, 0],
  },
  'parts that are left out': {
    cost: (x) => {
      const l = f.reshape(f.concatenate([f.log(x), f.sqrt(x)]), [2, 2]);
      return f.sum(f.where(f.greater(f.reshape(f.concatenate([x, x]), [2, 2]), 0), f.transpose(l).T, 0));
    },
    at: [0, 4],
    gradient: [0, 0.5],
  },
  'the larger of log x and a bound': { cost: (x) => f.sum(f.maximum(f.log(x), -9)), at: [0, 2], gradient: [0, 0.5] },
  'log x within bounds': { cost: (x) => f.sum(f.clip(f.log(x), -9, 9)), at: [0, 2], gradient: [0, 0.5] },
  'the positive part of log x': { cost: (x) => f.sum(f.relu(f.log(x))), at: [0, 2], gradient: [0, 0.5] },
  'the largest log': { cost: (x) => f.max(f.log(x)), at: [0, 2], gradient: [0, 0.5] },
  'the norm at 0': { cost: (x) => f.norm(x), at: [0, 0], gradient: [0, 0] },
  'norms along an axis, one of them 0': {
    cost: (x) => f.sum(f.norm(f.reshape(x, [2, 2]), 1)),
    at: [0, 0, 3, 4],
    gradient: [0, 0, 0.6, 0.8],
  },
  'the norm by a product': { cost: (x) => f.sqrt(f.matmul(x, x)), at: [0, 0], gradient: [0, 0] },
  'the norm as a power': { cost: (x) => f.pow(f.sum(f.square(x)), 0.5), at: [0, 0], gradient: [0, 0] },
  '√|x|': { cost: (x) => f.sum(f.sqrt(f.abs(x))), at: [0, 4], gradient: [0, 0.25] },
  'the deviation of equal numbers': {
    cost: (x) => f.sqrt(f.mean(f.square(f.sub(x, f.mean(x))))),
    at: [2, 2],
    gradient: [0, 0],
  },
  'a power of an exponent that is 0': {
    cost: (x) => f.sum(f.pow(x, f.sum(f.sub(number(1), number(1))))),
    at: [0, 2],
    gradient: [0, 0],
  },
  'a quotient of the least numbers': { cost: (x) => f.sum(f.div(0, x)), at: [1e-30, 1], gradient: [0, 0] },
  'a product with zeros': { cost: (x) => f.prod(x), at: [0, 3, 2], gradient: [6, 0, 0] },
};

describe('gradients where slopes on the way are no numbers', () => {
  for (const [name, { cost, at, gradient }] of Object.entries(cases)) {
    it(name, async () => {
      const { x, value, outputs, slow, curved } = interpretedDerivatives(cost, at);
      assertClose(slow.data, gradient, 1e-9, 'interpreter');
      assert.ok(curved.data.every(Number.isFinite), `the Hessian is ${curved.data.join()}`);
      for await (const { results, precision, what } of compiledDerivatives(x, value, outputs)) {
        assertClose(results.g, gradient, precision === 'float32' ? 1e-5 : 1e-9, what);
        assert.ok(results.second.every(Number.isFinite), `${what}: the Hessian is ${results.second.join()}`);
      }
    });
  }

  it('with an exponent that is given, and is 0', async () => {
    const [x, n] = [scalar('x'), scalar('n')];
    const [g] = grad(f.pow(x, n), [x]);
    const program = await compile({ inputs: { x, n }, outputs: { g } });
    const at = (value: number) => ({ data: Float64Array.of(value), shape: [] });
    assert.equal((await program.run({ x: at(0), n: at(0) })).g[0], 0);
    assert.equal((await program.run({ x: at(0), n: at(1) })).g[0], 1);
    await program.dispose();
  });

  it('at −∞, where another alternative is meant', async () => {
    const [a, m] = [scalar('a'), scalar('m')];
    const v = f.square(f.sub(a, m));
    const y = f.where(f.equal(a, -Infinity), m, f.where(f.greaterEqual(a, 0), v, f.neg(v)));
    const program = await compile({ inputs: { a, m }, outputs: { g: grad(y, [m])[0] } });
    const at = (value: number) => ({ data: Float64Array.of(value), shape: [] });
    assert.equal((await program.run({ a: at(-Infinity), m: at(0) })).g[0], 1);
    await program.dispose();
  });

  it('in an intermediate result, through which no rule sees', () => {
    const x = vector('x', { shape: [1] });
    const s = f.sigmoid(x);
    const [g] = grad(f.sum(f.log(s)), [s]);
    assertClose(evaluate([g], new Map([[x, { data: Float64Array.of(0), shape: [1] }]]))[0]!.data, [2], 1e-12, 'σ');
  });
});

/** Functions with what their derivatives are, by closed forms that neither overflow nor cancel. */
const parts: Record<string, { of: (x: Node) => Node; slope: (x: number) => number }> = {
  abs: { of: f.abs, slope: Math.sign },
  exp: { of: f.exp, slope: Math.exp },
  log: { of: f.log, slope: (x) => (x < 0 ? NaN : 1 / x) },
  log1p: { of: f.log1p, slope: (x) => (x < -1 ? NaN : 1 / (1 + x)) },
  expm1: { of: f.expm1, slope: Math.exp },
  sqrt: { of: f.sqrt, slope: (x) => (x < 0 ? NaN : 0.5 / Math.sqrt(x)) },
  square: { of: f.square, slope: (x) => 2 * x },
  sigmoid: { of: f.sigmoid, slope: (x) => logistic(x) * logistic(-x) },
  tanh: { of: f.tanh, slope: (x) => 4 * logistic(2 * x) * logistic(-2 * x) },
  softplus: { of: f.softplus, slope: logistic },
  relu: { of: f.relu, slope: (x) => Number(x > 0) },
  inverse: { of: (x) => f.div(1, x), slope: (x) => -1 / x / x },
};
const points = [0, 1e-30, -1e-30, 1, -1, 20, -20, 90, -90, 200, -200, 800, -800, 1e30, -1e30];

describe('a function in an alternative, at extreme points', () => {
  const x = vector('x', { shape: [points.length] });
  const value = { data: Float64Array.from(points), shape: [points.length] };
  const choices: Record<string, (yes: Node, holds: Node) => Node> = {
    where: (yes, holds) => f.where(holds, yes, x),
    'where, shared': (yes, holds) => f.where(holds, f.add(yes, yes), f.where(f.not(holds), x, f.neg(yes))),
    'where, of a sum': (yes, holds) => f.add(f.where(holds, yes, 0), f.where(holds, 0, x)),
  };
  for (const [name, { of, slope }] of Object.entries(parts)) {
    it(`${name}: what is left out gives its slope to nothing`, async () => {
      const outputs: Record<string, Node> = {};
      const expected: Record<string, (precise: number) => number[]> = {};
      for (const [way, choose] of Object.entries(choices)) {
        for (const isTaken of [(at: number) => at === 1 || at === 20, (at: number) => Number.isFinite(slope(at))]) {
          const taken = points.map((at) => isTaken(at) && Number.isFinite(Math.fround(slope(at))));
          const holds = f.greater(number(...taken.map(Number)), 0.5);
          const title = `${way} ${Object.keys(outputs).length}`;
          outputs[title] = grad(f.sum(choose(of(x), holds)), [x])[0];
          const twice = way === 'where, shared' ? 2 : 1;
          expected[title] = () => points.map((at, i) => (taken[i] ? twice * slope(at) : 1));
        }
      }
      for (const precision of ['float32', 'float64'] as const) {
        const program = await compile({ inputs: { x }, outputs, precision, device: 'cpu', threads: 1 });
        const results = await program.run({ x: value });
        await program.dispose();
        for (const [title, gradient] of Object.entries(expected)) {
          // The runtime's σ of float32 is right to 2⁻²⁴, which is all that is asked of it in its tails.
          assertClose(results[title]!, gradient(0), precision === 'float32' ? 2e-5 : 1e-7, `${precision}, ${title}`);
        }
      }
    });
  }
});

describe('exponentials and their sums', () => {
  for (const [precision, tolerance] of [
    ['float32', 1e-6],
    ['float64', 1e-9],
  ] as const) {
    it(`are shares that sum to 1, however large, in ${precision}`, async () => {
      const x = vector('x', { shape: [3] });
      const outputs = {
        softmax: f.softmax(x),
        exponential: f.exp(f.sub(x, f.logsumexp(x))),
        written: byHand.softmax(x),
        logarithm: f.exp(f.log(f.softmax(x))),
      };
      const program = await compile({ inputs: { x }, outputs, precision });
      for (const base of [0, 10_000, 1_000_000]) {
        const value = { data: Float64Array.of(base + 1, base + 2, base + 3), shape: [3] };
        for (const [name, shares] of Object.entries(await program.run({ x: value }))) {
          assertClose(
            shares,
            [0.0900305731703805, 0.244728471054798, 0.665240955774822],
            tolerance,
            `${name} at ${base}`,
          );
        }
      }
      await program.dispose();
    });

    it(`of −∞ have the logarithm −∞, in ${precision}`, async () => {
      const x = vector('x', { shape: [2] });
      const program = await compile({ inputs: { x }, outputs: { y: f.logsumexp(x) }, precision });
      const of = async (...values: number[]) =>
        (await program.run({ x: { data: Float64Array.from(values), shape: [2] } })).y[0];
      assert.equal(await of(-Infinity, -Infinity), -Infinity);
      assert.equal(await of(-Infinity, 3), 3);
      assert.equal(await of(Infinity, 3), Infinity);
      await program.dispose();
    });
  }

  it('leave log Γ of large numbers finite in float32', async () => {
    const x = scalar('x');
    const program = await compile({ inputs: { x }, outputs: { y: f.lgamma(x) } });
    for (const [at, expected] of [
      [20_000, 178065.71824964616],
      [1e30, 6.8077552789821365e31],
      [1, 0],
      [0.5, 0.5723649429247],
    ] as const) {
      assertClose((await program.run({ x: { data: Float64Array.of(at), shape: [] } })).y, [expected], 1e-5, `at ${at}`);
    }
    await program.dispose();
  });
});
