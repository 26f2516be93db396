import assert from 'node:assert/strict';
import { batch } from '../../../src/engine/batch';
import {
  compile,
  div,
  greater,
  ifElse,
  matmul,
  maximum,
  sqrt,
  square,
  sub,
  sum,
  toFloat,
  where,
  grad,
  matrix,
  placeholder,
  scalar,
  shared,
  type Node,
  evaluate,
  iterate,
  printGraph,
  randomUniform,
  type Tensor,
} from '../../../src/engine';
import type { OperatorName } from '../../../src/engine/graph';
import type { AnyDeclaration, Check } from '../../../src/engine/ops/declaration';
import { operators } from '../../../src/engine/ops/operators';
import { instantiate } from './fixtures/operator-cases';

const count = 3;

/** What nodes are in a batch: leaves that differ are stood for by others with a first axis. */
function batched(roots: readonly Node[], differing: readonly Node[]): { roots: Node[]; leaves: Map<Node, Node> } {
  const leaves = new Map(
    differing.map((leaf, i) => [leaf, placeholder(`batch of ${i}`, [count, ...leaf.shape])] as const),
  );
  return { roots: batch(roots, leaves, count), leaves };
}

/** Values of the roots in a batch, and those of each element by itself, from the interpreter. */
function bothWays(
  roots: readonly Node[],
  shared: ReadonlyMap<Node, Tensor>,
  differing: ReadonlyMap<Node, readonly Tensor[]>,
): void {
  const { roots: together, leaves } = batched(roots, [...differing.keys()]);
  const bindings = new Map(shared);
  for (const [leaf, values] of differing) {
    const data = Float64Array.from(values.flatMap((value) => [...value.data]));
    bindings.set(leaves.get(leaf)!, { data, shape: [count, ...values[0]!.shape] });
  }
  const found = evaluate(together, bindings);
  roots.forEach((root, which) => {
    const size = found[which]!.data.length / count;
    for (let at = 0; at < count; at++) {
      const own = new Map([...shared, ...Array.from(differing, ([leaf, values]) => [leaf, values[at]!] as const)]);
      const [expected] = evaluate([root], own);
      assert.deepEqual(found[which]!.shape, [count, ...expected!.shape], String(root));
      const actual = found[which]!.data.slice(at * size, (at + 1) * size);
      expected!.data.forEach((x, i) => {
        const close = Math.abs(actual[i]! - x) <= 1e-12 * Math.max(1, Math.abs(x)) || Object.is(actual[i], x);
        assert.ok(close, `${String(root)}, element ${at}: ${actual[i]} at ${i}, not ${x}`);
      });
    }
  });
}

for (const [name, declaration] of Object.entries(operators) as [OperatorName, AnyDeclaration][]) {
  const checks = (declaration.checks as readonly Check<object>[]).filter(({ shapes }) => shapes.length > 0);
  if (checks.length === 0) continue;
  describe(`operator ${name} in a batch`, () => {
    checks.forEach((check, k) => {
      const title = `${check.shapes.map((shape) => `[${shape.join()}]`).join(' ')} ${JSON.stringify(check.attributes)}`;
      it(`is itself for each element, whichever operands differ: ${title}`, () => {
        const { inputs, values, result } = instantiate(name, check, 100 * k + 1);
        const others = [1, 2].map((i) => instantiate(name, check, 100 * k + 1 + 17 * i).values);
        for (let which = 1; which < 2 ** inputs.length; which++) {
          const differs = (i: number): boolean => ((which >> i) & 1) === 1;
          const same = inputs.flatMap((input, i) => (differs(i) ? [] : [[input, values[i]!] as const]));
          const own = inputs.flatMap((input, i) =>
            differs(i) ? [[input, [values[i]!, ...others.map((all) => all[i]!)]] as const] : [],
          );
          bothWays([result], new Map(same), new Map(own));
        }
      });
    });
  });
}

