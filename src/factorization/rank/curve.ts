import type { RankPoint } from './findings';

/** 1, 2, … 8, then in steps of a quarter or so, up to `most`. */
export function candidateRanks(most: number): number[] {
  const ranks: number[] = [];
  for (let rank = 1; rank < most; rank += rank < 8 ? 1 : Math.floor(rank / 4)) ranks.push(rank);
  return [...ranks, most];
}

/**
 * The smallest rank whose error is at most the least one and a standard error; 1 where nothing was tried.
 * @param losses of every fold at each rank: the standard error is then that of their difference, and else of the least error
 */
export function smallestWithinOneError(
  curve: readonly RankPoint[],
  losses: ReadonlyMap<number, readonly number[]> = new Map(),
): number {
  const best = minError(curve);
  if (!best) return 1;
  const ofBest = losses.get(best.rank);
  const isWithin = ({ rank, error }: RankPoint): boolean => {
    const own = losses.get(rank);
    const standardError =
      own && ofBest && own.length > 1
        ? meanWithError(own.map((loss, fold) => loss - ofBest[fold]!)).standardError
        : best.standardError;
    return error <= best.error + standardError;
  };
  return curve.filter(isWithin).reduce((least, { rank }) => Math.min(least, rank), best.rank);
}

/** The lowest point of the curve. */
export function minError(curve: readonly RankPoint[]): RankPoint | undefined {
  return curve.reduce<RankPoint | undefined>(
    (best, point) => (!best || point.error < best.error ? point : best),
    undefined,
  );
}

/** The ranks between a tried one and the next smaller tried one. */
export function gapUnder(rank: number, curve: readonly RankPoint[]): number[] {
  const below = curve.reduce((most, { rank: tried }) => (tried < rank ? Math.max(most, tried) : most), 0);
  return Array.from({ length: rank - below - 1 }, (_, k) => below + 1 + k);
}

/** The mean, and its standard error. */
export function meanWithError(values: readonly number[]): { error: number; standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2 || mean === Infinity) return { error: mean, standardError: 0 };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { error: mean, standardError: Math.sqrt(variance / values.length) };
}
