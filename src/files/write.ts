import { mkdtemp, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, FileWriteError, writeError } from './failure';
import { followLinks, orNothing } from './identity';
import { removeOrphans, temporaryName } from './temporary';

/** Bytes that lie on the disk beside the file that they are to become. */
interface StagedFile {
  /** Gives them the file's name; a file of that name is replaced in one step. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** Attempts at a rename that Windows refuses while a scanner or an indexer holds the file, and milliseconds between them. */
const renameAttempts = 20;
const renamePause = 50;

/**
 * Replaces a file as a whole: at any moment, whatever ends this process, there is the old file or the new. A link stays
 * and what it points to is replaced; the mode of a replaced file is kept, and its owner where that is permitted.
 * @param elsewhere how another place is chosen, as an order to the user
 * @throws FileWriteError when the file cannot be written; it is as it was, and nothing is left beside it
 */
export async function writeWhole(path: string, bytes: Uint8Array, elsewhere?: string): Promise<void> {
  await writeTogether([{ path, bytes }], elsewhere);
}

/** Writes files that belong together: none takes its place before all are on the disk. @throws FileWriteError */
export async function writeTogether(
  files: readonly { path: string; bytes: Uint8Array }[],
  elsewhere?: string,
): Promise<void> {
  const staged: { path: string; file: StagedFile }[] = [];
  let at = '';
  try {
    for (const { path, bytes } of files) {
      at = path;
      staged.push({ path, file: await stage(path, bytes) });
    }
    for (const { path, file } of staged) {
      at = path;
      await file.commit();
    }
  } catch (error) {
    for (const { file } of staged) await file.discard();
    throw writeError(at, error, elsewhere);
  }
}

/**
 * Finds out whether a file could be written, before the work whose result it is to hold.
 * @param elsewhere how another place is chosen, as an order to the user
 * @returns where it will be, links followed
 * @throws FileWriteError when it could not
 */
export async function checkWritable(path: string, elsewhere = 'choose another place'): Promise<string> {
  try {
    if (path.endsWith('/') || path.endsWith(sep)) {
      throw new FileWriteError(`${path} is the name of a folder; add the name of a file, or ${elsewhere}.`);
    }
    const target = await followLinks(path);
    const found = await orNothing(stat(target));
    if (found && !found.isFile()) {
      throw new FileWriteError(`${path} is no ordinary file; ${elsewhere}.`);
    }
    // Renaming would go round the mark, as would root.
    if (found && (found.mode & 0o222) === 0) {
      throw new FileWriteError(`${path} is marked as read-only; permit writing to it, or ${elsewhere}.`);
    }
    const folder = dirname(target);
    if (!(await orNothing(stat(folder)))?.isDirectory()) {
      throw new FileWriteError(
        `${path} could not be written, since the folder ${dirname(path)} does not exist; create it, or ${elsewhere}.`,
      );
    }
    if (found) await (await open(target, 'r+')).close();
    const probe = join(folder, temporaryName());
    await (await open(probe, 'wx')).close();
    await rm(probe, { force: true });
    return target;
  } catch (error) {
    throw writeError(path, error, elsewhere);
  }
}

/**
 * Writes a result as a whole. Where that fails although it was found possible before the work, the work is not lost: the
 * result is kept in a new folder below the system's folder for temporary files, or the user's own.
 * @throws FileWriteError naming both places
 */
export async function writeResult(path: string, bytes: Uint8Array, elsewhere?: string): Promise<void> {
  try {
    await writeWhole(path, bytes, elsewhere);
  } catch (error) {
    const { message } = writeError(path, error, elsewhere);
    throw new FileWriteError(`${message} ${await rescue(path, bytes)}`, { cause: error });
  }
}

async function rescue(path: string, bytes: Uint8Array): Promise<string> {
  try {
    return `What was computed is kept in ${await keepElsewhere(path, bytes)}.`;
  } catch (error) {
    return `It could not be kept elsewhere either: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function keepElsewhere(path: string, bytes: Uint8Array): Promise<string> {
  let failure: unknown;
  for (const place of [tmpdir(), homedir()]) {
    let folder: string | undefined;
    try {
      folder = await mkdtemp(join(place, 'factorlens-'));
      const kept = join(folder, basename(path));
      await writeFile(kept, bytes);
      return kept;
    } catch (error) {
      failure ??= writeError(place, error, 'free some space there');
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }
  throw failure;
}

async function stage(path: string, bytes: Uint8Array): Promise<StagedFile> {
  const target = await followLinks(path);
  const folder = dirname(target);
  const temporary = join(folder, temporaryName());
  const discard = (): Promise<void> => rm(temporary, { force: true });
  const old = await orNothing(stat(target));
  try {
    const file = await open(temporary, 'wx', old ? 0o600 : 0o666);
    try {
      await file.writeFile(bytes);
      if (old) await takeAfter(file, old);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    commit: async () => {
      await renameOver(temporary, target);
      await syncFolder(folder);
      await removeOrphans(folder);
    },
    discard,
  };
}

/** Gives a file the owner and mode of the one that it replaces. The owner first: a change of it takes bits of the mode away. */
async function takeAfter(file: FileHandle, old: { uid: number; gid: number; mode: number }): Promise<void> {
  const mine = await file.stat();
  if (mine.uid !== old.uid || mine.gid !== old.gid) {
    try {
      await file.chown(old.uid, old.gid);
    } catch (error) {
      // Only root may give files away. Who may write to the folder may replace what is in it, and owns what they put there.
      if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EINVAL') throw error;
    }
  }
  await file.chmod(old.mode & 0o7777);
}

async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const held = process.platform === 'win32' && ['EPERM', 'EBUSY', 'EACCES'].includes(codeOf(error));
      if (!held || attempt === renameAttempts) throw error;
      await delay(renamePause);
    }
  }
}

/** Makes a rename last through a loss of power, where the system lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file has its name and its bytes are on the disk; some file systems cannot promise more.
  }
}
