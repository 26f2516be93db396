import type { Dataset } from '../../src/data/dataset';
import { withBound } from '../../src/model/bounds';
import type { Factorization } from '../../src/factorization/result';
import type { FactorizationSettings } from '../../src/model/settings';
import { factorize } from '../../src/factorization/factorize';
import type { FactorizeCallbacks } from '../../src/factorization/runs/job';
import { unconstrained } from '../../src/model/constraints';
import type { Loss } from '../../src/model/losses';
import { defaultModel, type Model } from '../../src/model/model';
import { noPenalty, type FactorPenalty } from '../../src/model/penalties';
import { solverWith, type SolverOptions } from '../../src/model/solvers';
import { defaultStopping } from '../../src/model/stopping';
import type { WarmStart } from '../../src/factorization/starts/start';
import type { Continuation } from '../../src/factorization/plan';
import { presets } from '../../src/model/presets';

/** Factorizes with the defaults, from one start, at rank 2. */
export function factorizing(
  dataset: Dataset,
  changes: Partial<FactorizationSettings> = {},
  callbacks: Partial<FactorizeCallbacks> = {},
  warmStart?: WarmStart,
  continuation?: Continuation,
): Promise<Factorization> {
  return factorize(
    dataset,
    {
      model: defaultModel,
      solver: { id: 'auto' },
      stopping: defaultStopping,
      rank: 2,
      restarts: 1,
      seed: 0,
      device: 'cpu',
      ...changes,
    },
    {
      onProgress: () => undefined,
      shouldStop: () => false,
      signal: new AbortController().signal,
      onCheckpointable: () => undefined,
      ...callbacks,
    },
    continuation,
    warmStart,
  );
}

const nonNegative = { kind: 'non-negative' } as const;

/** A model with its penalties made light, so that small data do not vanish under them, and meant as they are. */
const lighter = ({ penalties: { W, H }, relative: _, ...model }: Model): Model => {
  const light = (penalty: FactorPenalty): FactorPenalty => ({
    ...penalty,
    l1: 0.05 * penalty.l1,
    l2: Math.min(0.1, penalty.l2),
  });
  return { ...model, penalties: { W: light(W), H: light(H) } };
};

