import { resolve } from 'node:path';
import { codeOf } from '../files/failure';
import { UsageError } from './errors';

/**
 * The absolute path of a file that the command line names.
 * @throws UsageError when it is relative to a folder that has been removed
 */
export function absolute(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new UsageError('The present folder has been removed; change to one that is there.', { cause: error });
  }
}
