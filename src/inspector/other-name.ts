import * as vscode from 'vscode';
import { showWarning } from '../editor/messages';
import { factorsExtension } from '../protocol/naming';
import { baseName } from './sources';

/** Milliseconds that the editor may take to open what was saved under another name. */
const openTimeout = 15_000;

/**
 * Shows a result in an inspector that was saved under a name of which the editor makes nothing: it has just opened the file
 * as text, or is about to. Tells what the name means.
 */
export async function reopenAs(saved: vscode.Uri, viewType: string): Promise<void> {
  const name = baseName(saved);
  const other = await tabOf(saved);
  await vscode.commands.executeCommand('vscode.openWith', saved, viewType, { preview: false });
  const left = other && tabsOf(saved).filter((tab) => !(tab.input instanceof vscode.TabInputCustom));
  if (left && left.length > 0) await vscode.window.tabGroups.close(left);
  const ending = /\.npz$/i.test(name)
    ? 'Open With… in its menu opens it again'
    : 'The editor does not know it by its name, so rename it to open it again';
  void showWarning(
    `${name} does not end in ${factorsExtension}, by which the inspector is opened by itself. ${ending}.`,
  );
}

const tabsOf = (uri: vscode.Uri): vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => hasAddress(input) && input.uri.toString() === uri.toString());

const hasAddress = (input: unknown): input is { uri: vscode.Uri } =>
  typeof input === 'object' && input !== null && 'uri' in input && input.uri instanceof vscode.Uri;

/** The tab that the editor opens for the file; undefined where it takes too long. */
function tabOf(uri: vscode.Uri): Promise<vscode.Tab | undefined> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const [tab] = tabsOf(uri);
      if (tab) end(tab);
      return tab !== undefined;
    };
    const end = (tab: vscode.Tab | undefined): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve(tab);
    };
    const timer = setTimeout(() => end(undefined), openTimeout);
    const listener = vscode.window.tabGroups.onDidChangeTabs(look);
    look();
  });
}
