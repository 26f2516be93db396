import fc from 'fast-check';
import assert from 'node:assert/strict';
import {
  compile,
  grad,
  constant,
  matrix,
  shared,
  vector,
  tensor,
  type Node,
  evaluate,
  NonFiniteError,
  iterate,
  ShapeError,
  randomNormal,
  randomUniform,
  type Tensor,
} from '../../../src/engine';
import * as f from '../../../src/engine/functions';
import { unroll } from '../../../src/engine/loops';
import { loopGraph } from '../../../src/engine/lower/program';
import { withoutLoops } from '../../../src/engine/step-program';
import type { GraphProto } from '../../../src/engine/lower/onnx';
import { optimize } from '../../../src/engine/rewrite/optimize';
import { optimizedProgram, runLowered } from './fixtures/lowered';

const valuesOf = (node: Node, bindings: [Node, Tensor][] = []): number[] => [
  ...evaluate([node], new Map(bindings))[0]!.data,
];

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!)),
      `element ${i} is ${actual[i]}, not ${expected[i]}`,
    );
  }
}

const [A, v] = [matrix('A', { shape: [3, 3] }), vector('v', { shape: [3] })];
const matrixOfThree = tensor([2, 1, 0, 1, 3, 1, 0, 1, 4], [3, 3]);
const start = tensor([1, 1, 1]);

/** Power iteration: the vector after so many products with A, each of length 1, and how many there were. */
const power = (turns: number): Node[] =>
  iterate(turns, [v, 0], ([x, done]) => {
    const next = f.matmul(A, x);
    return [f.div(next, f.norm(next)), f.add(done, 1)];
  });

function powerByHand(turns: number): number[] {
  const { data } = matrixOfThree;
  let x = [1, 1, 1];
  for (let turn = 0; turn < turns; turn++) {
    const next = x.map((_, i) => x.reduce((total, value, j) => total + data[3 * i + j]! * value, 0));
    x = next.map((value) => value / Math.hypot(...next));
  }
  return x;
}

