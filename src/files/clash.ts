import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from './failure';
import { identify, isSameFile, orNothing, type FileIdentity } from './identity';

/** Files that a job names, and two of them that get into each other's way. */
export type Clash<Read, Written> =
  | { kind: 'replaces'; written: Written; read: Read }
  /** The file is, or would be, one of those in a folder that is read as one. */
  | { kind: 'joins'; written: Written; read: Read }
  | { kind: 'twice'; written: Written; other: Written };

/**
 * Looks at all files that a job names before it begins: none that is written may be one that is read, whatever it is
 * called, nor may two be written to one place.
 * @param read files and folders, perhaps where a stranger says; what is not there or cannot be looked at is left for its
 * reader to tell, and what cannot be looked at cannot be written over either
 * @param written files, there already or not
 * @returns the first clash, or undefined where there is none
 * @throws Error of the file system where the place of a written file cannot be looked at
 */
export async function findClash<Read extends { path: string }, Written extends { path: string }>(
  read: readonly Read[],
  written: readonly Written[],
): Promise<Clash<Read, Written> | undefined> {
  const sources = await Promise.all(read.map(async (file) => ({ file, ...(await sourceAt(file.path)) })));
  const before: { file: Written; identity: FileIdentity }[] = [];
  for (const file of written) {
    const identity = await identify(file.path);
    for (const source of sources) {
      if (await isSameFile(identity, source.identity)) return { kind: 'replaces', written: file, read: source.file };
      if (isIn(source, identity)) return { kind: 'joins', written: file, read: source.file };
    }
    for (const other of before) {
      if (await isSameFile(identity, other.identity)) return { kind: 'twice', written: file, other: other.file };
    }
    before.push({ file, identity });
  }
  return undefined;
}

/** Whether the readers of folders pass over a file of this name: hidden ones, and results of ours. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.npz');
}

interface SourceFiles {
  identity: FileIdentity;
  isFolder: boolean;
  /** The files of a folder that may be read, by device and number. */
  members: ReadonlySet<string>;
}

function isIn({ identity, isFolder, members }: SourceFiles, { path, node }: FileIdentity): boolean {
  if (node !== undefined && members.has(node)) return true;
  return isFolder && dirname(path) === identity.path && !isPassedOver(basename(path));
}

async function sourceAt(path: string): Promise<SourceFiles> {
  try {
    return await lookAt(path);
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return { identity: { path }, isFolder: false, members: new Set() };
  }
}

async function lookAt(path: string): Promise<SourceFiles> {
  const identity = await identify(path);
  const isFolder = (await orNothing(stat(identity.path)))?.isDirectory() ?? false;
  const members = new Set<string>();
  for (const name of isFolder ? await readdir(identity.path) : []) {
    if (isPassedOver(name)) continue;
    const member = await orNothing(stat(join(identity.path, name), { bigint: true }));
    if (member?.isFile()) members.add(`${member.dev}:${member.ino}`);
  }
  return { identity, isFolder, members };
}
