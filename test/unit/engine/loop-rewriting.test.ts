import assert from 'node:assert/strict';
import {
  compile,
  grad,
  is,
  type Node,
  matrix,
  shared,
  evaluate,
  iterate,
  randomNormal,
  type Tensor,
} from '../../../src/engine';
import * as f from '../../../src/engine/functions';
import { topological } from '../../../src/engine/graph';
import { optimize } from '../../../src/engine/rewrite/optimize';

const [n, m, r] = [40, 30, 3];
const X = matrix('X', { shape: [n, m] });
const data = randomNormal([n, m], { seed: 1 });
const W = shared(randomNormal([n, r], { seed: 2 }), 'W');
const H = shared(randomNormal([r, m], { seed: 3 }), 'H');
const turns = 6;

/** Proximal steps on Σ(X − WH)² + 0.3·Σ(factor)², with a momentum that follows a sequence, or none. */
function steps(factor: Node, momentum: boolean, threshold = 0): Node {
  const other = factor === W ? H : W;
  const length = f.div(0.4, f.sum(f.square(other)));
  const [, last] = iterate(turns, [factor, factor, 1], ([before, now, t]) => {
    const share = momentum ? f.div(f.sub(t, 1), f.add(t, 2)) : f.mul(0, t);
    const at = f.mul(f.add(1, share), f.sub(now, f.mul(f.div(share, f.add(1, share)), before)));
    const [W1, H1] = factor === W ? [at, H] : [W, at];
    const objective = f.add(f.sum(f.square(f.sub(X, f.matmul(W1, H1)))), f.mul(0.3, f.sum(f.square(at))));
    const [slope] = grad(objective, [at] as const);
    return [now, f.maximum(f.sub(f.sub(at, f.mul(length, slope)), f.mul(threshold, length)), 0), f.add(t, 1)];
  });
  return last;
}

