import fc from 'fast-check';
import assert from 'node:assert/strict';
import * as f from '../../../src/engine/functions';
import {
  grad,
  compile,
  constant,
  matrix,
  shared,
  vector,
  tensor,
  type Node,
  evaluate,
  iterate,
  randomUniform,
  type Tensor,
  type StepProgram,
} from '../../../src/engine';
import { batchProgram } from '../../../src/engine/batch';
import { loopGraph } from '../../../src/engine/lower/program';
import type { RowBlocks } from '../../../src/engine/lower/row-blocks';
import type { defaultBlocking } from '../../../src/engine/lower/row-blocks';
import { build, data, H, recipe, W, X } from './fixtures/expressions';
import { optimizedProgram, runLowered } from './fixtures/lowered';
import { goldens, leaves, objectives } from './fixtures/objectives';

function assertClose(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>, what: string): void {
  assert.equal(actual?.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    assert.ok(difference <= 1e-9 * (1 + Math.abs(expected[i]!)), `${what} ${i}: ${actual[i]} is not ${expected[i]}`);
  }
}

const blocksOf = (program: StepProgram, blocking: typeof defaultBlocking): readonly RowBlocks[] =>
  loopGraph(program, 'float64', blocking).rowBlocks;

describe('large values in blocks of rows', () => {
  // The 5 rows of X make two blocks of 2 rows and one of 1.
  const blocking = { blockElements: 8, largeElements: 20, fewestRows: 1 };

  /** An objective and its gradients, before the steps (where no step changes the parameters) and at each of them. */
  function programsOf(name: string): StepProgram[] {
    const objective = objectives[name]!;
    const parameters = Object.keys(goldens.objectives[name]!.gradients).map((leaf) => leaves[leaf]!);
    const slopes = grad(objective, parameters).map((g, i) => [`slope_${i}`, g] as const);
    const changed = parameters.map((p) => [p, f.mul(2, p)] as const);
    return [[], changed].map((updates) =>
      optimizedProgram({}, updates, { cost: objective, ...Object.fromEntries(slopes) }),
    );
  }

  for (const [name, { cost, gradients }] of Object.entries(goldens.objectives)) {
    it(`leave objective and gradients as PyTorch has them: ${name}`, async () => {
      // Of one row each, all blocks are of one size.
      for (const [program, blockElements] of programsOf(name).flatMap((one) => [
        [one, 4] as const,
        [one, 8] as const,
      ])) {
        const results = await runLowered(program, {}, { ...blocking, blockElements });
        assertClose(results.get('cost'), [cost], 'cost');
        Object.values(gradients).forEach((rows, i) =>
          assertClose(results.get(`slope_${i}`), rows.flat(), `slope ${i}`),
        );
      }
    });
  }

  it('are made for all objectives but the one that takes four entries of W·H', () => {
    const without = Object.keys(objectives).filter((name) =>
      programsOf(name).some((program) => blocksOf(program, blocking).length === 0),
    );
    assert.deepEqual(without, ['embedding']);
  });

  it('change no value of a random expression, in a batch or not', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(recipe, fc.constantFrom(4, 8), fc.boolean(), async (steps, blockElements, batched) => {
        const cost = build(steps);
        const [dW, dH] = grad(cost, [W, H], { disconnected: 'zero' });
        const program = optimizedProgram(
          { X },
          [W, H].map((p) => [p, f.mul(2, p)] as const),
          { cost, dW, dH },
        );
        const expected = evaluate([cost, dW, dH], new Map<Node, Tensor>([[X, data]]));
        const runs = batched ? batchProgram(program, 2, 'float64') : program;
        const sizes = { blockElements, largeElements: 20, fewestRows: 1 };
        made += Number(blocksOf(runs, sizes).length > 0);
        const results = await runLowered(runs, { X: data }, sizes);
        ['cost', 'dW', 'dH'].forEach((name, i) => {
          const { data: one } = expected[i]!;
          assertClose(results.get(name), batched ? [...one, ...one] : one, name);
        });
      }),
      { numRuns: 300, seed: 4 },
    );
    assert.ok(made > 50, `only ${made} of 300 had blocks`);
  });

  it('are made within the loops of a step, and in alternatives', async () => {
    const step = (w: Node): Node => f.sub(w, f.mul(0.01, grad(f.sum(f.log(f.add(f.square(residual(w)), 1))), [w])[0]));
    const [inner] = iterate(3, [W], ([w]) => [step(w)]);
    const choice = f.ifElse(f.greater(f.sum(W), 0), f.sum(f.abs(residual(W))), f.sum(f.exp(residual(W))));
    const program = optimizedProgram({ X }, [[W, inner]], { cost: choice });
    assert.equal(blocksOf(program, blocking).length, 3);
    const results = await runLowered(program, { X: data }, blocking);
    const [cost, w] = evaluate([choice, inner], new Map<Node, Tensor>([[X, data]]));
    assertClose(results.get('cost'), cost!.data, 'cost');
    assertClose(results.get('W'), w!.data, 'W');
  });

  it('serve as many rows as a run has', async () => {
    const x = matrix('x', { shape: ['rows', 4] });
    const w = shared(randomUniform([7, 2], { seed: 5 }), 'w', { shape: ['rows', 2] });
    const cost = f.sum(f.abs(f.sub(x, f.matmul(w, H))));
    const [slope] = grad(cost, [w]);
    const program = optimizedProgram({ x }, [[w, f.sub(w, slope)]], { cost });
    assert.equal(blocksOf(program, blocking).length, 1);
    const given = randomUniform([7, 4], { seed: 6 });
    const results = await runLowered(program, { x: given }, blocking);
    const [expected, next] = evaluate([cost, f.sub(w, slope)], new Map<Node, Tensor>([[x, given]]));
    assertClose(results.get('cost'), expected!.data, 'cost');
    assertClose(results.get('w'), next!.data, 'w');
  });

  it('look up what they need of the factors, again at each stage, and add to their slopes', async () => {
    const entries = (name: string): Node => vector(name, { shape: ['entries'] });
    const [rows, columns, values] = [entries('rows'), entries('columns'), entries('values')];
    const [w, h] = [W, shared(randomUniform([4, 2], { seed: 8, low: 0.2 }), 'h')];
    const model = f.mul(f.take(w, rows), f.take(h, columns)).sum(1);
    const cost = f.sum(f.sub(model, f.mul(values, f.log(model))));
    const [dw, dh] = grad(cost, [w, h]);
    const updates = [[w, f.sub(w, f.mul(0.1, dw))] as const, [h, f.sub(h, f.mul(0.1, dh))] as const];
    const program = optimizedProgram({ rows, columns, values }, updates, { cost });
    const sizes = { ...blocking, largeElements: 1000 };
    const inEachBlock = blocksOf(program, sizes).map(({ parts }) => parts.map(({ node }) => node.op));
    assert.equal(inEachBlock.length, 2);
    for (const operations of inEachBlock) assert.equal(operations.filter((op) => op === 'take').length, 2);
    assert.equal(inEachBlock.flat().filter((op) => op === 'scatterAdd').length, 2);

    const given = {
      rows: tensor([0, 4, 4, 1, 0, 3, 2, 2, 4, 1, 4]),
      columns: tensor([3, 0, 0, 1, 2, 2, 3, 1, 3, 0, 0]),
      values: randomUniform([11], { seed: 9 }),
    };
    const results = await runLowered(program, given, sizes);
    const bindings = new Map<Node, Tensor>([
      [rows, given.rows],
      [columns, given.columns],
      [values, given.values],
    ]);
    const expected = evaluate([cost, updates[0]![1], updates[1]![1]], bindings);
    ['cost', 'W', 'h'].forEach((name, i) => assertClose(results.get(name), expected[i]!.data, name));
  });

  it('serve runs of no row, of one, and of fewer than a block has', async () => {
    const x = matrix('x', { shape: ['rows', 4] });
    const sizes = { blockElements: 600, largeElements: 1500, fewestRows: 1 };
    for (const rows of [0, 1, 3]) {
      const w = shared(randomUniform([rows, 2], { seed: 5 }), 'w', { shape: ['rows', 2] });
      const slices = shared(randomUniform([3, rows, 4], { seed: 6 }), 'slices', { shape: [3, 'rows', 4] });
      const e = f.exp(f.sub(x, f.matmul(w, H)));
      const outputs = { ofRow: f.sum(e, 1), ofColumn: f.sum(e, 0), ofSlice: f.sum(f.exp(f.mul(slices, x)), 2) };
      const program = optimizedProgram({ x }, [[w, f.mul(2, w)]], outputs);
      assert.ok(blocksOf(program, sizes).length > 0);
      const given = randomUniform([rows, 4], { seed: 7 });
      const results = await runLowered(program, { x: given }, sizes);
      const expected = evaluate(Object.values(outputs), new Map<Node, Tensor>([[x, given]]));
      Object.keys(outputs).forEach((name, i) =>
        assertClose(results.get(name), expected[i]!.data, `${name}, ${rows} rows`),
      );
    }
  });

  // Each has the rows of a smaller matrix, which are no measure of those of x.
  const lesser: Record<string, (x: Node, w: Node) => Node> = {
    'some of its rows': (x) => f.slice(x, 0, 50),
    'rows taken by their numbers': (x) =>
      f.take(x, constant({ data: Float64Array.from({ length: 50 }, (_, i) => 2 * i), shape: [50] })),
    'a product over its rows': (x, w) => f.matmul(f.transpose(w), x),
  };
  for (const [name, lessOf] of Object.entries(lesser)) {
    it(`know how many rows a matrix has beside ${name}`, async () => {
      const x = matrix('x', { shape: ['rows', 40] });
      const z = matrix('z', { shape: [50, 40] });
      const w = shared(randomUniform([120, 50], { seed: 5 }), 'w', { shape: ['rows', 50] });
      const outputs = {
        ofX: f.sum(f.exp(f.add(x, f.mean(w)))),
        ofZ: f.sum(f.exp(f.add(z, f.mean(w)))),
        less: f.sum(f.tanh(lessOf(x, w))),
      };
      const program = optimizedProgram({ x, z }, [[w, f.mul(1e-3, w)]], outputs);
      const given = { x: randomUniform([120, 40], { seed: 6 }), z: randomUniform([50, 40], { seed: 7 }) };
      const results = await runLowered(program, given, { blockElements: 400, largeElements: 1000, fewestRows: 1 });
      const leaves = new Map<Node, Tensor>([
        [x, given.x],
        [z, given.z],
      ]);
      const expected = evaluate(Object.values(outputs), leaves);
      Object.keys(outputs).forEach((output, i) => assertClose(results.get(output), expected[i]!.data, output));
    });
  }

  it('are made of matrices put together, whose rows only a run knows', async () => {
    const [x, y] = [matrix('x', { shape: ['some', 4] }), matrix('y', { shape: ['more', 4] })];
    const together = f.concatenate([x, y, H], 0);
    const cost = f.sum(f.exp(f.mul(f.sum(W), together)));
    const program = optimizedProgram({ x, y }, [[W, f.mul(2, W)]], { cost });
    const sizes = { ...blocking, blockElements: 16 };
    assert.equal(blocksOf(program, sizes).length, 1);
    const given = { x: randomUniform([9, 4], { seed: 6 }), y: randomUniform([6, 4], { seed: 7 }) };
    const results = await runLowered(program, given, sizes);
    const all = Float64Array.from([...given.x.data, ...given.y.data, ...evaluate([H])[0]!.data]);
    const whole = matrix('whole', { shape: [17, 4] });
    const [expected] = evaluate(
      [f.sum(f.exp(f.mul(f.sum(W), whole)))],
      new Map<Node, Tensor>([[whole, { data: all, shape: [17, 4] }]]),
    );
    assertClose(results.get('cost'), expected!.data, 'cost');
  });

  it('are made once where a loop and an alternative need their sum deep inside, and the step as well', async () => {
    const total = f.sum(f.exp(f.matmul(W, H)));
    const [looped] = iterate(3, [W], ([w]) => [f.add(f.mul(0.5, w), f.tanh(f.mul(w, total)))]);
    const choice = f.ifElse(f.greater(f.sum(W), 0), f.tanh(f.mul(0.01, total)), f.exp(f.neg(f.square(total))));
    const program = optimizedProgram({}, [[W, looped]], { cost: f.add(choice, total) });
    assert.equal(blocksOf(program, blocking).length, 1);
    const results = await runLowered(program, {}, blocking);
    const [cost, w] = evaluate([f.add(choice, total), looped]);
    assertClose(results.get('cost'), cost!.data, 'cost');
    assertClose(results.get('W'), w!.data, 'W');
  });

  it('leave whole what is needed as a whole, and what it is computed from', () => {
    const V = f.matmul(W, H);
    const program = optimizedProgram({ X }, [[W, f.mul(2, W)]], {
      cost: f.sum(f.mul(f.exp(V), f.transpose(f.reshape(f.exp(V), [4, 5])))),
    });
    const [block, ...others] = blocksOf(program, blocking);
    assert.deepEqual(others, []);
    assert.deepEqual(
      block!.parts.map(({ node }) => node.op),
      ['mul', 'sum'],
    );
  });

  it('are told by explain(), where the device takes them', async () => {
    const x = matrix('x');
    const w = shared(randomUniform([1500, 3], { seed: 5, low: 0.1 }), 'w');
    const h = shared(randomUniform([3, 1000], { seed: 6, low: 0.1 }), 'h');
    const V = f.matmul(w, h);
    const cost = f.sum(f.sub(V, f.mul(x, f.log(V))));
    const step = grad(cost, [w, h]).map((slope, i) => [[w, h][i]!, f.sub([w, h][i]!, f.mul(1e-4, slope))]);
    const program = await compile({ inputs: { x }, outputs: { cost }, updates: step, device: 'cpu' });
    assert.match(program.explain(), /^500 of 1500 rows at a time: %\d+, .+ for %\d+, %\d+, %\d+$/m);
    const given = randomUniform([1500, 1000], { seed: 7 });
    const { cost: trace } = await program.run({ x: given });
    const [expected] = evaluate([cost], new Map<Node, Tensor>([[x, given]]));
    await program.dispose();
    assert.ok(Math.abs(trace[0]! / expected!.data[0]! - 1) < 2e-7, `${trace[0]} is not ${expected!.data[0]}`);
  });
});

const residual = (w: Node): Node => f.sub(X, f.matmul(w, H));
