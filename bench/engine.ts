/**
 * The engine against eager PyTorch (autograd), PyTorch with the Gram form written by hand, and NumPy with the gradient
 * written by hand: the article's step, at the sizes that matter. Rounds alternate between us and each peer, and the
 * figure is the median of the rounds' ratios, so that a slow minute of the machine slows both.
 */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { compile } from '../src/engine/compile';
import { add, div, log, matmul, mul, norm, square, sub, sum } from '../src/engine/functions';
import { grad } from '../src/engine/gradient';
import { matrix, shared, type Node } from '../src/engine/graph';
import { randomUniform, type Tensor } from '../src/engine/tensor';

type Objective = 'article' | 'masked' | 'kl';
interface Case {
  objective: Objective;
  n: number;
  m: number;
  r: number;
  steps: number;
}

const cases: Case[] = [
  { objective: 'article', n: 2000, m: 2000, r: 32, steps: 10 },
  { objective: 'article', n: 500, m: 500, r: 8, steps: 100 },
  { objective: 'article', n: 10000, m: 784, r: 20, steps: 5 },
  { objective: 'masked', n: 2000, m: 2000, r: 32, steps: 5 },
  { objective: 'kl', n: 2000, m: 2000, r: 32, steps: 5 },
];
const rounds = 21;
const [beta, lambda] = [0.1, 0.1];

function objectiveOf(objective: Objective, X: Node, mask: Node, V: Node): Node {
  switch (objective) {
    case 'article':
      return sum(square(sub(X, V)));
    case 'masked':
      return sum(mul(mask, square(sub(X, V))));
    case 'kl':
      return sum(sub(V, mul(X, log(V))));
  }
}

async function ours({ objective, n, m, r, steps }: Case): Promise<{ run: () => Promise<number>; compiling: number }> {
  const [X, mask] = [matrix('X'), matrix('mask')];
  const W = shared(randomUniform([n, r], { seed: 1, low: 0.1, high: 1.1 }), 'W');
  const H = shared(randomUniform([r, m], { seed: 2, low: 0.1, high: 1.1 }), 'H');
  const started = performance.now();
  const fit = objectiveOf(objective, X, mask, matmul(W, H));
  const cost = add(fit, add(sum(square(W)).mul(lambda), sum(square(H)).mul(lambda)));
  const [dW, dH] = grad(cost, [W, H]);
  const step = (p: Node, g: Node): [Node, Node] => [p, sub(p, mul(beta, div(g, norm(g))))];
  const inputs: Record<string, Node> = objective === 'masked' ? { X, mask } : { X };
  const f = await compile({ inputs, outputs: { cost }, updates: [step(W, dW), step(H, dH)] });
  const compiling = performance.now() - started;
  if (process.argv.includes('--explain')) console.log(f.explain());
  const low = randomUniform([n, m], { seed: 3 });
  const observed = randomUniform([n, m], { seed: 4 });
  const values: Record<string, Tensor> = { X: low };
  if (objective === 'masked') values['mask'] = { data: observed.data.map((u) => Number(u < 0.7)), shape: [n, m] };
  await f.run(values, { steps: 2 });
  return {
    compiling,
    run: async () => {
      const start = performance.now();
      await f.run(values, { steps });
      return (performance.now() - start) / 1000;
    },
  };
}

interface Peers {
  versions: { torch: string | null; numpy: string; threads: number | null };
  seconds(peer: string, one: Case): Promise<number>;
  end(): void;
}

/** The first Python that has torch, else the first that has NumPy. */
async function startPeers(): Promise<Peers | undefined> {
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3', 'python'].filter(
    (name) => name !== undefined,
  );
  const has = (python: string, module: string): boolean => spawnSync(python, ['-c', `import ${module}`]).status === 0;
  const python = candidates.find((name) => has(name, 'torch')) ?? candidates.find((name) => has(name, 'numpy'));
  if (python === undefined) return undefined;
  const child = spawn(python, ['bench/engine_peers.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T;
  const peers: Peers = {
    versions: { torch: null, numpy: '', threads: null },
    async seconds(peer, one) {
      child.stdin.write(`${JSON.stringify({ peer, ...one })}\n`);
      return (await answer<{ seconds: number }>()).seconds;
    },
    end: () => child.stdin.end(),
  };
  Object.assign(peers.versions, await answer<Peers['versions']>());
  return peers;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
};

async function main(): Promise<void> {
  const peers = await startPeers();
  if (!peers) console.log('No Python with NumPy was found (set PYTHON): our own times only.');
  const only = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
  for (const one of cases.filter(({ objective, n }) => !only || `${objective}${n}`.startsWith(only))) {
    const our = await ours(one);
    const names = peers ? (one.objective === 'article' ? ['eager', 'gram', 'numpy'] : ['eager']) : [];
    const usable = names.filter((name) => name === 'numpy' || peers?.versions.torch !== null);
    const times = new Map<string, number[]>([['ours', []], ...usable.map((name): [string, number[]] => [name, []])]);
    for (const name of usable) await peers?.seconds(name, { ...one, steps: 1 });
    for (let round = 0; round < rounds; round++) {
      times.get('ours')?.push(await our.run());
      for (const name of usable) times.get(name)?.push((await peers?.seconds(name, one)) ?? NaN);
    }
    const own = times.get('ours') ?? [];
    const figures = [...times].map(([name, seconds]) => {
      const each = `${((median(seconds) / one.steps) * 1000).toFixed(2)} ms`;
      if (name === 'ours') return `ours ${each}`;
      return `${name} ${each} (${median(seconds.map((s, i) => s / (own[i] ?? NaN))).toFixed(2)}×)`;
    });
    console.log(
      `${one.objective} ${one.n}×${one.m} r=${one.r}, compiled in ${our.compiling.toFixed(0)} ms: ${figures.join(', ')}`,
    );
  }
  const { torch, numpy, threads } = peers?.versions ?? {};
  if (peers && torch === null) console.log('No Python with torch was found (set PYTHON): NumPy only.');
  if (peers)
    console.log(
      `PyTorch ${torch ?? 'none'} with ${threads ?? 0} threads, NumPy ${numpy}; ours ${availableParallelism()} threads`,
    );
  peers?.end();
}

void main().then(() => process.exit());
