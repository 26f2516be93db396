import { boundReason } from '../model/bounds';
import type { Factorization } from '../factorization/factorization';
import type { FactorizationSettings } from '../factorization/settings';
import type { Consensus } from '../factorization/consensus-matrix';
import type { DeviceReport } from '../factorization/devices';
import type { Constraint } from '../model/constraints';
import type { Loss } from '../model/losses';
import type { SolverOptions } from '../model/solvers';
import { preparationText } from '../model/preparation';
import { topWords } from '../factorization/topics';
import { timingParts } from '../protocol/timing-parts';
import type { Fact } from '../protocol/inspector';
import { optimumText } from '../protocol/optimum-text';
import { percentText } from '../protocol/percent-text';
import { preparedX } from './prepared-text';

/** What was asked for, worded for the user. */
export function settingsFacts(settings: FactorizationSettings): Fact[] {
  const { solver, stopping, rank, restarts, seed, preparation } = settings;
  const prepared = preparation && preparationText(preparation);
  const bound = boundReason(settings.model);
  return [
    ...(prepared === undefined ? [] : [{ label: 'Preparation', value: prepared }]),
    { label: 'Objective', value: objectiveText(settings) },
    ...(bound === undefined ? [] : [{ label: 'Why this bound', value: bound }]),
    { label: 'Rank', value: settings.rankSearch ? 'Chosen by the data' : String(rank) },
    { label: 'Solver', value: solverText(solver) },
    {
      label: 'Stops',
      value:
        `after ${count(stopping.iterations, 'iteration')}` +
        (stopping.tolerance > 0
          ? ` or when the gradient is small enough, tolerance ${number(stopping.tolerance)}`
          : ''),
    },
    { label: 'Starts', value: `${count(restarts, 'random start')}, seed ${seed}` },
  ];
}

/** What is known once there is a result. */
export function resultFacts(factorization: Factorization): Fact[] {
  const { optimum, curvature, restartSpread, consensus, scree, heldOut, statistics } = factorization;
  const { source, precision, biases, componentVariance, solverReason, restartsAtOnce, timing, versions } =
    factorization;
  return [
    ...(solverReason === undefined ? [] : [{ label: 'Why this solver', value: solverReason }]),
    ...(restartsAtOnce ? [{ label: 'Restarts at once', value: restartsAtOnce.reason }] : []),
    ...(heldOut
      ? [
          {
            label: 'Held out',
            value: `RMSE ${number(heldOut.rmse)}, MAE ${number(heldOut.mae)} on ${count(heldOut.entries, 'entry', 'entries')}`,
          },
        ]
      : []),
    ...(optimum ? [{ label: 'Bound', value: optimumText(optimum, statistics, number) }] : []),
    ...(curvature
      ? [
          {
            label: 'Curvature',
            value: curvature.kind === 'none' ? curvature.reason : `${number(curvature.smallest)}. ${curvature.meaning}`,
          },
        ]
      : []),
    ...(restartSpread
      ? [{ label: 'Spread', value: `The worst start ended ${percentText(restartSpread.relative)} above the best.` }]
      : []),
    ...(consensus ? [{ label: 'Consensus', value: consensusText(consensus) }] : []),
    ...(scree?.kind === 'none' ? [{ label: 'Scree', value: scree.reason }] : []),
    ...(biases
      ? [
          {
            label: 'Biases',
            value: `Mean ${number(biases.mean)}; of rows ${rangeText(biases.rows)}; of columns ${rangeText(biases.columns)}`,
          },
        ]
      : []),
    ...(componentVariance
      ? [{ label: 'Explained by component', value: componentVariance.map((part) => percentText(part)).join(', ') }]
      : []),
    ...(factorization.reading.kind === 'text'
      ? topWords(factorization).map((words, topic) => ({ label: `Topic ${topic + 1}`, value: words.join(', ') }))
      : []),
    { label: 'Device', value: deviceText(factorization.device) },
    { label: 'Precision', value: precision },
    { label: 'File', value: `${source.name}, ${bytesText(source.bytes)}` },
    { label: 'SHA-256', value: source.sha256 },
    {
      label: 'Time',
      value:
        `${secondsText(timing.total)} in all: ` +
        timingParts(timing)
          .map(({ label, seconds }) => `${label} ${secondsText(seconds)}`)
          .join(', '),
    },
    {
      label: 'Computed by',
      value: Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    },
  ];
}

