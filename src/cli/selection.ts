import type { FactorizationSettings } from '../factorization/settings';
import { defaultRankSearch } from '../model/run';
import type { StartKind } from '../model/starts';
import { startKinds } from '../model/starts';
import { UsageError } from './errors';
import { choice, integer, number } from './values';

/** Starts that are asked for by name; a file is asked for by its name. */
export const namedStarts = startKinds.filter((kind): kind is Exclude<StartKind, 'file'> => kind !== 'file');

const mostRank = 10_000;
const mostHoldout = 0.5;

/** The options that say of what rank the factors are, where they begin and on what they are judged, as they were written. */
export interface SelectionOptions {
  rank?: string | undefined;
  init?: string | undefined;
  holdout?: string | undefined;
}

export interface Selection {
  settings: Pick<FactorizationSettings, 'rank' | 'rankSearch' | 'start' | 'holdout'>;
  /** The factors file to begin with; without a rank of its own the run takes that file's. */
  init?: { file: string; rankGiven: boolean };
}

/** @throws UsageError naming the option */
export function selectionFrom({ rank, init, holdout }: SelectionOptions, defaultRank: number): Selection {
  const search = rank?.toLowerCase() === 'auto';
  const file = init !== undefined && /\.npz$/i.test(init) ? init : undefined;
  if (search && file !== undefined) {
    throw new UsageError('--rank auto cannot begin with a file, which has one rank; leave out --init or --rank.');
  }
  return {
    settings: {
      // A search has yet to find it.
      rank: search || rank === undefined ? (search ? 1 : defaultRank) : wholeRank(rank),
      ...(search && { rankSearch: defaultRankSearch }),
      ...(init !== undefined && { start: file === undefined ? startNamed(init) : 'file' }),
      ...(holdout !== undefined && {
        holdout: number('holdout', holdout, { minimum: 0, maximum: mostHoldout, above: true }),
      }),
    },
    ...(file !== undefined && { init: { file, rankGiven: rank !== undefined } }),
  };
}

function wholeRank(text: string): number {
  try {
    return integer('rank', text, { minimum: 1, maximum: mostRank });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`--rank wants a whole number from 1 to ${mostRank}, or auto, not "${text}".`);
  }
}

function startNamed(text: string): StartKind {
  try {
    return choice('init', text, namedStarts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/, not "/, ' or a .factors.npz file, not "'));
  }
}
