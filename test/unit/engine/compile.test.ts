import assert from 'node:assert/strict';
import {
  compile,
  DisconnectedError,
  gaussNewton,
  grad,
  hessian,
  hvp,
  jvp,
  constant,
  matrix,
  sequence,
  shared,
  vector,
  tensor,
  type Node,
  evaluate,
  NonFiniteError,
  ShapeError,
  randomNormal,
  type Tensor,
} from '../../../src/engine';
import * as f from '../../../src/engine/functions';

const valuesOf = (node: Node, bindings: [Node, Tensor][] = []): number[] => [
  ...evaluate([node], new Map(bindings))[0]!.data,
];

describe('a compiled program', () => {
  it('serves data of another number of rows without being compiled again', async () => {
    const X = matrix('X', { shape: ['n', 3] });
    const W = shared(randomNormal([4, 2]), 'W', { shape: ['n', 2] });
    const H = constant(randomNormal([2, 3], { seed: 1 }));
    const cost = f.mean(f.square(f.sub(X, f.matmul(W, H))));
    const program = await compile({
      inputs: { X },
      outputs: { cost },
      precision: 'float64',
      updates: [[W, f.mul(W, 0.5)]],
    });
    for (const rows of [4, 7]) {
      const [x, w] = [randomNormal([rows, 3], { seed: 2 }), randomNormal([rows, 2], { seed: 3 })];
      program.set(W, w);
      const { cost: trace } = await program.run({ X: x });
      assert.ok(
        Math.abs(
          trace[0]! -
            valuesOf(cost, [
              [X, x],
              [W, w],
            ])[0]!,
        ) < 1e-12,
      );
      assert.deepEqual((await program.get(W)).shape, [rows, 2]);
    }
    await assert.rejects(program.run({ X: randomNormal([5, 3]) }), /n must be 5|n must be 7/);
    await program.dispose();
  });

  it('serves data of another number of rows in Gram form, in step with the interpreter', async () => {
    const X = matrix('X', { shape: ['n', 50] });
    const W = shared(randomNormal([4, 3]), 'W', { shape: ['n', 3] });
    const H = shared(randomNormal([3, 50], { seed: 1 }), 'H');
    const cost = f.sum(f.square(f.sub(X, f.matmul(W, H))));
    const [dW, dH] = grad(cost, [W, H]);
    const updates = [
      [W, f.sub(W, f.mul(1e-4, dW))],
      [H, f.sub(H, f.mul(1e-4, dH))],
    ] as const;
    const program = await compile({ inputs: { X }, outputs: { cost }, updates, precision: 'float64' });
    assert.match(program.explain().split('── runs')[1]!, /gramDistance/);
    for (const rows of [90, 40, 130]) {
      const x = randomNormal([rows, 50], { seed: rows });
      const begin: [Node, Tensor][] = [
        [X, x],
        [W, randomNormal([rows, 3], { seed: 2 })],
        [H, randomNormal([3, 50], { seed: 3 })],
      ];
      begin.slice(1).forEach(([node, value]) => program.set(node, value));
      const { cost: trace } = await program.run({ X: x }, { steps: 2 });
      const [first, nextW, nextH] = evaluate([cost, updates[0][1], updates[1][1]], new Map(begin));
      const [second, lastW] = evaluate(
        [cost, updates[0][1]],
        new Map<Node, Tensor>([
          [X, x],
          [W, nextW!],
          [H, nextH!],
        ]),
      );
      [first!, second!].forEach(({ data }, k) => assert.ok(Math.abs(trace[k]! - data[0]!) < 1e-11 * data[0]!));
      const reached = await program.get(W);
      assert.deepEqual(reached.shape, [rows, 3]);
      reached.data.forEach((w, i) => assert.ok(Math.abs(w - lastW!.data[i]!) < 1e-12, `row count ${rows}, W at ${i}`));
    }
    await program.dispose();
  });

  it('gives each step its own value of a sequence, and answers other outputs than scalars from the last step', async () => {
    const rate = sequence('rate');
    const W = shared(tensor([1, 2]), 'W');
    const program = await compile({
      sequences: { rate },
      outputs: { total: f.sum(W), W },
      updates: [[W, f.add(W, rate)]],
    });
    const { total, W: last } = await program.run({}, { steps: 3, sequences: { rate: [10, 100, 1000] } });
    assert.deepEqual([...total], [3, 23, 223]);
    assert.deepEqual([...last], [111, 112]);
    assert.deepEqual([...(await program.get(W)).data], [1111, 1112]);
    await assert.rejects(program.run({}, { steps: 2, sequences: { rate: [1] } }), /needs 2 values and has 1/);
    await program.dispose();
  });

  it('names the first operation that makes a NaN when asked to', async () => {
    const x = shared(tensor([2]), 'x');
    const program = await compile({ outputs: { y: f.sum(f.log(x)) }, updates: [[x, f.sub(x, 1)]], debugNaN: true });
    await program.run({}, { steps: 2 });
    await assert.rejects(program.run({}, { steps: 3 }), (error: Error) => {
      assert.ok(error instanceof NonFiniteError);
      assert.match(error.message, /^log\(x \[1\]\) makes -Infinity at \[0\], in the output y: sum › log$/);
      return true;
    });
    await program.dispose();
  });

  it('computes only the alternative that holds', async () => {
    const x = vector('x');
    const y = f.ifElse(f.greater(f.sum(x), 0), f.sum(f.log(x)), f.neg(f.sum(x)));
    const program = await compile({ inputs: { x }, outputs: { y } });
    assert.equal((await program.run({ x: tensor([1, 1]) })).y[0], 0);
    assert.equal((await program.run({ x: tensor([-1, -2]) })).y[0], 3);
    await program.dispose();
  });
});