describe('a loop within a step', () => {
  it('does what the same loop does over arrays, in the interpreter and in both precisions of ONNX Runtime', async () => {
    const [x, done] = power(7) as [Node, Node];
    const bindings: [Node, Tensor][] = [
      [A, matrixOfThree],
      [v, start],
    ];
    assertClose(valuesOf(x, bindings), powerByHand(7), 1e-14);
    assert.deepEqual(valuesOf(done, bindings), [7]);
    for (const precision of ['float32', 'float64'] as const) {
      const program = await compile({ inputs: { A, v }, outputs: { x, done }, precision });
      const result = await program.run({ A: matrixOfThree, v: start });
      assertClose(result.x, powerByHand(7), precision === 'float64' ? 1e-14 : 1e-6);
      assert.deepEqual([...result.done], [7]);
      await program.dispose();
    }
  });

  it('of no turns leaves its state as it is', () => {
    assert.equal(power(0)[0], v);
  });

  it('may stand within another, and use its state', async () => {
    // x ← Σ of 3 turns of y ← y/2 + x, from y = x: 1/8·x + (1/4 + 1/2 + 1)·x = 15/8·x; twice.
    const x = shared(tensor([8, 16]), 'x');
    const [outer] = iterate(2, [x], ([at]) => iterate(3, [at], ([y]) => [f.add(f.mul(y, 0.5), at)]));
    const expected = [8, 16].map((value) => value * (15 / 8) ** 2);
    assert.deepEqual(valuesOf(outer), expected);
    const program = await compile({ outputs: { outer }, updates: [[x, outer]], precision: 'float64' });
    await program.run({}, { steps: 2 });
    assertClose(
      (await program.get(x)).data,
      expected.map((value) => value * (15 / 8) ** 2),
      1e-14,
    );
    await program.dispose();
  });

  it('has the gradient of its turns written out', () => {
    const [x] = power(3) as [Node];
    const cost = f.sum(f.mul(x, constant(tensor([1, 2, 3]))));
    const gradient = grad(cost, [A, v]);
    const at = (a: Tensor, b: Tensor): number =>
      valuesOf(cost, [
        [A, a],
        [v, b],
      ])[0]!;
    const moved = (value: Tensor, i: number, step: number): Tensor => ({
      ...value,
      data: Float64Array.from(value.data, (x, j) => (i === j ? x + step : x)),
    });
    const step = 1e-6;
    const numericA = Array.from(
      matrixOfThree.data,
      (_, i) => (at(moved(matrixOfThree, i, step), start) - at(moved(matrixOfThree, i, -step), start)) / (2 * step),
    );
    const numericV = Array.from(
      start.data,
      (_, i) => (at(matrixOfThree, moved(start, i, step)) - at(matrixOfThree, moved(start, i, -step))) / (2 * step),
    );
    const analytic = evaluate(
      gradient,
      new Map<Node, Tensor>([
        [A, matrixOfThree],
        [v, start],
      ]),
    );
    assertClose(analytic[0]!.data, numericA, 1e-8);
    assertClose(analytic[1]!.data, numericV, 1e-8);
  });

  it('is left as it is by a gradient in its result, or past it', () => {
    const [x] = power(3) as [Node];
    const [inResult] = grad(f.sum(f.square(x)), [x]);
    const [past] = grad(f.sum(f.mul(v, x)), [v], { considerConstant: [x] });
    const simplified = (node: Node): Node => optimize([node], new Set()).roots[0]!;
    assert.ok(simplified(inResult) === simplified(f.mul(2, x)));
    assert.ok(simplified(past) === simplified(x));
  });

  it('computes what does not depend on its state once, before it', () => {
    const [n, m, r] = [300, 200, 4];
    const X = matrix('X', { shape: [n, m] });
    const [W, H] = [shared(randomNormal([n, r]), 'W'), shared(randomNormal([r, m]), 'H')];
    const [next] = iterate(10, [W], ([w]) => {
      const [slope] = grad(f.sum(f.square(f.sub(X, f.matmul(w, H)))), [w]);
      return [f.sub(w, f.mul(0.01, slope))];
    });
    const lowered = loopGraph(optimizedProgram({ X }, [[W, next]]), 'float32').graph;
    const step = bodyOf(lowered);
    const turn = bodyOf(step);
    // H does not change from step to step either, so X·Hᵀ and H·Hᵀ leave the loop over steps as well.
    const products = (graph: GraphProto): number =>
      graph.node.filter(({ opType }) => opType === 'MatMul' || opType === 'Gemm').length;
    assert.deepEqual([products(turn), products(step), products(lowered)], [1, 0, 2]);
    assert.ok(!turn.node.some(({ input }) => input.includes('X')), 'X is read at each turn');
  });

  it('computes an alternative within it only where it is taken', () => {
    const x = shared(tensor([1, 2, 3]), 'x');
    const [next] = iterate(4, [x], ([y]) => [f.ifElse(f.greater(f.sum(y), 100), f.exp(y), f.mul(2, y))]);
    const turn = bodyOf(bodyOf(loopGraph(optimizedProgram({}, [[x, next]]), 'float32').graph));
    const types = turn.node.map(({ opType }) => opType);
    assert.ok(types.includes('If') && !types.includes('Exp') && !types.includes('Mul'), types.join());
  });

  it('may be needed by an alternative, and by more than that', async () => {
    const x = shared(tensor([1, 2]), 'x');
    const [y] = iterate(3, [x], ([at]) => [f.mul(2, at)]);
    const chosen = f.ifElse(f.greater(f.sum(x), 0), f.sum(y), f.sum(f.square(y)));
    const program = await compile({ outputs: { chosen }, updates: [[x, f.neg(y)]], precision: 'float64' });
    const { chosen: trace } = await program.run({}, { steps: 2 });
    assert.deepEqual([...trace], [24, 64 ** 2 + 128 ** 2]);
    await program.dispose();
  });

  it('tells a state that changes its type, a count that is none, and a state that is used outside', async () => {
    assert.throws(
      () => iterate(2, [v], ([x]) => [f.unsqueeze(x, 0)]),
      (error: Error) => {
        assert.ok(error instanceof ShapeError);
        assert.match(error.message, /state 0 begins as float \[3\] and becomes float \[1, 3\]/);
        return true;
      },
    );
    assert.throws(() => iterate(1.5, [v], ([x]) => [x]), /0 or more turns, not 1.5/);
    let escaped: Node | undefined;
    iterate(2, [v], ([x]) => {
      escaped = x;
      return [f.mul(2, x)];
    });
    await assert.rejects(
      compile({ inputs: { v }, outputs: { y: f.sum(escaped!) } }),
      /state 0 is used outside of its loop/,
    );
  });

  it('is looked into when the first value that is not finite is sought', async () => {
    const x = shared(tensor([3]), 'x');
    const [next] = iterate(5, [x], ([y]) => [f.sub(f.log(y), 0)]);
    const program = await compile({ outputs: { next }, debugNaN: true });
    await assert.rejects(program.run({}), (error: Error) => {
      assert.ok(error instanceof NonFiniteError);
      assert.match(error.message, /^log\(state 0 \[1\]\) makes NaN at \[0\], in .*iterate › sub › log$/);
      return true;
    });
    await program.dispose();
  });

  it('means the same written as a loop or turn by turn, rewritten or not, whatever its body', async () => {
    const x0 = shared(randomUniform([3, 2], { seed: 4, low: 0.2, high: 1 }), 'x');
    const B = constant(randomUniform([3, 3], { seed: 5, low: -1, high: 1 }));
    const steps: readonly ((x: Node, t: Node) => Node)[] = [
      (x) => f.tanh(f.matmul(B, x)),
      (x, t) => f.mul(x, f.sigmoid(t)),
      (x) => f.sub(f.matmul(f.matmul(x, x0.T), x0), x0),
      (x) => f.where(f.greater(x, 0), x, f.mul(-0.5, x)),
      (x) => f.add(x, f.matmul(B, f.matmul(B, x0))),
      (x, t) => iterate(2, [x], ([y]) => [f.sub(y, f.mul(0.1, f.mul(t, f.mul(y, x))))])[0],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (recipe, turns) => {
          const [x, t] = iterate(turns, [x0, 1], ([y, s]) => [
            f.tanh(recipe.reduce((at, k) => steps[k]!(at, s), y)),
            f.add(s, f.mean(y)),
          ]);
          const cost = f.sum(f.mul(x, t));
          const expected = valuesOf(cost)[0]!;
          const written = valuesOf(unroll([cost])[0]!)[0]!;
          assertClose([written, valuesOf(optimize([cost], new Set([x0])).roots[0]!)[0]!], [expected, expected], 1e-9);
          const program = optimizedProgram({}, [[x0, x]], { cost });
          for (const form of [program, withoutLoops(program)]) {
            assertClose((await runLowered(form)).get('cost')!, [expected], 1e-9);
          }
        },
      ),
      { numRuns: 25, seed: 3 },
    );
  });
});

/** The body of the one loop of a graph. */
function bodyOf(graph: GraphProto): GraphProto {
  const loops = graph.node.filter(({ opType }) => opType === 'Loop');
  assert.equal(loops.length, 1);
  const { body } = loops[0]!.attributes;
  assert.ok(typeof body === 'object' && 'graph' in body);
  return body.graph;
}
