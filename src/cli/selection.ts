import type { FactorizationSettings } from '../model/settings';
import { defaultRankSearch, run } from '../model/run';
import { namedStartsOf, type StartKind } from '../model/starts';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { UsageError } from './errors';
import { choice, numberOf, type Given } from './values';

export interface Selection {
  settings: Pick<FactorizationSettings, 'rank' | 'rankProposed' | 'rankSearch' | 'start'>;
  /** The factors file to begin with; without a rank of its own the run takes that file's. */
  init?: { file: string; rankGiven: boolean };
}

/** @throws UsageError naming the option */
export function selectionFrom({ rank, init }: Given, words: Vocabulary = vocabulary): Selection {
  const search = rank?.toLowerCase() === 'auto';
  const file = init !== undefined && /\.npz$/i.test(init) ? init : undefined;
  if (search && file !== undefined) {
    throw new UsageError('--rank auto cannot begin with a file, which has one rank; leave out --init or --rank.');
  }
  return {
    settings: {
      // A search has yet to find it.
      rank: search || rank === undefined ? (search ? 1 : run.rank.default) : wholeRank(rank),
      ...(rank === undefined && file === undefined && { rankProposed: true as const }),
      ...(search && { rankSearch: defaultRankSearch }),
      ...(init !== undefined && { start: file === undefined ? startNamed(init, words) : 'file' }),
    },
    ...(file !== undefined && { init: { file, rankGiven: rank !== undefined } }),
  };
}

function wholeRank(text: string): number {
  try {
    return numberOf(run.rank, 'rank', text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--rank wants a whole number from 1 to ${run.rank.most}, or auto, not "${text}".`);
  }
}

function startNamed(text: string, { starts }: Vocabulary): StartKind {
  try {
    return choice('init', text, namedStartsOf(starts));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/, not "/, ' or a .factors.npz file, not "'));
  }
}
