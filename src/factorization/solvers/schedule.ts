import type { NormalizedGradientOptions } from '../../model/solvers';

/**
 * The rates of steps `first`, `first`+1, … of a run of `planned` steps, for the schedules that are known in advance.
 * Throws for `adaptive`, whose rate depends on what the objective did and is therefore part of the solver's state.
 */
export function scheduledRates(
  options: NormalizedGradientOptions,
  first: number,
  count: number,
  planned: number,
): Float32Array {
  const rateAt = schedules[options.schedule];
  if (!rateAt) throw new Error(`The ${options.schedule} schedule is not known in advance.`);
  return Float32Array.from({ length: count }, (_, k) => options.rate * rateAt(first + k, planned));
}

const schedules: Record<NormalizedGradientOptions['schedule'], ((t: number, planned: number) => number) | undefined> = {
  constant: () => 1,
  'inverse-sqrt': (t) => 1 / Math.sqrt(t + 1),
  cosine: (t, planned) => 0.5 * (1 + Math.cos((Math.PI * Math.min(t, planned)) / planned)),
  adaptive: undefined,
};
