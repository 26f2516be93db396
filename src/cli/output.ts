import type { SourceIdentity } from '../data/reading-report';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { findClash, type Clash } from '../files/clash';
import { reasonOf } from '../files/failure';
import { orNothing } from '../files/identity';
import { checkWritable } from '../files/write';
import { UsageError } from './errors';
import { oneLine } from './text';

/** A file that a job reads, or that must stay as it is. */
export interface InputFile {
  path: string;
  /** What it is, for a sentence: "the input itself". */
  what: string;
}

/** A file that a job writes. */
export interface OutputFile {
  path: string;
  /** The option that names it, or would if it were not named after the input. */
  option: string;
}

/**
 * Where the files of a job will go, found out before the work begins, so that an hour's computing is not lost to a wrong
 * folder, nor the data to a wrong name.
 * @param contents what no output may hold already: the data that a saved result came from, wherever they lie now
 * @returns the outputs' places, links followed
 * @throws UsageError when two of the files are one, or an output cannot be written
 */
export async function resolveOutputs(
  inputs: readonly InputFile[],
  outputs: readonly OutputFile[],
  contents: readonly (SourceIdentity & { what: string })[] = [],
): Promise<string[]> {
  const clash = await lookedAt(outputs, findClash(inputs, outputs));
  if (clash) throw new UsageError(describeClash(clash));
  const targets: string[] = [];
  for (const { path, option } of outputs) {
    const target = await checkWritable(path, elsewhere(option));
    for (const content of contents) {
      if (await holds(target, content)) {
        throw new UsageError(`${oneLine(path)} holds ${content.what}; choose another name with --${option}.`);
      }
    }
    targets.push(target);
  }
  return targets;
}

/** How another place is chosen for an output. */
export const elsewhere = (option: string): string => `choose another place with --${option}`;

/** A place that cannot even be looked at is told like one that cannot be written. */
async function lookedAt<T>(outputs: readonly OutputFile[], looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    for (const { path, option } of outputs) await checkWritable(path, elsewhere(option));
    throw new UsageError(`The files of this job cannot be looked at (${reasonOf(error)}); check their folders.`, {
      cause: error,
    });
  }
}

function describeClash(clash: Clash<InputFile, OutputFile>): string {
  const { path, option } = clash.written;
  const shown = oneLine(path);
  switch (clash.kind) {
    case 'replaces': {
      const other = clash.read.path === path ? '' : ` (${oneLine(clash.read.path)})`;
      return `${shown} is ${clash.read.what}${other}; choose another name with --${option}.`;
    }
    case 'joins':
      return `${shown} would be one of the files in ${oneLine(clash.read.path)}, which are the data; choose another folder with --${option}.`;
    case 'twice': {
      const { path: otherPath, option: other } = clash.other;
      return otherPath === path
        ? `--${other} and --${option} both write ${shown}; choose another name for one of them.`
        : `--${other} writes ${oneLine(otherPath)} and --${option} ${shown}, which are one file; choose another name for one of them.`;
    }
  }
}

/** Whether a file that is there has just this content. */
async function holds(path: string, { bytes, sha256 }: SourceIdentity): Promise<boolean> {
  const found = await orNothing(stat(path));
  if (found?.size !== bytes || bytes === 0) return false;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex') === sha256;
}
