import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import type { InspectorDocument } from '../../src/inspector/document';

export const extensionId = 'factorlens.factorlens';

export async function activateFactorlens(): Promise<FactorlensApi> {
  const extension = vscode.extensions.getExtension<FactorlensApi>(extensionId);
  assert.ok(extension, `${extensionId} is not installed in this editor`);
  return extension.activate();
}

export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'the editor has no folder open');
  return folder;
}

/** A copy of a file of the workspace in a folder of its own, so that a test finds nothing that another has left. */
export function copyOf(name: string): vscode.Uri {
  const folder = mkdtempSync(join(workspaceFolder().fsPath, 'case-'));
  const copy = join(folder, name);
  copyFileSync(join(workspaceFolder().fsPath, name), copy);
  return vscode.Uri.file(copy);
}

/** Waits until something holds; fails with `what` when it does not within the time. */
export async function until(what: string, holds: () => boolean, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Closes every editor without asking whether to save. */
export async function closeAll(api: FactorlensApi): Promise<void> {
  for (const document of api.inspectors.open) {
    document.session.cancel();
    await document.session.settled();
    await closeWithoutSaving(api, document);
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Closes a document's editor as a user who chooses *Don't Save*. */
export async function closeWithoutSaving(api: FactorlensApi, document: InspectorDocument): Promise<void> {
  api.inspectors.reveal(document);
  await until('the inspector is active', () => api.inspectors.active === document);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  await until('the document is closed', () => !api.inspectors.open.includes(document));
}
