import { posix } from 'node:path';
import * as vscode from 'vscode';
import { addressOf } from '../editor/places';
import { findClash } from '../files/clash';
import { checkWritable } from '../files/write';
import type { JobDescription } from './session';
import { baseName } from './sources';

/** A file that must stay as it is, and what to say of it. */
interface Guarded {
  uri: vscode.Uri;
  what: string;
}

/**
 * Looks at the files that are about to be written, before the work whose result they are to hold.
 * @param reading files that are read for it besides the data and their weights
 * @throws Error when one is a file that is read, is open with something else in it, or could not be written
 */
export async function checkTargets(
  targets: readonly vscode.Uri[],
  { source, weights }: Pick<JobDescription, 'source' | 'weights'>,
  reading: readonly string[] = [],
): Promise<void> {
  await refuseToReplace(targets, [
    ...filesRead({ source, ...(weights !== undefined && { weights }) }, reading),
    ...openFiles(),
  ]);
  for (const { scheme, fsPath } of targets) {
    if (scheme === 'file') await checkWritable(fsPath);
  }
}

/** The files that a factorization was made of. */
export function filesRead(
  { source, weights }: Pick<JobDescription, 'source' | 'weights'>,
  reading: readonly string[] = [],
): Guarded[] {
  const guarded = (address: string, what: string): Guarded[] => {
    // What is no address names no file.
    const uri = addressOf(address);
    return uri === undefined ? [] : [{ uri, what }];
  };
  return [
    ...[source, ...reading].flatMap((address) => guarded(address, 'holds the data themselves')),
    ...(weights === undefined ? [] : guarded(weights, 'holds the weights')),
  ];
}

/** @throws Error when a target is one of the guarded files, whatever it is called, or another target */
export async function refuseToReplace(targets: readonly vscode.Uri[], guarded: readonly Guarded[]): Promise<void> {
  for (const target of targets) {
    const same = guarded.find(({ uri }) => !isLocal(uri) && address(uri) === address(target));
    if (same) throw refusal(target, same.what);
  }
  const clash = await findClash(onDisk(guarded), onDisk(targets.map((uri) => ({ uri, what: '' }))));
  if (!clash) return;
  const { uri } = clash.written;
  if (clash.kind === 'twice') throw refusal(uri, 'would be written twice');
  throw refusal(uri, clash.kind === 'joins' ? 'would be one of the files that are the data' : clash.read.what);
}

/** Inspectors, and whatever holds changes that are not saved. */
function openFiles(): Guarded[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input, isDirty }): Guarded[] => {
      if (input instanceof vscode.TabInputCustom && input.uri.path.toLowerCase().endsWith('.npz')) {
        return [{ uri: input.uri, what: 'is open in an inspector' }];
      }
      const dirty = isDirty && (input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom);
      return dirty ? [{ uri: input.uri, what: 'is open with changes that are not saved' }] : [];
    });
}

const onDisk = (files: readonly Guarded[]): (Guarded & { path: string })[] =>
  files.flatMap((file) => (isLocal(file.uri) ? [{ ...file, path: file.uri.fsPath }] : []));

/** Whether a file may be looked at: a result names what it likes, and a look at a share already speaks with its server. */
const isLocal = ({ scheme, authority, fsPath }: vscode.Uri): boolean =>
  scheme === 'file' && authority === '' && !/^[/\\]{2}/.test(fsPath);

const address = (uri: vscode.Uri): string => uri.with({ path: posix.normalize(uri.path) }).toString();

const refusal = (target: vscode.Uri, what: string): Error =>
  new Error(`${baseName(target)} ${what}; choose another file to write to.`);
