import { basename } from 'node:path';
import { readFactorsFile } from '../results/read-factors';
import type { Factorization } from '../factorization/result';
import { reasonOf } from '../files/failure';
import { UsageError } from './errors';
import { oneLine } from './text';

/**
 * Reads a factors file, in this process: the command line has nothing else to lose.
 * @param option that named it, for messages; undefined where it was named by itself
 * @throws UsageError when the file cannot be read or is no factors file
 */
export function readFactors(option: string | undefined, file: string): Factorization {
  try {
    return readFactorsFile(file, basename(file));
  } catch (error) {
    const prefix = option === undefined ? '' : `--${option}: `;
    if (error instanceof Error && error.name === 'DataError') throw new UsageError(prefix + oneLine(error.message));
    throw new UsageError(`${prefix}${oneLine(file)} cannot be read (${reasonOf(error)}); name a .factors.npz file.`, {
      cause: error,
    });
  }
}
