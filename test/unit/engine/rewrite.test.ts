import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  compile,
  grad,
  constant,
  matrix,
  shared,
  type Node,
  evaluate,
  printGraph,
  randomNormal,
  type Tensor,
} from '../../../src/engine';
import * as f from '../../../src/engine/functions';
import { make, topological } from '../../../src/engine/graph';
import { optimize } from '../../../src/engine/rewrite/optimize';
import { rewrite } from '../../../src/engine/rewrite/rewrite';
import { specialization } from '../../../src/engine/rewrite/specialize';
import { build, data, H, recipe, W, X } from './fixtures/expressions';

const [n, m] = X.shape as [number, number];

const simplified = (root: Node): string => printGraph({ y: optimize([root], new Set<Node>([W, H])).roots[0]! });

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    assert.ok(difference <= tolerance * (1 + Math.abs(expected[i]!)), `${what}: ${actual[i]} is not ${expected[i]}`);
  }
}

describe('rewriting', () => {
  it('changes no value and no gradient of a random expression', () => {
    fc.assert(
      fc.property(recipe, (steps) => {
        const cost = build(steps);
        const roots = [cost, ...grad(cost, [W, H], { disconnected: 'zero' })];
        const { roots: rewritten } = optimize(roots, new Set<Node>([W, H]));
        const bindings = new Map<Node, Tensor>([[X, data]]);
        const [before, after] = [evaluate(roots, bindings), evaluate(rewritten, bindings)];
        before.forEach((value, i) => {
          assert.deepEqual(after[i]!.shape, value.shape);
          assertClose(after[i]!.data, value.data, 1e-9, `root ${i}`);
        });
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('leaves ONNX Runtime with what the interpreter says, rewritten or not', async () => {
    await fc.assert(
      fc.asyncProperty(recipe, fc.boolean(), async (steps, optimized) => {
        const cost = build(steps);
        const [dW, dH] = grad(cost, [W, H], { disconnected: 'zero' });
        const expected = evaluate([cost, dW, dH], new Map<Node, Tensor>([[X, data]]));
        const program = await compile({
          inputs: { X },
          outputs: { cost, dW, dH },
          precision: 'float64',
          optimize: optimized,
          threads: 1,
        });
        const results = await program.run({ X: data });
        await program.dispose();
        [results.cost, results.dW, results.dH].forEach((value, i) =>
          assertClose(value, expected[i]!.data, 1e-9, `root ${i}`),
        );
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it('writes the gradient of the squared distance in Gram form, and the cost beside it, guarded', () => {
    const cost = f.sum(f.square(f.sub(X, f.matmul(W, H))));
    const [large, tall, wide] = [
      matrix('X', { shape: [300, 200] }),
      shared(randomNormal([300, 4]), 'W'),
      shared(randomNormal([4, 200]), 'H'),
    ];
    const fit = f.sum(f.square(f.sub(large, f.matmul(tall, wide))));
    const [dW, dH] = grad(fit, [tall, wide]);
    const { roots } = optimize([fit, dW, dH], new Set<Node>([tall, wide]));
    assert.equal(printGraph({ cost: roots[0]!, dW: roots[1]!, dH: roots[2]! }), gramForm);
    assert.match(simplified(cost), /sumSquares/);
  });

  it('does not make the residual twice, nor the Gram form, where a mask stands in the way', () => {
    const mask = matrix('mask', { shape: [n, m] });
    const cost = f.sum(f.mul(mask, f.square(f.sub(X, f.matmul(W, H)))));
    const { roots } = optimize([cost, ...grad(cost, [W, H])], new Set<Node>([W, H]));
    const products = topological(roots).filter(({ op }) => op === 'matmul' || op === 'gemm');
    assert.equal(products.length, 3);
  });

  it('orders a chain of products by its cost', () => {
    const chain = f.matmul(
      f.matmul(matrix('A', { shape: [100, 2] }), matrix('B', { shape: [2, 100] })),
      matrix('C', { shape: [100, 3] }),
    );
    assert.equal(simplified(chain), '%0 = matmul(B, C) [2, 3]\n%1 = matmul(A, %0) [100, 3]\ny: %1');
  });

  it('orders a product of equal products, and counts what they share once', () => {
    const [wide, tall] = [matrix('A', { shape: [4, 100] }), matrix('B', { shape: [100, 4] })];
    const squareOf = (x: Node): Node => f.matmul(f.matmul(x, x.T), f.matmul(x, x.T));
    assert.equal(
      simplified(squareOf(wide)),
      '%0 = gemm(A, A, transB, alpha=1) [4, 4]\n%1 = matmul(%0, %0) [4, 4]\ny: %1',
    );
    assert.equal(
      simplified(squareOf(tall)),
      '%0 = gemm(B, B, transA, alpha=1) [4, 4]\n%1 = gemm(%0, B, transB, alpha=1) [4, 100]\n%2 = matmul(B, %1) [100, 100]\ny: %2',
    );
  });

  it('multiplies by no matrix of equal rows or columns, such as the gradient of a sum of W·H needs', () => {
    const lines = (rows: number, columns: number): number[][] => [[], [1], [columns], [rows, 1], [1, columns], [1, 1]];
    const products = [
      ...lines(n, m).map((shape) => f.matmul(f.broadcastTo(constant(randomNormal(shape)), [n, m]), H.T)),
      ...lines(m, n).map((shape) => f.matmul(H, f.broadcastTo(constant(randomNormal(shape)), [m, n]))),
    ];
    products.push(...grad(f.sum(f.matmul(W, H)), [W, H]));
    const { roots } = optimize(products, new Set<Node>([W, H]));
    const [before, after] = [evaluate(products), evaluate(roots)];
    before.forEach(({ data, shape }, i) => {
      assert.deepEqual(after[i]!.shape, shape);
      assertClose(after[i]!.data, data, 1e-12, String(products[i]));
    });
    const widest = topological(roots).filter(({ op }) => op === 'matmul' || op === 'gemm');
    assert.ok(widest.every(({ shape }) => shape.includes(1)));
  });

  it('takes no factor into a product that has a summand already', () => {
    const whole = make('gemm', [W, H, X], { transA: false, transB: false, alpha: 1 });
    const root = f.mul(3, whole);
    const after = rewrite([root], specialization([root], new Map()));
    const bindings = new Map<Node, Tensor>([[X, data]]);
    assertClose(evaluate(after, bindings)[0]!.data, evaluate([root], bindings)[0]!.data, 1e-12, 'three times the sum');
  });

  for (const [name, loss, only] of [
    [
      "Huber's loss",
      (e: Node) => f.mul(f.clip(e, -0.5, 0.5), f.sub(f.mul(2, e), f.clip(e, -0.5, 0.5))),
      ['gemm', 'clip', 'transpose', 'gemm'],
    ],
    ['the square of a positive part', (e: Node) => f.square(f.relu(e)), ['gemm', 'relu', 'transpose', 'gemm']],
  ] as const) {
    it(`takes the slope of ${name} without asking where it is bounded`, () => {
      const [dW] = grad(f.sum(loss(f.sub(X, f.matmul(W, H)))), [W]);
      const { roots } = optimize([dW], new Set<Node>([W, H]), 'float32');
      assert.deepEqual(
        topological(roots).flatMap(({ op, operands }) => (operands.length > 0 ? [op] : [])),
        only,
      );
      const residuals = evaluate([f.sub(X, f.matmul(W, H))], new Map<Node, Tensor>([[X, data]]))[0]!.data;
      assert.ok(
        residuals.some((e) => e < -0.5) && residuals.some((e) => Math.abs(e) < 0.5) && residuals.some((e) => e > 0),
      );
      const [before, after] = [[dW], roots].map((program) => evaluate(program, new Map<Node, Tensor>([[X, data]]))[0]!);
      assertClose(after!.data, before!.data, 1e-12, name);
    });
  }

  it('broadcasts no truth values where the bare operands do not reach the whole shape', () => {
    const choice = f.where(f.greater(f.broadcastTo(constant(0.5), [n, m]), f.sum(W, 1, { keepDims: true })), 2, X);
    const { roots } = optimize([choice], new Set<Node>([W]));
    const [before, after] = [[choice], roots].map((p) => evaluate(p, new Map<Node, Tensor>([[X, data]]))[0]!);
    assert.deepEqual(after, before);
  });

  it('keeps logarithms and exponentials from overflowing', async () => {
    const x = matrix('x', { shape: [1, 4] });
    const values: Tensor = { data: Float64Array.of(-800, -1e-9, 1e-9, 800), shape: [1, 4] };
    const outputs = {
      softplus: f.log(f.add(1, f.exp(x))),
      logistic: f.div(1, f.add(1, f.exp(f.neg(x)))),
      logSigmoid: f.log(f.sigmoid(x)),
      logsumexp: f.log(f.sum(f.exp(x), 1)),
      expm1: f.sub(f.exp(f.minimum(x, 1)), 1),
    };
    const program = await compile({ inputs: { x }, outputs, precision: 'float64' });
    const results = await program.run({ x: values });
    await program.dispose();
    assertClose(results.softplus, [0, Math.LN2, Math.LN2, 800], 1e-8, 'softplus');
    assertClose(results.logistic, [0, 0.5, 0.5, 1], 1e-8, 'logistic');
    assertClose(results.logSigmoid, [-800, -Math.LN2, -Math.LN2, 0], 1e-8, 'log of sigmoid');
    assertClose(results.logsumexp, [800], 1e-12, 'logsumexp');
    assert.ok(Math.abs(results.expm1[2]! / 1e-9 - 1) < 1e-9);
  });
});

describe('rewriting a deep graph', () => {
  const x = shared(randomNormal([3, 3], { seed: 4 }), 'x');
  const B = constant(randomNormal([3, 3], { seed: 5 }));
  const links: Record<string, (y: Node) => Node> = {
    'a sum with factors and signs': (y) => f.neg(f.sub(f.mul(0.5, x), f.mul(y, 2))),
    'a product and a nonlinearity': (y) => f.tanh(f.matmul(B, f.add(y, x))),
    'a gradient step written out': (y) => f.sub(y, f.mul(0.1, f.matmul(f.sub(f.matmul(y, x), B), x.T))),
    'a logarithm of a sum of exponentials': (y) => f.sub(y, f.log(f.sum(f.exp(y), 1, { keepDims: true }))),
  };
  /** Links of a chain; where each holds three products, fewer show as much. */
  const lengths = (name: string): number[] => (name.startsWith('a gradient') ? [125, 250, 500] : [500, 1000, 2000]);
  for (const [name, link] of Object.entries(links)) {
    it(`takes work in proportion to its length: ${name}`, () => {
      const counts = lengths(name).map((length) => {
        const last = Array.from({ length }).reduce<Node>(link, x);
        const cost = f.sum(f.square(last));
        const roots = [cost, ...grad(cost, [x])];
        const { roots: rewritten, log } = optimize(roots, new Set<Node>([x]));
        return { rules: log.length, before: topological(roots).length, after: topological(rewritten).length };
      });
      for (const { rules, before, after } of counts) {
        assert.ok(rules <= 3 * before, `${rules} applications of rules for ${before} nodes`);
        assert.ok(after <= 1.5 * before, `${before} nodes became ${after}`);
      }
      const [first, second, third] = counts.map(({ rules }) => rules) as [number, number, number];
      assert.ok(
        second <= 2.3 * first && third <= 2.3 * second,
        `applications of rules: ${[first, second, third].join()}`,
      );
    });
  }
});

describe('the guarded Gram form of the squared distance', () => {
  for (const [rows, columns] of [
    [1100, 700],
    [1700, 1100],
    [3, 300_000],
  ] as const) {
    it(`takes the residual of a close fit, ${rows}×${columns}`, async () => {
      const [left, right] = [randomNormal([rows, 2], { seed: 1 }), randomNormal([2, columns], { seed: 2 })];
      const error = randomNormal([rows, columns], { seed: 3, scale: 0.01 });
      const x = matrix('X');
      const [w, h] = [shared(left, 'W', { shape: ['rows', 2] }), shared(right, 'H')];
      const cost = f.sum(f.square(f.sub(x, f.matmul(w, h))));
      const [dW, dH] = grad(cost, [w, h]);
      const step = (p: Node, g: Node): [Node, Node] => [p, f.sub(p, f.mul(1e-9, g))];
      const program = await compile({ inputs: { X: x }, outputs: { cost }, updates: [step(w, dW), step(h, dH)] });
      assert.match(program.explain(), /ifElse/);
      const [product] = evaluate([f.matmul(w, h)]);
      const given = { data: Float32Array.from(product!.data, (v, i) => v + error.data[i]!), shape: [rows, columns] };
      const { cost: trace } = await program.run({ X: given });
      await program.dispose();
      const exact = given.data.reduce((total, v, i) => total + (v - product!.data[i]!) ** 2, 0);
      assert.ok(Math.abs(trace[0]! - exact) <= 2e-5 * exact, `${trace[0]} is not ${exact}`);
    });
  }

  for (const noise of [1, 0.1, 0.05, 0.01, 1e-3, 0]) {
    it(`agrees with the float64 sum over the residual in float32, with noise ${noise}`, async () => {
      const [rows, columns, rank] = [300, 200, 6];
      const [left, right] = [randomNormal([rows, rank], { seed: 1 }), randomNormal([rank, columns], { seed: 2 })];
      const error = randomNormal([rows, columns], { seed: 3, scale: noise });
      const x = matrix('X');
      const [w, h] = [shared(left, 'W'), shared(right, 'H')];
      const [product] = evaluate([f.matmul(w, h)]);
      const given = { data: Float32Array.from(product!.data, (v, i) => v + error.data[i]!), shape: [rows, columns] };
      const cost = f.sum(f.square(f.sub(x, f.matmul(w, h))));
      const [dW, dH] = grad(cost, [w, h]);
      const step = (p: Node, g: Node): [Node, Node] => [p, f.sub(p, f.mul(1e-9, g))];
      const program = await compile({ inputs: { X: x }, outputs: { cost }, updates: [step(w, dW), step(h, dH)] });
      assert.match(program.explain(), /gramDistance/);
      const { cost: trace } = await program.run({ X: given });
      await program.dispose();
      const exact = evaluate([cost], new Map<Node, Tensor>([[x, given]]))[0]!.data[0]!;
      // Rounding W·H to float32 alone moves a residual of rounding errors; nothing is to be expected below that.
      const floor = 1e-12 * product!.data.reduce((total, v) => total + v * v, 0);
      assert.ok(trace[0]! >= 0);
      assert.ok(Math.abs(trace[0]! - exact) <= 5e-6 * exact + floor, `${trace[0]} is not ${exact}`);
    });
  }
});

const gramForm = `%0 = sumSquares(X, axes=[1]) [300]
%1 = transpose(H, permutation=[1, 0]) [200, 4]
%2 = matmul(X, %1) [300, 4]
%3 = gramDistance(%0, %2, W, W, H) []
%4 = sum(%0, axes=[0]) []
%5 = mul(0.0625, %4) []
%6 = greater(%3, %5) bool []
%7 = gemm(W, H, X, alpha=-1) [300, 200]
%8 = sumSquares(%7, axes=[0, 1]) []
%9 = ifElse(%6, %3, %8) []
%10 = gemm(H, H, transB, alpha=1) [4, 4]
%11 = matmul(W, %10) [300, 4]
%12 = sub(%11, %2) [300, 4]
%13 = mul(2, %12) [300, 4]
%14 = transpose(W, permutation=[1, 0]) [4, 300]
%15 = gemm(W, W, transA, alpha=1) [4, 4]
%16 = matmul(%15, H) [4, 200]
%17 = gemm(%14, X, %16, alpha=-1) [4, 200]
%18 = mul(2, %17) [4, 200]
cost: %9
dW: %13
dH: %18`;
