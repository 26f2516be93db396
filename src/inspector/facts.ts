import type { Factorization, FactorizationSettings } from '../factorization/factorization';
import type { SolverOptions } from '../factorization/model';
import type { Fact } from '../protocol/inspector';

/** What was asked for, worded for the user. */
export function settingsFacts(settings: FactorizationSettings): Fact[] {
  const { solver, stopping, rank, restarts, seed } = settings;
  return [
    { label: 'Objective', value: objectiveText(settings) },
    { label: 'Rank', value: String(rank) },
    { label: 'Solver', value: solverText(solver) },
    {
      label: 'Stops',
      value:
        `after ${count(stopping.iterations, 'iteration')}` +
        (stopping.tolerance > 0 ? ` or when the objective settles within ${number(stopping.tolerance)}` : ''),
    },
    { label: 'Starts', value: `${count(restarts, 'random start')}, seed ${seed}` },
  ];
}

/** What is known once there is a result. */
export function resultFacts(factorization: Factorization): Fact[] {
  const { source, precision, timing, versions } = factorization;
  return [
    { label: 'Precision', value: precision },
    { label: 'File', value: `${source.name}, ${bytesText(source.bytes)}` },
    { label: 'SHA-256', value: source.sha256 },
    {
      label: 'Time',
      value:
        `${secondsText(timing.total)} in all: reading ${secondsText(timing.read)}, ` +
        `compiling ${secondsText(timing.compile)}, iterating ${secondsText(timing.iterate)}`,
    },
    {
      label: 'Computed by',
      value: Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    },
  ];
}

function objectiveText(settings: FactorizationSettings): string {
  const { W, H } = settings.model.penalties;
  const terms = ['Σ(X − WH)²'];
  for (const [name, penalty] of [
    ['W', W],
    ['H', H],
  ] as const) {
    if (penalty.l1 > 0) terms.push(`${number(penalty.l1)}·Σ|${name}|`);
    if (penalty.l2 > 0) terms.push(`${number(penalty.l2)}·Σ${name}²`);
  }
  return terms.join(' + ');
}

function solverText(solver: SolverOptions): string {
  const length = solver.stepLength === 'relative' ? "of each factor's norm" : 'in absolute length';
  return `Normalized gradient descent, rate ${number(solver.rate)} ${length}, ${solver.schedule} schedule`;
}

function count(value: number, noun: string): string {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;
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