describe('errors', () => {
  it('name the operation, the operands and their shapes', () => {
    const [W, H] = [shared(randomNormal([3, 2]), 'W'), shared(randomNormal([4, 5]), 'H')];
    assert.throws(() => f.matmul(W, H), new ShapeError('matmul(W [3, 2], H [4, 5]): 2 columns meet 4 rows'));
    assert.throws(() => f.add(W, H), new ShapeError('add(W [3, 2], H [4, 5]): the shapes do not broadcast'));
  });

  it('say at a run which input does not fit', async () => {
    const X = matrix('X');
    const W = shared(randomNormal([3, 2]), 'W');
    const program = await compile({ inputs: { X }, outputs: { y: f.sum(f.add(X, W)) } });
    await assert.rejects(
      program.run({ X: randomNormal([4, 2]) }),
      /^ShapeError: add\(X \[4, 2\], W \[3, 2\]\): the shapes do not broadcast, in the output y: sum › add$/,
    );
    await program.dispose();
  });

  it('say at a run which input is of another shape than another input or its declaration says', async () => {
    const [X, v] = [matrix('X', { shape: ['rows', 2] }), vector('v', { shape: ['rows'] })];
    const program = await compile({ inputs: { X, v }, outputs: { y: f.sum(f.mul(v, f.sum(f.square(X), 1))) } });
    const run = (X: number[], v: number[]) => program.run({ X: randomNormal(X), v: randomNormal(v) });
    await assert.rejects(run([4, 2], [3]), {
      message: 'v is of shape [rows], but was given [3]: rows must be 4, as in X, in the output y: sum › mul › v',
    });
    await assert.rejects(run([4, 3], [4]), {
      message:
        'X is of shape [rows, 2], but was given [4, 3]: axis 1 must be 2, in the output y: sum › mul › sum › square › X',
    });
    await assert.rejects(run([4], [4]), {
      message: 'X is of shape [rows, 2], but was given [4], in the output y: sum › mul › sum › square › X',
    });
    assert.equal((await run([4, 2], [4])).y.length, 1);
    await program.dispose();
  });

  it('name an operation deep within an update by both ends of the way there', async () => {
    const x = shared(tensor([1, 4]), 'x');
    const deep = Array.from({ length: 6 }).reduce<Node>((y) => f.neg(f.square(y)), f.sqrt(f.sub(x, 3)));
    const program = await compile({ outputs: {}, updates: [[x, deep]], debugNaN: true });
    await assert.rejects(program.run({}), {
      message: 'sqrt(sub(x, 3) [2]) makes NaN at [0], in the update of x: neg › square › neg › … › neg › square › sqrt',
    });
    await program.dispose();
  });

  it('tell an index that is not there, whether given, cut from what is given, or computed', async () => {
    const W = shared(randomNormal([5, 2]), 'W');
    const rows = vector('rows', { shape: ['entries'] });
    const last = f.slice(rows, 0, 2);
    const program = await compile({ inputs: { rows }, outputs: { y: f.sum(f.take(W, last)) } });
    const take = (...indices: number[]) => program.run({ rows: tensor(indices) });
    assert.equal((await take(0, 4, 99)).y.length, 1);
    for (const wrong of [5, -1, 0.5, NaN]) {
      await assert.rejects(take(3, wrong, 2), {
        name: 'IndexError',
        message: `take(W [5, 2], slice(rows) [2]): ${wrong}, at element 1, is none of the indices 0 to 4 of axis 0, in the output y: sum › take`,
      });
    }
    await program.dispose();

    const added = await compile({ inputs: { rows }, outputs: { y: f.scatterAdd(f.square(rows), rows, 3) } });
    assert.deepEqual([...(await added.run({ rows: tensor([2, 1, 2]) })).y], [0, 1, 8]);
    await assert.rejects(added.run({ rows: tensor([2, 3]) }), {
      message:
        'scatterAdd(square(rows) [2], rows [2]): 3, at element 1, is none of the indices 0 to 2 of axis 0, in the output y: scatterAdd',
    });
    await added.dispose();

    const at = shared(tensor([3]), 'at');
    const walk = await compile({ outputs: { y: f.take(W, at) }, updates: [[at, f.add(at, 1)]] });
    await walk.run({});
    await assert.rejects(walk.run({}, { steps: 2 }), {
      message:
        'take(W [5, 2], at [1]): 5, at element 0, is none of the indices 0 to 4 of axis 0, in the output y: take',
    });
    assert.deepEqual([...(await walk.get(at)).data], [4]);
    await walk.dispose();

    for (const [step, wrong] of [
      [-2, -1],
      [-0.5, 0.5],
      [NaN, NaN],
    ] as const) {
      const from = shared(tensor([1]), 'from');
      const program = await compile({
        outputs: { y: f.scatterAdd(f.take(W, from), from, 5) },
        updates: [[from, f.add(from, step)]],
        device: 'webgpu',
      });
      assert.equal(program.device.used, 'cpu');
      assert.match(program.device.reason, /indices that a step computes are checked/);
      await program.run({});
      await assert.rejects(program.run({}), {
        name: 'IndexError',
        message: new RegExp(`: ${wrong}, at element 0, is none of the indices 0 to 4 of axis 0, in the output y`),
      });
      await program.dispose();
    }
  });

  it('tell a parameter that the cost does not depend on, unless zeros are asked for', () => {
    const [a, b] = [shared(tensor([1, 2]), 'a'), shared(tensor([3]), 'b')];
    assert.throws(() => grad(f.sum(a), [a, b]), DisconnectedError);
    assert.deepEqual(valuesOf(grad(f.sum(a), [a, b], { disconnected: 'zero' })[1]), [0]);
    assert.throws(() => grad(a, [a]), /a cost is a scalar/);
  });
});

