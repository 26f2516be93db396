import { maxUsefulRank, run } from '../model/run';

/** The rank that a text names; `auto` leaves it to the data. */
export type RankAnswer = number | 'auto';

/** The rank that a text names, or what is wrong with it. */
export function parseRank(text: string): { rank: RankAnswer } | { problem: string } {
  const word = text.trim().toLowerCase();
  if (word === 'auto') return { rank: word };
  if (word === '') return { problem: 'Enter how many components to find, e.g. 10, or auto.' };
  const rank = Number(word);
  if (!Number.isSafeInteger(rank) || rank < 1) {
    return { problem: 'The rank is a whole number of at least 1, or auto to let the data choose it.' };
  }
  return { rank };
}

/**
 * The rank that is suggested.
 * @param last the one chosen last, or, where it is `first`, the usual one
 * @param most the largest that is of any use for the data, where that is known; below it something is left to learn
 */
export function suggestedRank(last: RankAnswer, most: number | undefined, first: boolean): RankAnswer {
  if (last === 'auto' || most === undefined || last < most || (last === most && !first)) return last;
  return Math.min(run.rank.default, maxUsefulRank(most));
}
