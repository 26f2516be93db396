import * as vscode from 'vscode';

const tableExtensions = ['csv', 'tsv', 'tab', 'txt', 'jsonl'];
const imageExtensions = ['png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff', 'bmp', 'gif'];

/** What a dialog offers to open. */
export const fileFilters = {
  'Tables and images': [...tableExtensions, ...imageExtensions],
  Tables: tableExtensions,
  Images: imageExtensions,
};

/** Whether a file's name says that it can be factorized, in any case of letters. The menus' `when` says the same. */
export function isFactorizable(uri: vscode.Uri): boolean {
  const extension = /\.([^./]+)$/.exec(uri.path)?.[1]?.toLowerCase();
  return extension !== undefined && (tableExtensions.includes(extension) || imageExtensions.includes(extension));
}

/** Whether a file is read as a table of cells. */
export function isTable(uri: vscode.Uri): boolean {
  return /\.(csv|tsv|tab|txt)$/i.test(uri.path);
}

/**
 * The files that a command is for. A menu passes the one clicked on and, in the explorer, all that are selected;
 * the palette passes nothing, so then it is the active editor's file.
 */
export function targetsOf(clicked: unknown, selected: unknown): vscode.Uri[] {
  const several = Array.isArray(selected) ? selected.filter((item) => item instanceof vscode.Uri) : [];
  if (several.length > 0) return several;
  if (clicked instanceof vscode.Uri) return [clicked];
  const active = activeFile();
  return active && isFactorizable(active) ? [active] : [];
}

/** Lets the user choose files in a dialog. */
export async function pickTargets(): Promise<vscode.Uri[]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return (
    (await vscode.window.showOpenDialog({
      title: 'Factorize',
      openLabel: 'Factorize',
      canSelectMany: true,
      filters: fileFilters,
      ...(folder ? { defaultUri: folder } : {}),
    })) ?? []
  );
}

/** The file of the active tab: an image or a custom editor has no text editor. */
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  ) {
    return input.uri;
  }
  return vscode.window.activeTextEditor?.document.uri;
}
