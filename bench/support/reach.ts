import type { Dataset } from '../../src/data/dataset';
import type { Factorization } from '../../src/factorization/result';
import type { FactorizationSettings } from '../../src/model/settings';
import { factorize } from '../../src/factorization/factorize';
import type { FactorizeCallbacks } from '../../src/factorization/runs/job';

/** What a benchmark has to say of how it factorizes. */
export type Job = Pick<FactorizationSettings, 'model' | 'solver' | 'rank' | 'restarts' | 'seed' | 'device'> & {
  iterations: number;
};

/** Makes all iterations, whether or not they have converged before. */
export function factorizeAlone(
  dataset: Dataset,
  { iterations, ...settings }: Job,
  callbacks: Partial<FactorizeCallbacks> = {},
): Promise<Factorization> {
  return factorize(
    dataset,
    { ...settings, stopping: { iterations, tolerance: 0 } },
    {
      onProgress: () => undefined,
      shouldStop: () => false,
      signal: new AbortController().signal,
      onCheckpointable: () => undefined,
      ...callbacks,
    },
  );
}

export interface Reached {
  /** Until the objective is at most the target, without compiling; Infinity where it never is. */
  seconds: number;
  /** Iterations until then; Infinity likewise. */
  iterations: number;
  /** Seconds of compiling. */
  compile: number;
  /** Where the runs stopped. */
  result: Factorization;
}

/** Factorizes until the objective is at most a target. */
export async function reach(target: number, dataset: Dataset, job: Job): Promise<Reached> {
  let seconds = Infinity;
  let iterations = Infinity;
  const result = await factorizeAlone(dataset, job, {
    onProgress(progress) {
      if (progress.phase !== 'iterating') return;
      const { objective, seconds: at, iteration } = progress.points;
      const k = objective.findIndex((value) => value <= target);
      if (k < 0 || seconds < Infinity) return;
      seconds = at[k] as number;
      iterations = iteration[k] as number;
    },
    shouldStop: () => seconds < Infinity,
  });
  return { seconds, iterations, compile: result.timing.compile, result };
}
