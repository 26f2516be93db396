import assert from 'node:assert/strict';
import {
  compile,
  div,
  matmul,
  mul,
  norm,
  square,
  sub,
  sum,
  grad,
  matrix,
  shared,
  randomNormal,
} from '../../../src/engine';

describe("the article's program", () => {
  it('takes the same steps as plain loops over arrays', async () => {
    const [n, m, r, lambda1, lambda2, beta] = [6, 5, 2, 0.3, 0.2, 0.05];
    const data = randomNormal([n, m], { seed: 1 });

    const X = matrix('X');
    const W = shared(randomNormal([n, r], { seed: 2 }), 'W');
    const H = shared(randomNormal([r, m], { seed: 3 }), 'H');
    const cost = sum(square(sub(X, matmul(W, H))))
      .add(sum(square(W)).mul(lambda1))
      .add(sum(square(H)).mul(lambda2));
    const [dW, dH] = grad(cost, [W, H]);
    const updates = (
      [
        [W, dW],
        [H, dH],
      ] as const
    ).map(([p, g]) => [p, sub(p, mul(beta, div(g, norm(g))))]);
    const step = await compile({ inputs: { X }, outputs: { cost }, updates, precision: 'float64' });
    const first = await step.run({ X: data }, { steps: 15 });
    const second = await step.run({ X: data }, { steps: 5 });

    const expected = plainDescent(data.data, n, m, r, lambda1, lambda2, beta, 20);
    const trace = [...first.cost, ...second.cost];
    assert.equal(trace.length, 20);
    trace.forEach((value, k) => assert.ok(Math.abs(value - expected.trace[k]!) < 1e-10 * value, `step ${k}`));
    const reached = await step.get(W);
    reached.data.forEach((value, k) => assert.ok(Math.abs(value - expected.W[k]!) < 1e-10));
    await step.dispose();
  });
});

/** The same descent with the gradient derived by hand: 2(WH−X)Hᵀ + 2λ1W and its mirror image. */
function plainDescent(
  X: ArrayLike<number>,
  n: number,
  m: number,
  r: number,
  lambda1: number,
  lambda2: number,
  beta: number,
  steps: number,
): { trace: number[]; W: number[] } {
  const W = Array.from(randomNormal([n, r], { seed: 2 }).data);
  const H = Array.from(randomNormal([r, m], { seed: 3 }).data);
  const trace: number[] = [];
  for (let step = 0; step < steps; step++) {
    const dW = W.map((w) => 2 * lambda1 * w);
    const dH = H.map((h) => 2 * lambda2 * h);
    let cost = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let residual = -X[i * m + j]!;
        for (let k = 0; k < r; k++) residual += W[i * r + k]! * H[k * m + j]!;
        cost += residual * residual;
        for (let k = 0; k < r; k++) {
          dW[i * r + k]! += 2 * residual * H[k * m + j]!;
          dH[k * m + j]! += 2 * residual * W[i * r + k]!;
        }
      }
    }
    for (const w of W) cost += lambda1 * w * w;
    for (const h of H) cost += lambda2 * h * h;
    trace.push(cost);
    const lengthW = Math.hypot(...dW);
    const lengthH = Math.hypot(...dH);
    W.forEach((_, k) => (W[k]! -= (beta * dW[k]!) / lengthW));
    H.forEach((_, k) => (H[k]! -= (beta * dH[k]!) / lengthH));
  }
  return { trace, W };
}
