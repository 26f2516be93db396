import { closeSync, openSync, statSync } from 'node:fs';
import type { Factorization } from '../factorization/result';
import { bytesOfFile } from '../data/byte-source';
import { DataError } from '../data/dataset';
import { decodeFactorization } from './npz';
import { fileError } from '../data/source';

/**
 * Reads a factors file, only those parts of it that are needed. Holds the thread meanwhile: it is for a process that has
 * nothing else to do.
 * @param name of the file, for messages
 * @throws DataError when the file cannot be read, is damaged, not ours, or written by a later version
 */
export function readFactorsFile(path: string, name: string): Factorization {
  let size: number;
  let descriptor: number;
  try {
    const status = statSync(path);
    // A pipe would be waited for, for ever.
    if (!status.isFile()) throw new DataError(`${name}: this is no ordinary file; choose a .factors.npz file.`);
    size = status.size;
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw error instanceof DataError ? error : fileError(path, error);
  }
  try {
    return decodeFactorization(bytesOfFile(descriptor, size), name);
  } catch (error) {
    // The disk's own faults, which come while reading.
    throw error instanceof Error && 'syscall' in error ? fileError(path, error) : error;
  } finally {
    closeSync(descriptor);
  }
}
