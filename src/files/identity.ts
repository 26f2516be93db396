import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** What makes two names those of one file. */
export interface FileIdentity {
  /** Where it is, or would be once written: links followed, those to nothing too. */
  readonly path: string;
  /** Device and number of what is there; absent where nothing is yet, or the file system does not number its files. */
  readonly node?: string;
}

/** As many links in a row as Linux follows. */
const longestChain = 40;

/** Finds out which file a path means. @throws Error of the file system where it cannot be looked at */
export async function identify(path: string): Promise<FileIdentity> {
  const target = await followLinks(path);
  const found = await orNothing(stat(target, { bigint: true }));
  return { path: target, ...(found && found.ino !== 0n && { node: `${found.dev}:${found.ino}` }) };
}

/** Whether two names mean one file, or would once both are written. */
export async function isSameFile(a: FileIdentity, b: FileIdentity): Promise<boolean> {
  if (a.path === b.path) return true;
  if (a.node !== undefined || b.node !== undefined) return a.node === b.node;
  return (
    dirname(a.path) === dirname(b.path) && folded(a.path) === folded(b.path) && (await ignoresCase(dirname(a.path)))
  );
}

/**
 * The path of a file with its links followed as the system does, so that `link/..` is the folder above what the link
 * points to. What is not there yet lies in the real path of its folder.
 */
export async function followLinks(path: string, links = 0): Promise<string> {
  const there = await orNothing(realpath(path));
  if (there !== undefined) return there;
  const folder = dirname(path);
  if (folder === path) return path;
  const beside = await followLinks(folder, links);
  const place = join(beside, basename(path));
  const pointed = (await orNothing(lstat(place)))?.isSymbolicLink() === true ? await readlink(place) : undefined;
  if (pointed === undefined) return place;
  if (links === longestChain) throw Object.assign(new Error(`too many links from ${path}`), { code: 'ELOOP' });
  return followLinks(resolve(beside, pointed), links + 1);
}

/**
 * Whether a folder takes `a.csv` and `A.csv` for one name: a name in it, or the folder's own, is looked for in the other
 * case.
 */
async function ignoresCase(folder: string): Promise<boolean> {
  const names = (await orNothing(readdir(folder))) ?? [];
  const known = names.find((name) => swapCase(name) !== name);
  const [place, name] = known === undefined ? [dirname(folder), basename(folder)] : [folder, known];
  if (swapCase(name) === name || (known !== undefined && names.includes(swapCase(name)))) return false;
  const [one, other] = await Promise.all(
    [name, swapCase(name)].map((spelling) => orNothing(lstat(join(place, spelling), { bigint: true }))),
  );
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/** Such file systems compare letters without their case, and accents however they are composed. */
const folded = (path: string): string => path.normalize('NFC').toLowerCase();

function swapCase(name: string): string {
  return Array.from(name, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  ).join('');
}

/** What is there, or undefined where nothing is; other troubles are told. */
export async function orNothing<T>(lookup: Promise<T>): Promise<T | undefined> {
  try {
    return await lookup;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
}