/** What is minimised, as a formula, e.g. `Σ(X − WH)² + 2·Σ|W|, W ≥ 0`; of prepared data with what was done to X. */
export function objectiveText({ model, preparation }: Pick<FactorizationSettings, 'model' | 'preparation'>): string {
  const { loss, penalties, constraints, biases } = model;
  const { W, H } = penalties;
  // The mean of a model with biases has the usual letter.
  const prepared = preparedX(preparation, biases ? ['m', 'n'] : undefined);
  const plain = lossText(loss).replace('X', prepared);
  const terms = [biases ? plain.replaceAll('WH', '(μ + b + c + WH)') : plain];
  for (const [name, penalty] of [
    ['W', W],
    ['H', H],
  ] as const) {
    if (penalty.l1 > 0) terms.push(`${times(penalty.l1)}Σ|${name}|`);
    if (penalty.l2 > 0) terms.push(`${times(penalty.l2)}Σ${name}²`);
    if (penalty.group > 0) terms.push(`${times(penalty.group)}Σ‖component of ${name}‖`);
    if (penalty.smooth > 0) terms.push(`${times(penalty.smooth)}Σ(difference of neighbours in ${name})²`);
    if (penalty.orthogonal > 0) {
      terms.push(`${times(penalty.orthogonal)}Σ(${name === 'W' ? 'WᵀW' : 'HHᵀ'} off its diagonal)²`);
    }
  }
  if (biases && biases.l2 > 0) terms.push(`${times(biases.l2)}(Σb² + Σc²)`);
  const bounds = (['W', 'H'] as const).flatMap((name) => constraintText(constraints[name], name) ?? []);
  return [terms.join(' + '), ...bounds].join(', ');
}

/** A coefficient before a term: nothing where it is 1. */
const times = (weight: number): string => (weight === 1 ? '' : `${number(weight)}·`);

function lossText(loss: Loss): string {
  switch (loss.kind) {
    case 'squared':
      return 'Σ(X − WH)²';
    case 'absolute':
      return 'Σ|X − WH|';
    case 'huber':
      return `Σ Huber(X − WH), δ ${loss.delta === 0 ? '' : `= ${number(loss.delta)}, `}${loss.fromData ? 'from the data' : ''}`.replace(
        /, $/,
        '',
      );
    case 'kullback-leibler':
      return 'Kullback–Leibler divergence of X from WH';
    case 'itakura-saito':
      return 'Itakura–Saito divergence of X from WH';
    case 'poisson':
      return 'Poisson deviance of X from exp(WH), halved';
    case 'logistic':
      return 'Logistic loss of X given WH';
  }
}

function constraintText(constraint: Constraint, name: string): string | undefined {
  switch (constraint.kind) {
    case 'none':
      return undefined;
    case 'non-negative':
      return `${name} ≥ 0`;
    case 'box':
      return `${number(constraint.least)} ≤ ${name} ≤ ${number(constraint.most)}`;
    case 'unit-ball':
      return `${constraint.nonNegative ? `${name} ≥ 0, ` : ''}components of ${name} at most 1 long`;
    case 'unit-norm':
      return `${constraint.nonNegative ? `${name} ≥ 0, ` : ''}components of ${name} of length 1`;
    case 'simplex':
      return `rows of ${name} non-negative with sum 1`;
  }
}

function solverText(solver: SolverOptions): string {
  switch (solver.id) {
    case 'auto':
      return 'Automatic: what suits the objective';
    case 'apg':
      return `Accelerated block proximal gradient, ${count(solver.inner, 'inner step')}`;
    case 'hals':
      return `Hierarchical alternating least squares, ${count(solver.sweeps, 'sweep')}`;
    case 'lbfgs':
      return `L-BFGS, ${count(solver.memory, 'step')} remembered`;
    case 'mu':
      return 'Multiplicative updates';
    case 'als':
      return `Alternating least squares, ${count(solver.inner, 'conjugate-gradient step')} each`;
    case 'irls':
      return `Iteratively reweighted least squares, ${count(solver.inner, 'conjugate-gradient step')} each`;
    case 'svd':
      return 'Singular value decomposition';
    case 'adam':
      return `Adam, rate ${number(solver.rate)}`;
    case 'momentum':
      return `Gradient descent with momentum ${number(solver.momentum)}, rate ${number(solver.rate)}`;
    case 'ngd': {
      const length = solver.stepLength === 'relative' ? "of each factor's norm" : 'in absolute length';
      return `Normalized gradient descent, rate ${number(solver.rate)} ${length}, ${solver.schedule} schedule`;
    }
  }
}

function consensusText(consensus: Consensus): string {
  if (consensus.kind === 'none') return consensus.reason;
  const { restarts, cophenetic, dispersion } = consensus;
  const correlation = cophenetic === undefined ? '' : `cophenetic correlation ${number(cophenetic)}, `;
  return `Of ${count(restarts, 'restart')}: ${correlation}dispersion ${number(dispersion)}`;
}

function deviceText({ requested, used, reason, placement = [] }: DeviceReport): string {
  const elsewhere = placement.map(({ operation, device, count: times }) => `${operation} ×${times} on ${device}`);
  return [
    `${used}${requested === used ? '' : ` (${requested} was asked for)`}. ${reason}`,
    ...(elsewhere.length > 0 ? [`Not there: ${elsewhere.join(', ')}.`] : []),
  ].join(' ');
}

function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? noun : plural}`;
}

/** The smallest and the largest of some numbers. */
function rangeText(values: Float32Array): string {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  return `${number(least)} to ${number(values.reduce((a, b) => Math.max(a, b), -Infinity))}`;
}

/** Short without losing what was asked: six significant digits at most. */
function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function secondsText(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(1)} s`;
}

function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? 'TB'}`;
}