/** The same by hand, over arrays. */
function byHand(factor: Node, momentum: boolean, threshold: number): number[] {
  const [w, h] = [W, H].map((leaf) => Array.from(leaf.attributes.initial.data)) as [number[], number[]];
  const own = factor === W ? w : h;
  const length = 0.4 / (factor === W ? h : w).reduce((sum, value) => sum + value * value, 0);
  let [before, now] = [own, own];
  for (let t = 1; t <= turns; t++) {
    const share = momentum ? (t - 1) / (t + 2) : 0;
    const at = now.map((value, i) => value + share * (value - before[i]!));
    const slope = at.map((value) => 0.6 * value);
    const [left, right] = factor === W ? [at, h] : [w, at];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let rest = -data.data[i * m + j]!;
        for (let k = 0; k < r; k++) rest += left[i * r + k]! * right[k * m + j]!;
        for (let k = 0; k < r; k++) {
          if (factor === W) slope[i * r + k]! += 2 * rest * h[k * m + j]!;
          else slope[k * m + j]! += 2 * rest * w[i * r + k]!;
        }
      }
    }
    [before, now] = [now, at.map((value, i) => Math.max(value - length * slope[i]! - length * threshold, 0))];
  }
  return now;
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= tolerance, `element ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

describe('rewriting of loops', () => {
  for (const factor of [W, H]) {
    for (const [momentum, threshold] of [
      [true, 0],
      [true, 5],
      [false, 0],
      [false, 5],
    ] as const) {
      const title = `${factor.attributes.name} ${momentum ? 'with' : 'without'} momentum, threshold ${threshold}`;
      it(`keeps proximal steps as they are written out by hand: ${title}`, async () => {
        const last = steps(factor, momentum, threshold);
        const expected = byHand(factor, momentum, threshold);
        const rewritten = optimize([last], new Set<Node>([W, H])).roots[0]!;
        assertClose(evaluate([rewritten], new Map<Node, Tensor>([[X, data]]))[0]!.data, expected, 1e-12);
        for (const [precision, tolerance] of [
          ['float64', 1e-12],
          ['float32', 1e-5],
        ] as const) {
          const program = await compile({ inputs: { X }, outputs: { last }, precision });
          assertClose((await program.run({ X: data })).last, expected, tolerance);
          await program.dispose();
        }
        const batch = await compile({ inputs: { X }, outputs: { last }, updates: [[factor, factor.mul(1)]], batch: 2 });
        assertClose((await batch.run({ X: data })).last, [...expected, ...expected], 1e-5);
        await batch.dispose();
      });
    }
  }

  it('makes a step on a quadratic of products with a summand, what they share being computed before the loop', () => {
    const { roots } = optimize([steps(W, true)], new Set<Node>([W, H]), 'float32');
    const nodes = topological(roots);
    assert.ok(!nodes.some((node) => is(node, 'iterate')), 'the loop is written out, since its momentum is foreseen');
    const tall = nodes.filter((node) => node.shape[0] === n && node.shape[1] === r && node.operands.length > 0);
    const products = tall.filter((node) => is(node, 'gemm') && node.operands.length === 3);
    assert.equal(new Set(products.map(({ operands }) => operands[1])).size, 1, 'I − s·HHᵀ is the same at every turn');
    // A turn is a product of each of the points that it sets out from, the first one's of one, and a positive part. X·Hᵀ
    // and its multiple are there beside.
    assert.equal(products.length, 2 * turns - 1);
    assert.equal(tall.length, 2 + 3 * turns - 1);
  });

  it('collects terms whose factors change, each as often as all terms have it', () => {
    const G = shared(randomNormal([r, r], { seed: 7 }), 'G');
    const [x] = iterate(3, [W, 0.5], ([at, t]) => {
      const terms = [f.matmul(at, G).mul(t).mul(t), at.mul(t), f.matmul(at, G).mul(t).mul(0.1), W, W.mul(-2)];
      return [terms.reduce((sum, term) => f.sub(term, sum)), f.add(t, 0.25)];
    });
    const [before, after] = [x, optimize([x], new Set<Node>([W])).roots[0]!].map((root) => evaluate([root])[0]!.data);
    assertClose(after!, Array.from(before!), 1e-12);
  });

  it('leaves a loop as it is where no number is known beforehand, or where it is long', () => {
    const looped = (count: number, next: (t: Node, x: Node) => Node): boolean => {
      const [x] = iterate(count, [W, 1], ([at, t]) => [f.mul(t, at), next(t, at)]);
      return topological(optimize([x], new Set<Node>([W])).roots).some((node) => is(node, 'iterate'));
    };
    assert.ok(!looped(5, (t) => f.add(t, 1)));
    assert.ok(looped(5, (t, x) => f.add(t, f.sum(x))));
    assert.ok(looped(5000, (t) => f.add(t, 1)));
  });

  it('takes no summand into a product that is computed less often than the sum', () => {
    const Y = matrix('Y', { shape: [n, m] });
    const fixed = shared(randomNormal([m, r], { seed: 4 }), 'B');
    const sum = f.sub(W, f.matmul(Y, fixed));
    const summands = (updated: readonly Node[]): number =>
      topological(optimize([sum], new Set(updated)).roots).filter(({ operands }) => operands.length === 3).length;
    assert.equal(summands([W]), 0);
    assert.equal(summands([W, fixed]), 1);
  });

  for (const transposed of ['neither', 'W', 'H'] as const) {
    it(`takes the squared distance from Gram matrices where products are taken with X, ${transposed} transposed`, () => {
      const rows = 400;
      const columns = 300;
      const large = matrix('X', { shape: [rows, columns] });
      const own = (shape: [number, number], name: string, other: boolean): [Node<'shared'>, Node] => {
        const leaf = shared(randomNormal(other ? [shape[1], shape[0]] : shape, { seed: 5 }), name);
        return [leaf, other ? leaf.T : leaf];
      };
      const [tallLeaf, tall] = own([rows, r], 'W', transposed === 'W');
      const [wideLeaf, wide] = own([r, columns], 'H', transposed === 'H');
      const fit = f.sum(f.square(f.sub(large, f.matmul(tall, wide))));
      const product = transposed === 'H' ? f.matmul(tall.T, large) : f.matmul(wide, large.T);
      const { roots } = optimize(
        [fit, product, ...grad(fit, [tallLeaf, wideLeaf])],
        new Set<Node>([tallLeaf, wideLeaf]),
      );
      const nodes = topological(roots);
      assert.ok(nodes.some((node) => is(node, 'gramDistance')));
      const bindings = new Map<Node, Tensor>([[large, randomNormal([rows, columns], { seed: 6 })]]);
      const [before, after] = [evaluate([fit], bindings)[0]!.data[0]!, evaluate([roots[0]!], bindings)[0]!.data[0]!];
      assert.ok(Math.abs(after - before) <= 1e-9 * before, `${after} is not ${before}`);
    });
  }
});
