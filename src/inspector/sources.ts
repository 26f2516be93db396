import * as vscode from 'vscode';
import type { Source } from '../data/dataset';
import { addressOf } from '../editor/places';
import { isElsewhere } from '../untrusted/places';

/** The file that a factorization was made of is not where it was. */
export class SourceMissingError extends Error {
  override readonly name = 'SourceMissingError';

  constructor(readonly uri: vscode.Uri) {
    super(
      `${vscode.workspace.asRelativePath(uri)} is not there any more, and its data are needed again: put the file back, or choose Locate File….`,
    );
  }
}

/**
 * What the worker needs to read a file: the path of one on this machine, so that its bytes cross no border, and
 * the bytes of one that only the editor can reach.
 * @throws SourceMissingError when nothing is there; Error when the address is none
 */
export async function openSource(uriText: string): Promise<Source> {
  const uri = addressOf(uriText);
  if (!uri) throw new Error(`${JSON.stringify(uriText)} is no address of a file; choose Factorize… on the data again.`);
  if (!(await exists(uri))) throw new SourceMissingError(uri);
  if (uri.scheme === 'file') return { kind: 'path', path: uri.fsPath, uri: uriText };
  return { kind: 'bytes', name: baseName(uri), uri: uriText, bytes: await vscode.workspace.fs.readFile(uri) };
}

export async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}

/** Whether a file is there, as far as that can be told without asking another machine. */
export async function isThere(address: string): Promise<boolean> {
  const uri = addressOf(address);
  if (!uri || (isElsewhere(uri) && !vscode.workspace.getWorkspaceFolder(uri))) return false;
  try {
    return await exists(uri);
  } catch (error) {
    // What cannot be looked at cannot be read either.
    if (error instanceof vscode.FileSystemError) return false;
    throw error;
  }
}

export function baseName(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