/** Every preset, and every loss and constraint that no preset has. */
export const models: Readonly<Record<string, Model>> = {
  plain: defaultModel,
  ...Object.fromEntries(presets.map(({ id, model }) => [id, lighter(model)])),
  // That of the preset comes from the data, and those of a test have no residuals to speak of.
  robust: { ...defaultModel, loss: { kind: 'huber', delta: 1 } },
  absolute: { ...defaultModel, loss: { kind: 'absolute' } },
  'absolute non-negative': {
    ...defaultModel,
    loss: { kind: 'absolute' },
    constraints: { W: nonNegative, H: nonNegative },
  },
  'absolute ridge': {
    ...defaultModel,
    loss: { kind: 'absolute' },
    penalties: { W: { ...noPenalty, l2: 0.1 }, H: { ...noPenalty, l2: 0.1 } },
  },
  'absolute sparse': {
    ...defaultModel,
    loss: { kind: 'absolute' },
    penalties: { W: { ...noPenalty, l1: 0.1 }, H: { ...noPenalty, l1: 0.05, l2: 0.1 } },
    constraints: { W: unconstrained, H: { kind: 'box', least: -0.5, most: 2 } },
  },
  'absolute simplex': {
    ...defaultModel,
    loss: { kind: 'absolute' },
    constraints: { W: { kind: 'simplex' }, H: unconstrained },
  },
  'itakura-saito': {
    ...defaultModel,
    loss: { kind: 'itakura-saito' },
    constraints: { W: nonNegative, H: nonNegative },
  },
  poisson: { ...defaultModel, loss: { kind: 'poisson' } },
  group: {
    ...defaultModel,
    penalties: { W: { ...noPenalty, group: 0.3 }, H: { ...noPenalty, group: 0.3 } },
  },
  'elastic net': {
    ...defaultModel,
    penalties: { W: { ...noPenalty, l1: 0.1, l2: 0.2 }, H: { ...noPenalty, l1: 0.1, l2: 0.2 } },
  },
  box: {
    ...defaultModel,
    constraints: { W: { kind: 'box', least: 0, most: 1 }, H: { kind: 'box', least: -0.5, most: 2 } },
  },
  simplex: { ...defaultModel, constraints: { W: { kind: 'simplex' }, H: { kind: 'none' } } },
  'bounded dictionary': withBound({
    ...defaultModel,
    penalties: { W: { ...noPenalty, l1: 0.05 }, H: noPenalty },
    constraints: { W: nonNegative, H: nonNegative },
  }),
  'unit norm': { ...defaultModel, constraints: { W: unconstrained, H: { kind: 'unit-norm', nonNegative: false } } },
  'sparse unit norm': {
    ...defaultModel,
    penalties: { W: { ...noPenalty, l1: 0.05 }, H: { ...noPenalty, l1: 0.05 } },
    constraints: { W: nonNegative, H: { kind: 'unit-norm', nonNegative: true } },
  },
  'orthogonal unit norm': {
    ...defaultModel,
    penalties: { W: { ...noPenalty, orthogonal: 0.2 }, H: noPenalty },
    constraints: { W: { kind: 'unit-norm', nonNegative: false }, H: unconstrained },
  },
  'robust unit norm': {
    ...defaultModel,
    loss: { kind: 'huber', delta: 0.3 },
    penalties: { W: { ...noPenalty, l1: 0.02 }, H: noPenalty },
    constraints: { W: unconstrained, H: { kind: 'unit-norm', nonNegative: false } },
  },
  'robust recommender': {
    ...defaultModel,
    loss: { kind: 'huber', delta: 0.2 },
    penalties: { W: { ...noPenalty, l2: 0.1 }, H: { ...noPenalty, l2: 0.1 } },
    biases: { l2: 0.2 },
  },
  'binary recommender': {
    ...defaultModel,
    loss: { kind: 'logistic' },
    penalties: { W: { ...noPenalty, l2: 0.1 }, H: { ...noPenalty, l2: 0.1 } },
    constraints: { W: nonNegative, H: unconstrained },
    biases: { l2: 0.05 },
  },
  'semi-non-negative': { ...defaultModel, constraints: { W: { kind: 'none' }, H: nonNegative } },
};

export const solvers: Readonly<Record<string, SolverOptions>> = {
  auto: { id: 'auto' },
  apg: solverWith('apg', { inner: 4 }),
  als: solverWith('als', { inner: 6 }),
  hals: solverWith('hals', { sweeps: 2 }),
  mu: solverWith('mu'),
  lbfgs: solverWith('lbfgs', { memory: 5 }),
  adam: solverWith('adam', { rate: 0.05 }),
  momentum: solverWith('momentum', { rate: 0.5, momentum: 0.9 }),
  ngd: solverWith('ngd', { rate: 0.1, schedule: 'cosine', stepLength: 'relative' }),
  irls: solverWith('irls', { inner: 4 }),
  'adaptive ngd': solverWith('ngd', { rate: 0.1, schedule: 'adaptive', stepLength: 'relative' }),
};

/** What an entry x costs when W·H says y: the textbook's formula. */
export function lossAt(loss: Loss, x: number, y: number): number {
  const xlogx = (v: number): number => (v === 0 ? 0 : v * Math.log(v));
  switch (loss.kind) {
    case 'squared':
      return (x - y) ** 2;
    case 'absolute':
      return Math.abs(x - y);
    case 'huber':
      return Math.abs(x - y) <= loss.delta ? (x - y) ** 2 : 2 * loss.delta * Math.abs(x - y) - loss.delta ** 2;
    case 'kullback-leibler':
      return xlogx(x) - x * Math.log(y) - x + y;
    case 'itakura-saito':
      return x / y - Math.log(x / y) - 1;
    case 'poisson':
      return Math.exp(y) - x * y + xlogx(x) - x;
    case 'logistic': {
      const p = 1 / (1 + Math.exp(-y));
      return -x * Math.log(p) - (1 - x) * Math.log(1 - p) + xlogx(x) + xlogx(1 - x);
    }
  }
}

