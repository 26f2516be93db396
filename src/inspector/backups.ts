import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { fileIn } from '../editor/places';
import { factorsExtension } from '../protocol/naming';
import { exists } from './sources';
import { replaceFiles } from './write';

/**
 * The last unsaved factors of each document, one file a document in the extension's own storage.
 *
 * VS Code offers a new file for each backup, removes the one before, and notes the new one's name by itself. A window
 * that goes between the two steps comes back with the name of a file that is gone, or with none; a document's own
 * file, replaced as a whole, is there at any moment.
 */
export class Backups {
  /** The newest backup of each document, by its address. */
  private readonly newest = new Map<string, vscode.CustomDocumentBackup>();
  /** The last change asked for of each document's file, while it is under way. */
  private readonly changing = new Map<string, Promise<unknown>>();

  constructor(
    private readonly folder: vscode.Uri,
    private readonly log: (message: string) => void,
  ) {}

  /** Replaces the document's backup. */
  async write(document: vscode.Uri, content: Uint8Array): Promise<vscode.CustomDocumentBackup> {
    return this.inTurn(document, () => this.replace(document, content));
  }

  private async replace(document: vscode.Uri, content: Uint8Array): Promise<vscode.CustomDocumentBackup> {
    const file = this.fileOf(document);
    await vscode.workspace.fs.createDirectory(this.folder);
    await replaceFiles([{ uri: file, bytes: content }], this.log);
    const backup: vscode.CustomDocumentBackup = {
      id: file.toString(),
      // VS Code also removes a backup that a newer one, in the same file, has taken the place of.
      delete: () => {
        if (this.newest.get(document.toString()) === backup) void this.forget(document);
      },
    };
    this.newest.set(document.toString(), backup);
    return backup;
  }

  /** The file with the document's backup, or undefined when there is none. */
  async find(document: vscode.Uri): Promise<vscode.Uri | undefined> {
    const file = this.fileOf(document);
    return (await exists(file)) ? file : undefined;
  }

  /** Removes the document's backup, if there is one: it was saved, or given up. */
  async forget(document: vscode.Uri): Promise<void> {
    await this.inTurn(document, () => this.remove(document));
  }

  private async remove(document: vscode.Uri): Promise<void> {
    this.newest.delete(document.toString());
    try {
      await vscode.workspace.fs.delete(this.fileOf(document));
    } catch (error) {
      if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return;
      this.log(`The backup of ${document.path} could not be removed: ${String(error)}`);
    }
  }

  /**
   * Makes a change after those asked for before it. VS Code may have given up waiting for a write; were the file
   * removed meanwhile, the write would bring back what its owner threw away.
   */
  private async inTurn<T>(document: vscode.Uri, change: () => Promise<T>): Promise<T> {
    const key = document.toString();
    const turn = Promise.allSettled([this.changing.get(key)]).then(change);
    this.changing.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.changing.get(key) === turn) this.changing.delete(key);
    }
  }

  private fileOf(document: vscode.Uri): vscode.Uri {
    const name = createHash('sha256').update(document.toString()).digest('hex').slice(0, 32);
    return fileIn(this.folder, name, factorsExtension);
  }
}
