import type { SourceIdentity } from './reading-report';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { oneLine } from '../untrusted/text';
import { DataError, type Source } from './dataset';
import { isPassedOver } from '../files/clash';
import { pathIn } from '../untrusted/names';
import { openSource, type OpenSource } from './source';

/** The files of a folder that are read, in the order of their names. */
export interface Folder {
  /** Base name, for messages. */
  name: string;
  /** What stands for the folder's address in its results; absent where it has none. */
  uri?: string;
  files: { name: string; path: string }[];
  /** Names of files of other kinds. */
  leftOut: string[];
}

/** The path of a source that is a folder. */
export async function folderPath(source: Source): Promise<string | undefined> {
  if (source.kind === 'bytes') {
    return undefined;
  }
  try {
    return (await stat(source.path)).isDirectory() ? source.path : undefined;
  } catch {
    // Opening it as a file says what is wrong with it.
    return undefined;
  }
}

/**
 * Lists a folder, but not the folders in it. Hidden files and results of ours are passed over.
 * @param extensions in lower case, with their dots
 */
export async function openFolder(path: string, extensions: readonly string[], uri?: string): Promise<Folder> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !isPassedOver(entry.name))
    .map(({ name }) => name)
    // By code units, so that the order does not depend on the language of the machine.
    .sort();
  const fits = (name: string): boolean => extensions.includes(extname(name).toLowerCase());
  return {
    name: basename(path),
    ...(uri === undefined ? {} : { uri }),
    files: names.filter(fits).map((name) => ({ name, path: pathIn(path, name) })),
    leftOut: names.filter((name) => !fits(name)),
  };
}

/**
 * Reads the files of a folder one by one.
 * @returns the identity of the whole: the files' names and bytes, in order
 * @throws DataError when one cannot be read
 */
export async function eachFile(
  folder: Folder,
  options: { onProgress?: ((fraction: number) => void) | undefined; signal?: AbortSignal | undefined },
  visit: (file: OpenSource, index: number) => Promise<void>,
): Promise<SourceIdentity> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const [index, { name, path }] of folder.files.entries()) {
    const file = await openSource({ kind: 'path', path }, { signal: options.signal });
    await visit(file, index);
    const identity = file.identity();
    bytes += identity.bytes;
    hash.update(`${name}\0${identity.sha256}\n`);
    options.onProgress?.((index + 1) / folder.files.length);
  }
  return {
    name: folder.name,
    ...(folder.uri === undefined ? {} : { uri: folder.uri }),
    bytes,
    sha256: hash.digest('hex'),
  };
}

/** A sentence on files of other kinds; none where there are none. */
export function aboutLeftOut({ leftOut }: Folder): string[] {
  const [first, ...more] = leftOut;
  return first === undefined
    ? []
    : [
        more.length === 0
          ? `The file ${oneLine(first)} is of another kind and was left out.`
          : `${leftOut.length} files of other kinds were left out, the first being ${oneLine(first)}.`,
      ];
}

/** @throws DataError: the folder holds nothing that can be read */
export function emptyFolder(name: string, extensions: readonly string[]): DataError {
  return new DataError(
    `${name}: this folder holds no images and no texts; choose one with files such as ${extensions.join(' ')}.`,
  );
}