/** The objective from its definition, entry by entry in float64; NaN in `rows` is a missing entry. */
export function objectiveOf(
  rows: readonly (readonly number[])[],
  { W, H, rank, columns, biases }: Pick<Factorization, 'W' | 'H' | 'rank' | 'columns' | 'biases'>,
  { loss, penalties, biases: biasPenalty }: Model,
): number {
  let total = 0;
  rows.forEach((row, i) => {
    row.forEach((x, j) => {
      if (Number.isNaN(x)) return;
      let y = biases ? biases.mean + (biases.rows[i] as number) + (biases.columns[j] as number) : 0;
      for (let k = 0; k < rank; k++) y += (W[i * rank + k] as number) * (H[k * columns + j] as number);
      total += lossAt(loss, Math.fround(x), y);
    });
  });
  for (const [factor, { l1, l2, group, smooth, orthogonal }, stride, step] of [
    [W, penalties.W, 1, rank],
    [H, penalties.H, columns, 1],
  ] as const) {
    const length = factor.length / rank;
    const components = Array.from({ length: rank }, (_, k) =>
      Array.from({ length }, (__, i) => factor[k * stride + i * step] as number),
    );
    for (const component of components) {
      total += l1 * component.reduce((sum, v) => sum + Math.abs(v), 0);
      total += l2 * component.reduce((sum, v) => sum + v * v, 0);
      total += group * Math.sqrt(component.reduce((sum, v) => sum + v * v, 0));
      total += smooth * component.slice(1).reduce((sum, v, i) => sum + (v - (component[i] as number)) ** 2, 0);
      for (const other of components) {
        if (other === component) continue;
        total += orthogonal * component.reduce((sum, v, i) => sum + v * (other[i] as number), 0) ** 2;
      }
    }
  }
  for (const bias of biases && biasPenalty ? [biases.rows, biases.columns] : []) {
    bias.forEach((value) => (total += (biasPenalty?.l2 ?? 0) * value ** 2));
  }
  return total;
}

/** The first way in which a factor breaks its constraint; undefined where it keeps it. */
export function violationOf({ W, H, rank, columns }: Factorization, { constraints }: Model): string | undefined {
  for (const [name, factor, width] of [
    ['W', W, rank],
    ['H', H, columns],
  ] as const) {
    const constraint = constraints[name];
    const rows = Array.from({ length: factor.length / width }, (_, i) => [
      ...factor.subarray(i * width, (i + 1) * width),
    ]);
    const components =
      name === 'H' ? rows : Array.from({ length: rank }, (_, k) => rows.map((row) => row[k] as number));
    const negative = (): number | undefined =>
      'nonNegative' in constraint && constraint.nonNegative ? factor.find((v) => v < 0) : undefined;
    const wrong = {
      none: () => undefined,
      'non-negative': () => factor.find((v) => v < 0),
      box: () =>
        constraint.kind === 'box'
          ? factor.find((v) => v < Math.fround(constraint.least) || v > Math.fround(constraint.most))
          : undefined,
      'unit-ball': () => negative() ?? components.map((c) => Math.hypot(...c)).find((norm) => norm > 1 + 1e-5),
      'unit-norm': () =>
        negative() ?? components.map((c) => Math.hypot(...c)).find((norm) => !(Math.abs(norm - 1) <= 1e-5)),
      simplex: () =>
        factor.find((v) => v < 0) ??
        rows.map((row) => row.reduce((sum, v) => sum + v, 0)).find((sum) => Math.abs(sum - 1) > 1e-5),
    }[constraint.kind]();
    if (wrong !== undefined) return `${name} is ${constraint.kind}, but has ${wrong}`;
  }
  return undefined;
}
