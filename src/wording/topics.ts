import type { Factorization } from '../factorization/result';

/**
 * The words that weigh most in each component, the heaviest first: of an H whose columns are terms. Words of no weight or a
 * negative one are none of them.
 */
export function topWords(
  { H, rank, columns, columnLabels }: Pick<Factorization, 'H' | 'rank' | 'columns' | 'columnLabels'>,
  count = 8,
): string[][] {
  return Array.from({ length: rank }, (_, component) => {
    const weights = H.subarray(component * columns, (component + 1) * columns);
    return Array.from(weights.keys())
      .filter((column) => weights[column]! > 0)
      .sort((a, b) => weights[b]! - weights[a]! || a - b)
      .slice(0, count)
      .map((column) => columnLabels?.[column] ?? String(column + 1));
  });
}
