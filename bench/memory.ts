/**
 * Peak memory of the article's step in Gram form, beyond that of a process with nothing in it but the engine, as a
 * multiple of X. Once for a loose fit and once for a close one, for which the residual has to be looked at. Each size in
 * a process of its own, whose first program is a small one, so that what the library takes for itself does not count.
 */
import { spawnSync } from 'node:child_process';
import {
  compile,
  type Compiled,
  add,
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
  type Node,
  randomSource,
  randomUniform,
} from '../src/engine';

const sizes = [
  [2000, 2000, 32],
  [10_000, 784, 20],
  [10_000, 2000, 20],
  [10_000, 5000, 20],
] as const;
const steps = 5;
const limit = 1.5;
const [beta, lambda] = [0.1, 0.1];

function program(n: number, m: number, r: number): Promise<Compiled<'X', never, 'cost'>> {
  const X = matrix('X');
  const W = shared(randomUniform([n, r], { seed: 1 }), 'W');
  const H = shared(randomUniform([r, m], { seed: 2 }), 'H');
  const cost = add(sum(square(sub(X, matmul(W, H)))), add(sum(square(W)).mul(lambda), sum(square(H)).mul(lambda)));
  const [dW, dH] = grad(cost, [W, H]);
  const step = (p: Node, g: Node): [Node, Node] => [p, sub(p, mul(beta, div(g, norm(g))))];
  return compile({ inputs: { X }, outputs: { cost }, updates: [step(W, dW), step(H, dH)], device: 'cpu' });
}

/** X = W·H of the program's first factors, to which noise is added that makes up `share` of ‖X‖²; filled in place. */
function data(n: number, m: number, r: number, share: number): Float32Array {
  const W = randomUniform([n, r], { seed: 1 }).data;
  const H = randomUniform([r, m], { seed: 2 }).data;
  const random = randomSource(3);
  const X = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let x = 0;
      for (let k = 0; k < r; k++) x += (W[i * r + k] as number) * (H[k * m + j] as number);
      X[i * m + j] = x * (1 + Math.sqrt(12 * share) * (random() - 0.5));
    }
  }
  return X;
}

/** Bytes of X, and what this process took at most beyond what it took once X was there: what making X takes beside X does not count. */
async function measure(n: number, m: number, r: number, share: number): Promise<number> {
  const small = await program(20, 10, 2);
  await small.run({ X: randomUniform([20, 10], { seed: 3 }) }, { steps });
  const X = { data: data(n, m, r, share), shape: [n, m] };
  const before = process.memoryUsage.rss();
  const compiled = await program(n, m, r);
  for (let run = 0; run < 3; run++) await compiled.run({ X }, { steps });
  return X.data.byteLength + process.resourceUsage().maxRSS * 1024 - before;
}

async function main([first, ...rest]: readonly string[]): Promise<void> {
  if (first === '--measure') {
    const [n, m, r, share] = rest.map(Number) as [number, number, number, number];
    console.log(await measure(n, m, r, share));
    return;
  }
  for (const [n, m, r] of sizes) {
    const multiples = [0.5, 1e-4].map((share) => {
      const { stdout } = spawnSync(process.execPath, [__filename, '--measure', ...[n, m, r, share].map(String)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const multiple = Number(stdout) / (4 * n * m);
      return `${multiple.toFixed(2)}${multiple > limit ? ` (over ${limit})` : ''}`;
    });
    console.log(
      `${n}×${m} r=${r}, X of ${((4 * n * m) / 1e6).toFixed(0)} MB: ${multiples[0]} times X for a loose fit, ${multiples[1]} for a close one`,
    );
  }
}

void main(process.argv.slice(2)).then(() => process.exit());
