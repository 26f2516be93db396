import * as vscode from 'vscode';
import { fileIn, parentOf } from '../editor/places';
import { temporaryName } from '../files/temporary';
import { writeTogether } from '../files/write';

/** Bytes and the file that they become. */
export interface FileContent {
  uri: vscode.Uri;
  bytes: Uint8Array;
}

/**
 * Replaces files as a whole: whatever ends the editor midway, each is the old one or the new. Files that belong together
 * are all written before the first takes its place.
 * @param log told where a file system cannot do that
 * @throws Error naming the file and the remedy; the files are as they were
 */
export async function replaceFiles(files: readonly FileContent[], log: (message: string) => void): Promise<void> {
  if (files.every(({ uri }) => uri.scheme === 'file')) {
    await writeTogether(files.map(({ uri, bytes }) => ({ path: uri.fsPath, bytes })));
    return;
  }
  for (const { uri, bytes } of files) await replaceElsewhere(uri, bytes, log);
}

/** Through the editor, which reaches file systems that Node.js does not. */
async function replaceElsewhere(uri: vscode.Uri, bytes: Uint8Array, log: (message: string) => void): Promise<void> {
  const { fs } = vscode.workspace;
  const unfinished = fileIn(parentOf(uri), temporaryName());
  try {
    await fs.writeFile(unfinished, bytes);
  } catch (error) {
    await removeUnfinished(unfinished, log);
    throw unwritten(uri, error);
  }
  try {
    await fs.rename(unfinished, uri, { overwrite: true });
  } catch (error) {
    await removeUnfinished(unfinished, log);
    log(
      `${uri.toString(true)} is written in place, since its file system renames no file over another: ${String(error)}`,
    );
    try {
      await fs.writeFile(uri, bytes);
    } catch (second) {
      throw unwritten(uri, second);
    }
  }
}

async function removeUnfinished(uri: vscode.Uri, log: (message: string) => void): Promise<void> {
  try {
    await vscode.workspace.fs.delete(uri);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return;
    log(`${uri.toString(true)} could not be removed: ${String(error)}`);
  }
}

function unwritten(uri: vscode.Uri, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`${vscode.workspace.asRelativePath(uri)} could not be written (${why}); choose another place.`, {
    cause: error,
  });
}
