/** The rank that a text names, or what is wrong with it. */
export function parseRank(text: string): number | string {
  const rank = Number(text.trim());
  if (text.trim() === '') return 'Enter how many components to find, e.g. 10.';
  if (!Number.isSafeInteger(rank) || rank < 1) return 'The rank is a whole number of at least 1.';
  return rank;
}
