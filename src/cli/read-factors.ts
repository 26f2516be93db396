import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { decodeFactorization } from '../data/factors-file';
import type { Factorization } from '../factorization/factorization';
import { reasonOf } from '../files/failure';
import { UsageError } from './errors';

import { oneLine } from './text';

/**
 * Reads a factors file.
 * @param option that named it, for messages; undefined where it was named by itself
 * @throws UsageError when the file cannot be read or is no factors file
 */
export async function readFactors(option: string | undefined, file: string): Promise<Factorization> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const prefix = option === undefined ? '' : `--${option}: `;
    throw new UsageError(`${prefix}${oneLine(file)} cannot be read (${reasonOf(error)}); name a .factors.npz file.`);
  }
  try {
    return decodeFactorization(bytes, basename(file));
  } catch (error) {
    if (error instanceof Error && error.name === 'DataError') throw new UsageError(error.message);
    throw error;
  }
}
