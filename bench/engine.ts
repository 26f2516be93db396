/**
 * The engine against eager PyTorch (autograd), PyTorch with the Gram form written by hand, and NumPy with the gradient
 * written by hand: the article's step, at the sizes that matter. Rounds alternate between us and each peer, and the
 * figure is the median of the rounds' ratios, so that a slow minute of the machine slows both.
 *
 * Usage: node engine.js [CASE] [--device ID] [--explain]; with a device, we run there too, and PyTorch on CUDA where it
 * has that, on larger data besides.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as rest } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deviceFinder } from '../src/devices/choose';
import {
  compile,
  add,
  div,
  log,
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
  type DeviceId,
  randomUniform,
  type Tensor,
} from '../src/engine';
import { findPython } from './support/peers';
import { median } from './support/versus';

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
const large: Case[] = [
  { objective: 'article', n: 10_000, m: 10_000, r: 64, steps: 5 },
  { objective: 'masked', n: 10_000, m: 2000, r: 32, steps: 5 },
];
const rounds = 21;
const roundsOfLarge = 5;
/** Idle threads of whoever went before spin for a while, on processors that the next one needs. */
const restMilliseconds = 250;
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

const { values: options, positionals } = parseArgs({
  options: { device: { type: 'string' }, explain: { type: 'boolean' } },
  allowPositionals: true,
});

interface Ours {
  run: () => Promise<number>;
  compiling: number;
  where: string;
  /** The objective after the first two steps: the same wherever it is computed. */
  cost: number;
}

async function ours({ objective, n, m, r, steps }: Case, device: DeviceId): Promise<Ours> {
  const [X, mask] = [matrix('X'), matrix('mask')];
  const W = shared(randomUniform([n, r], { seed: 1, low: 0.1, high: 1.1 }), 'W');
  const H = shared(randomUniform([r, m], { seed: 2, low: 0.1, high: 1.1 }), 'H');
  const started = performance.now();
  const fit = objectiveOf(objective, X, mask, matmul(W, H));
  const cost = add(fit, add(sum(square(W)).mul(lambda), sum(square(H)).mul(lambda)));
  const [dW, dH] = grad(cost, [W, H]);
  const step = (p: Node, g: Node): [Node, Node] => [p, sub(p, mul(beta, div(g, norm(g))))];
  const inputs: Record<string, Node> = objective === 'masked' ? { X, mask } : { X };
  const f = await compile({
    inputs,
    outputs: { cost },
    updates: [step(W, dW), step(H, dH)],
    device,
    finder: deviceFinder,
  });
  const compiling = performance.now() - started;
  if (options.explain) console.log(f.explain());
  const low = randomUniform([n, m], { seed: 3 });
  const observed = randomUniform([n, m], { seed: 4 });
  const values: Record<string, Tensor> = { X: low };
  if (objective === 'masked') values['mask'] = { data: observed.data.map((u) => Number(u < 0.7)), shape: [n, m] };
  const first = await f.run(values, { steps: 2 });
  const { used, reason, placement = [] } = f.device;
  const elsewhere = placement.map(({ operation, device: other, count }) => `${count} ${operation} on ${other}`);
  return {
    compiling,
    where: used === device ? [used, ...elsewhere].join(', ') : `${used} (${reason})`,
    cost: first.cost[1] ?? NaN,
    run: async () => {
      const start = performance.now();
      await f.run(values, { steps });
      return (performance.now() - start) / 1000;
    },
  };
}

interface Peers {
  /** Versions and kernels. */
  told: string;
  versions: { torch: string | null; numpy: string; threads: number | null; cuda: string | null };
  seconds(peer: string, one: Case): Promise<number>;
  end(): void;
}

async function startPeers(): Promise<Peers | undefined> {
  const python = findPython({ torch: true });
  if (python === undefined) return undefined;
  const child = spawn(python.program, ['bench/engine_peers.py'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: python.environment,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T;
  const peers: Peers = {
    told: python.told,
    versions: { torch: null, numpy: '', threads: null, cuda: null },
    async seconds(peer, one) {
      child.stdin.write(`${JSON.stringify({ peer, ...one })}\n`);
      return (await answer<{ seconds: number }>()).seconds;
    },
    end: () => child.stdin.end(),
  };
  Object.assign(peers.versions, await answer<Peers['versions']>());
  return peers;
}

/** Which peers there are for a case. */
function peersOf({ objective }: Case, versions: Peers['versions'], onDevice: boolean): string[] {
  const names = objective === 'article' ? ['eager', 'gram', 'numpy'] : ['eager'];
  const there = names.filter((name) => name === 'numpy' || versions.torch !== null);
  if (!onDevice || versions.cuda === null) return there;
  return [...there, ...there.filter((name) => name !== 'numpy').map((name) => `${name} on cuda`)];
}

/** Times all, turn about, and prints the line of a case. */
async function compare(one: Case, device: DeviceId | undefined, peers: Peers | undefined): Promise<void> {
  const here = await ours(one, 'cpu');
  const there = device && (await ours(one, device));
  const names = peers ? peersOf(one, peers.versions, there !== undefined) : [];
  const runs: [name: string, run: () => Promise<number>][] = [
    ['ours', here.run],
    ...(there ? [[`ours on ${there.where}`, there.run] as [string, () => Promise<number>]] : []),
    ...names.map((name): [string, () => Promise<number>] => [name, () => (peers as Peers).seconds(name, one)]),
  ];
  for (const name of names) await peers?.seconds(name, { ...one, steps: 1 });
  const times = runs.map((): number[] => []);
  for (let round = 0; round < (large.includes(one) ? roundsOfLarge : rounds); round++) {
    for (const [i, [, run]] of runs.entries()) {
      await rest(restMilliseconds);
      times[i]?.push(await run());
    }
  }
  const own = times[0] ?? [];
  const figures = runs.map(([name], i) => {
    const seconds = times[i] ?? [];
    const each = `${name} ${((median(seconds) / one.steps) * 1000).toFixed(2)} ms`;
    return i === 0 ? each : `${each} (${median(seconds.map((s, k) => s / (own[k] ?? NaN))).toFixed(2)}×)`;
  });
  const apart = there ? `, objectives ${Math.abs(there.cost / here.cost - 1).toExponential(0)} apart` : '';
  console.log(
    `${one.objective} ${one.n}×${one.m} r=${one.r}, compiled in ${here.compiling.toFixed(0)} ms${apart}: ${figures.join(', ')}${peers ? ` [${peers.told}]` : ''}`,
  );
}

async function main(): Promise<void> {
  const device = options.device as DeviceId | undefined;
  const peers = await startPeers();
  if (!peers) console.log('No Python with NumPy was found (set PYTHON): our own times only.');
  const [only = ''] = positionals;
  for (const one of device ? [...cases, ...large] : cases) {
    if (`${one.objective}${one.n}`.startsWith(only)) await compare(one, device, peers);
  }
  const { torch, threads, cuda } = peers?.versions ?? {};
  if (peers && torch === null) console.log('No Python with torch was found (set PYTHON): NumPy only.');
  if (peers)
    console.log(
      `${peers.told}; PyTorch with ${threads ?? 0} threads${cuda ? `, CUDA on ${cuda}` : ''}; ours ${availableParallelism()} threads`,
    );
  peers?.end();
}

void main().then(() => process.exit());
