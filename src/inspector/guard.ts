import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import { askWarning } from '../editor/messages';
import { addressOf, parentOf } from '../editor/places';
import { isElsewhere, liesIn } from '../untrusted/places';
import { JobCancelledError } from '../worker/errors';
import type { SourceGuard } from './session';
import { baseName } from './sources';

/**
 * Keeps a result, which may come from a stranger, from having the editor open whatever file it names: what lies beside it
 * or in the workspace is opened, anything else only after a question. An answer holds as long as the document is open.
 */
export class ResultGuard implements SourceGuard {
  private readonly allowed = new Set<string>();

  /** @param result the address of the result's file */
  constructor(private readonly result: vscode.Uri) {}

  allow(address: string): void {
    this.allowed.add(address);
  }

  async check(address: string): Promise<void> {
    if (this.allowed.has(address)) return;
    const name = baseName(this.result);
    const uri = addressOf(address);
    if (!uri) {
      throw new Error(
        `${name} says that its data are at ${JSON.stringify(address)}, which is no address; choose Factorize… on the data again.`,
      );
    }
    const place = await this.strangePlace(uri);
    if (place !== undefined) {
      const far = isElsewhere(uri) ? ' It may be on another machine, which would learn of you when it is opened.' : '';
      const open = 'Open';
      const answer = await askWarning(
        {
          message: `Open ${place}?`,
          detail: `${name} says that its data are there, outside its own folder and this workspace.${far} Open it only if you trust where ${name} comes from.`,
        },
        open,
      );
      if (answer !== open) throw new JobCancelledError();
    }
    this.allowed.add(address);
  }

  /** The whole path of what lies outside, as it is told; undefined for what lies in the result's folder or the workspace. */
  private async strangePlace(uri: vscode.Uri): Promise<string | undefined> {
    const folders = [parentOf(this.onDisk), ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri)];
    if (!folders.some((folder) => isWithin(uri, folder))) {
      return uri.scheme === 'file' ? uri.fsPath : uri.toString(true);
    }
    if (uri.scheme !== 'file') return undefined;
    // A link in the folder may lead out of it.
    const real = await realUri(uri);
    const inside = await Promise.all(folders.map(async (folder) => isWithin(real, await realUri(folder))));
    return inside.includes(true) ? undefined : real.fsPath;
  }

  /** An untitled document would be saved as such a file. */
  private get onDisk(): vscode.Uri {
    return this.result.scheme === 'untitled' ? this.result.with({ scheme: 'file' }) : this.result;
  }
}

/** Whether a place is a folder or lies in it. */
const isWithin = (uri: vscode.Uri, folder: vscode.Uri): boolean =>
  liesIn(uri, folder) || uri.toString() === folder.toString();

/** Where a file really is. What is not there leads nowhere, and opening it says so. */
async function realUri(uri: vscode.Uri): Promise<vscode.Uri> {
  if (uri.scheme !== 'file') return uri;
  try {
    return vscode.Uri.file(await realpath(uri.fsPath));
  } catch {
    return uri;
  }
}