describe('a batch', () => {
  const X = matrix('X', { shape: [5, 4] });
  const W = matrix('W', { shape: [5, 2] });
  const H = matrix('H', { shape: [2, 4] });
  const t = scalar('t');
  const values = (shape: readonly number[], seed: number): Tensor => randomUniform(shape, { seed, low: 0.1, high: 1 });
  const several = (shape: readonly number[], seed: number): Tensor[] =>
    Array.from({ length: count }, (_, at) => values(shape, seed + at));
  const factors = new Map<Node, Tensor[]>([
    [W, several([5, 2], 10)],
    [H, several([2, 4], 20)],
  ]);

  it('is an expression and its gradients for each element', () => {
    const cost = sum(square(sub(X, matmul(W, H)))).add(square(W).sum());
    bothWays([cost, ...grad(cost, [W, H])], new Map([[X, values([5, 4], 1)]]), factors);
  });

  it('multiplies a shared matrix once, by all of the batch side by side', () => {
    const { roots } = batched([matmul(W.T, X)], [W]);
    assert.equal(
      printGraph({ left: roots[0]! }),
      [
        '%0 = transpose(batch of 0, permutation=[0, 2, 1]) [3, 2, 5]',
        '%1 = reshape(%0, shape=[6, 5]) [6, 5]',
        '%2 = matmul(%1, X) [6, 4]',
        '%3 = reshape(%2, shape=[3, 2, 4]) [3, 2, 4]',
        'left: %3',
      ].join('\n'),
    );
  });

  it('goes through loops, of which some states begin alike for all', () => {
    const [after, turns] = iterate(3, [W, 1], ([w, n]) => [
      sub(w, matmul(sub(matmul(w, H), X), H.T).mul(div(0.1, n))),
      where(greater(sum(w), 2), n.add(1), n),
    ]);
    bothWays([after, turns], new Map([[X, values([5, 4], 1)]]), factors);
  });

  it('chooses for each element, also within loops and between loops', () => {
    const times = Array.from({ length: count }, (_, at): Tensor => ({ data: Float64Array.of(at - 1), shape: [] }));
    const [inner] = iterate(2, [W], ([w]) => [ifElse(greater(sum(w), t), w.mul(2), sqrt(w).add(matmul(w, H).sum()))]);
    const [first, second] = iterate(2, [W, t], ([w, s]) => [w.mul(s), s.add(w.sum())]);
    const choice = ifElse(greater(t, 0), matmul(X, H.T), ifElse(greater(t, -1), inner, second.add(first)));
    const sharedChoice = ifElse(greater(sum(X), 0), W, X.sum(1, { keepDims: true }).add(square(W)));
    bothWays(
      [choice, inner, sharedChoice, second],
      new Map([[X, values([5, 4], 1)]]),
      new Map([...factors, [t, times]]),
    );
  });

  it('goes through loops within an alternative that each element chooses for itself', () => {
    const times = Array.from({ length: count }, (_, at): Tensor => ({ data: Float64Array.of(at - 1), shape: [] }));
    const [looped] = iterate(3, [W, t], ([w, s]) => [w.mul(s).add(matmul(X, H.T)), s.add(square(w).sum())]);
    bothWays(
      [ifElse(greater(t, 0), looped, W), ifElse(greater(t, -1), W.mul(2), looped)],
      new Map([[X, values([5, 4], 1)]]),
      new Map([...factors, [t, times]]),
    );
  });

  it('computes nothing that no element needs', async () => {
    // The root of a negative number would be NaN, and the choice is not: what is not chosen must not enter a sum either.
    const { roots, leaves } = batched([ifElse(greater(t, 0), t, sqrt(maximum(t, -4).add(4)))], [t]);
    const f = await compile({ inputs: { t: leaves.get(t)! }, outputs: { y: toFloat(roots[0]!) }, device: 'cpu' });
    for (const given of [
      [1, 2, 3],
      [-1, -2, -3],
      [1, -4, 3],
    ]) {
      const { y } = await f.run({ t: { data: Float32Array.from(given), shape: [count] } });
      assert.deepEqual(
        [...y],
        given.map((x) => (x > 0 ? x : Math.fround(Math.sqrt(x + 4)))),
      );
    }
    await f.dispose();
  });

  it('leaves what does not differ as it is', () => {
    const [root] = batched([sum(X)], [W]).roots;
    assert.match(printGraph({ root: root! }), /sum\(X/);
  });

  it('compiles to so many runs of a program, each with its own values and traces', async () => {
    const initial = (shape: readonly number[]): Tensor => ({ data: new Float32Array(shape[0]! * shape[1]!), shape });
    const [w, h] = [shared(initial([5, 2]), 'W'), shared(initial([2, 4]), 'H')];
    const cost = sum(square(sub(X, matmul(w, h)))).add(square(w).sum());
    const gradients = grad(cost, [w, h]);
    const program = {
      inputs: { X },
      outputs: { cost, product: matmul(w, h) },
      updates: [w, h].map((factor, i) => [factor, factor.sub(gradients[i]!.mul(0.02))]),
      device: 'cpu',
    } as const;
    const data = { X: values([5, 4], 1) };
    const [all, one] = [await compile({ ...program, batch: count }), await compile(program)];
    const flat = (tensors: readonly Tensor[]): Tensor => ({
      data: Float32Array.from(tensors.flatMap((each) => [...each.data])),
      shape: [count, ...tensors[0]!.shape],
    });
    const close = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
      assert.equal(actual.length, expected.length);
      Array.from(expected).forEach((x, i) => assert.ok(Math.abs(actual[i]! - x) <= 1e-5 * Math.abs(x) + 1e-6));
    };
    all.set(w, flat(factors.get(W)!));
    all.set(h, flat(factors.get(H)!));
    const together = await all.run(data, { steps: 30 });
    const after = await all.get(w);
    assert.deepEqual(after.shape, [count, 5, 2]);
    for (let at = 0; at < count; at++) {
      one.set(w, factors.get(W)![at]!);
      one.set(h, factors.get(H)![at]!);
      const alone = await one.run(data, { steps: 30 });
      close(
        Array.from({ length: 30 }, (_, step) => together.cost[step * count + at]!),
        alone.cost,
      );
      close(together.product.slice(at * 20, (at + 1) * 20), alone.product);
      close(after.data.slice(at * 10, (at + 1) * 10), (await one.get(w)).data);
    }
    assert.throws(
      () => all.set(w, factors.get(W)![0]!),
      /^ShapeError: W is of shape \[3, 5, 2\], but was given \[5, 2\]/,
    );
    await assert.rejects(compile({ ...program, batch: count, debugNaN: true }), /debugNaN repeats a single run/);
    await all.dispose();
    await one.dispose();
  });
});
