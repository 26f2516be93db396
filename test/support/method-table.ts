import assert from 'node:assert/strict';
import type { Dataset } from '../../src/data/dataset';
import { SettingsError, type FactorizationSettings } from '../../src/model/settings';
import type { Factorization } from '../../src/factorization/result';
import type { Model } from '../../src/model/model';
import { namedSolvers, solverIds, type NamedSolverOptions, type SolverOptions } from '../../src/model/solvers';
import type { Preparation } from '../../src/model/preparation';
import { presetIds, presetOf, type PresetId } from '../../src/model/presets';
import { startKinds, type StartKind } from '../../src/model/starts';
import type { WarmStart } from '../../src/factorization/starts/start';
import { twoPatterns } from './datasets';
import { factorizing, models } from './factorizing';

/** A model with what is done beforehand. */
export interface Method {
  name: string;
  model: Model;
  preparation?: Preparation;
  isPreset: boolean;
}

const isPreset = (name: string): name is PresetId => presetIds.some((id) => id === name);

/** Every preset, its penalties made light, and every loss, penalty and constraint that no preset has. */
export const methods: readonly Method[] = Object.entries(models).map(([name, model]) => {
  const preparation = isPreset(name) ? presetOf(name).preparation : undefined;
  return { name, model, isPreset: isPreset(name), ...(preparation && { preparation }) };
});

/** Every solver as it is unless something else is asked for, and the schedule of `ngd` that promises something. */
export const solverTable: readonly { name: string; solver: SolverOptions }[] = [
  ...solverIds.map((id) => ({ name: id, solver: id === 'auto' ? ({ id } as const) : namedSolvers[id] })),
  { name: 'adaptive ngd', solver: { ...namedSolvers.ngd, schedule: 'adaptive' } },
];

/** Whether a solver promises never to raise the objective: all but those whose step lengths are set beforehand. */
export const isMonotone = (solver: NamedSolverOptions): boolean =>
  solver.id === 'ngd' ? solver.schedule === 'adaptive' : solver.id !== 'adam' && solver.id !== 'momentum';

/** The solver of a result, which is never `auto`. */
export function solverOf({ settings: { solver } }: Factorization): NamedSolverOptions {
  if (solver.id === 'auto') throw new Error('A result does not say which solver it is of.');
  return solver;
}

/** A method by a solver from a start. */
export interface Cell {
  method: Method;
  solver: SolverOptions;
  solverName: string;
  start: StartKind;
  name: string;
}

/** All of it, and of the methods that are no presets the start at random. */
export const cells: readonly Cell[] = methods.flatMap((method) =>
  solverTable.flatMap(({ solver, name: solverName }) =>
    startKinds
      .filter((start) => method.isPreset || start === 'random')
      .map((start) => ({
        method,
        solver,
        solverName,
        start,
        name: `${method.name} by ${solverName} from ${start}`,
      })),
  ),
);

/** The data of the table. */
export const numbers: readonly (readonly number[])[] = twoPatterns(9, 7);

/** The same with entries missing in every row and column. */
export const holed: readonly (readonly number[])[] = numbers.map((row, i) =>
  row.map((x, j) => ((i * 3 + j) % 5 === 0 ? NaN : x)),
);

/** Positive factors of given data, for the start from a file. */
function factorsFile({ rows, columns, source }: Dataset, rank: number): WarmStart {
  const positive = (length: number): Float32Array =>
    Float32Array.from({ length }, (_, at) => 0.2 + 0.6 * Math.abs(Math.sin(1 + 3 * at)));
  return {
    name: 'earlier.factors.npz',
    rows,
    columns,
    rank,
    W: positive(rows * rank),
    H: positive(rank * columns),
    source,
  };
}

/**
 * A cell's result, without what is concluded from it afterwards.
 * @param whenever called at every progress
 */
export function resultOf(
  { method, solver, start }: Pick<Cell, 'method' | 'solver' | 'start'>,
  dataset: Dataset,
  changes: Partial<FactorizationSettings> = {},
  whenever: () => void = () => undefined,
): Promise<Factorization> {
  const { model, preparation } = method;
  const settings = { model, solver, start, ...(preparation && { preparation }), ...changes };
  const { restarts = 1, rank = 2 } = settings;
  let ended = 0;
  return factorizing(
    dataset,
    settings,
    {
      onProgress: ({ phase }) => {
        if (phase === 'restart-ended') ended++;
        whenever();
      },
      // Only once the runs have ended, of which nothing can then be left out.
      shouldStop: () => ended >= restarts,
    },
    start === 'file' ? factorsFile(dataset, rank) : undefined,
  );
}

/** What a promise of a result comes to: the result, or the words in which it was refused. */
export async function orRefusal(result: Promise<Factorization>): Promise<Factorization | string> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
}

/** A model with what it took from the data as if it had been given. */
export function asGiven(model: Model): Model {
  const { loss } = model;
  return loss.kind === 'huber' ? { ...model, loss: { kind: 'huber', delta: loss.delta } } : model;
}

/** Every solver from a start at random, and every start by the solver that suits the model. */
export const crossing = cells.filter(({ start, solverName }) => start === 'random' || solverName === 'auto');

export function assertFinite({ W, H, statistics, biases }: Factorization, name: string): void {
  const numbersOf = [...W, ...H, ...(biases ? [...biases.rows, ...biases.columns] : []), statistics.objective];
  assert.ok(numbersOf.every(Number.isFinite), name);
}