describe('derivatives', () => {
  it('stop at what is considered constant', () => {
    const x = shared(tensor([3]), 'x');
    const y = f.square(x);
    assert.deepEqual(valuesOf(grad(f.sum(f.mul(x, y)), [x], { considerConstant: [y] })[0]), [9]);
    assert.deepEqual(valuesOf(grad(f.sum(f.mul(x, f.stopGradient(y))), [x])[0]), [9]);
  });

  it('are not NaN where a choice keeps away from the logarithm of 0', () => {
    const x = shared(tensor([0, 2]), 'x');
    const cost = f.sum(f.where(f.greater(x, 0), f.log(x), 0));
    assert.deepEqual(valuesOf(grad(cost, [x])[0]), [0, 0.5]);
  });

  it('give Hessians, their products, Jacobian and Gauss–Newton products as worked out by hand', () => {
    // c = x₀²x₁ + x₁³ at (2, 3): Hessian [[2x₁, 2x₀], [2x₀, 6x₁]] = [[6, 4], [4, 18]].
    const x = shared(tensor([2, 3]), 'x');
    const [a, b] = [f.slice(x, 0, 1), f.slice(x, 1, 2)];
    const cost = f.sum(f.add(f.mul(f.square(a), b), f.pow(b, 3)));
    assert.deepEqual(valuesOf(hessian(cost, x)), [6, 4, 4, 18]);
    assert.deepEqual(valuesOf(hvp(cost, [x], [constant(tensor([1, -1]))])[0]), [2, -14]);
    // y = (x₀x₁, x₁²): Jacobian [[3, 2], [0, 6]]; cost Σy², so JᵀLJ = 2JᵀJ.
    const y = f.concatenate([f.mul(a, b), f.square(b)]);
    const v = constant(tensor([1, 2]));
    assert.deepEqual(valuesOf(jvp(y, [x], [v])), [7, 12]);
    assert.deepEqual(valuesOf(gaussNewton(f.sum(f.square(y)), y, [x], [v])[0]), [42, 172]);
  });
});

describe('functions', () => {
  it('agree with tabulated values', () => {
    // Abramowitz & Stegun, tables 6.1, 6.4 and 7.1, and exact constants.
    const at = (values: number[]): Node => constant(tensor(values));
    const close = (node: Node, expected: number[]): void =>
      valuesOf(node).forEach((value, i) =>
        assert.ok(Math.abs(value - expected[i]!) < 1e-10, `${value} is not ${expected[i]}`),
      );
    close(f.erf(at([0, 0.5, -1, 2])), [0, 0.5204998778, -0.8427007929, 0.995322265]);
    close(f.lgamma(at([1, 2, 0.5, 10])), [0, 0, Math.log(Math.PI) / 2, Math.log(362880)]);
    close(f.digamma(at([1, 2, 0.5])), [-0.5772156649, 0.4227843351, -1.963510026]);
  });

  it('project onto the simplex, the ball and non-negative numbers', () => {
    const rows = constant({ data: Float64Array.of(0.5, 0.5, 0.5, 2, 0, 0, -1, -1, -1), shape: [3, 3] });
    const projected = valuesOf(f.projectSimplex(rows));
    [1 / 3, 1 / 3, 1 / 3, 1, 0, 0, 1 / 3, 1 / 3, 1 / 3].forEach((value, i) =>
      assert.ok(Math.abs(projected[i]! - value) < 1e-12),
    );
    assert.deepEqual(
      valuesOf(f.projectBall(constant({ data: Float64Array.of(3, 4, 0.3, 0.4), shape: [2, 2] }))),
      [0.6000000000000001, 0.8, 0.3, 0.4],
    );
    assert.deepEqual(valuesOf(f.softThreshold(constant(tensor([-3, 0.5, 2])), 1)), [-2, 0, 1]);
  });
});
