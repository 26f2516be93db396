import { randomBytes } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathIn } from '../untrusted/names';
import { UsageError } from './errors';
import { oneLine } from './text';

/**
 * Where the factors will go, found out before the work begins, so that an hour's computing is not lost to a
 * wrong folder. A link is followed, so that what it points to is replaced and not the link.
 * @throws UsageError when the output is the input, no ordinary file, or cannot be written.
 */
export async function resolveOutput(input: string, output: string): Promise<string> {
  const shown = oneLine(output);
  try {
    const target = await optional(realpath(output));
    if (target === undefined) {
      if (!(await optional(stat(dirname(output))))?.isDirectory()) {
        throw new UsageError(`The folder of ${shown} does not exist; create it or choose another with --out.`);
      }
      await access(dirname(output), constants.W_OK);
      return output;
    }
    if (target === (await optional(realpath(input)))) {
      throw new UsageError(`${shown} is the input itself; choose another name with --out.`);
    }
    if (!(await stat(target)).isFile()) {
      throw new UsageError(`${shown} is no ordinary file; choose another name with --out.`);
    }
    await access(target, constants.W_OK);
    await access(dirname(target), constants.W_OK);
    return target;
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    throw new UsageError(`${shown} cannot be written (${reason(error)}); choose another place with --out.`);
  }
}

/**
 * Writes the whole file or nothing: the bytes go to a file beside it that then takes its name.
 * @throws UsageError when the disk is full or the place cannot be written.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = pathIn(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UsageError(`${oneLine(path)} could not be written (${reason(error)}); choose another place with --out.`);
  }
}

/** What is there, or undefined where nothing is; other troubles are told. */
async function optional<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}

export function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
