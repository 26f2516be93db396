import * as vscode from 'vscode';
import {
  imageExtensions,
  linesExtension,
  matrixExtensions,
  packedExtension,
  tableExtensions,
} from '../data/extensions';
import { pickOne } from '../editor/ask';
import { showOpenDialog } from '../editor/messages';
import { exists } from '../inspector/sources';

const bare = (extensions: readonly string[]): string[] => extensions.map((extension) => extension.slice(1));
const tables = bare([...tableExtensions, linesExtension, ...matrixExtensions, packedExtension]);
const images = bare(imageExtensions);
/** Dialogs of some systems tell capitals from small letters. */
const inAnyCase = (extensions: readonly string[]): string[] => [
  ...extensions,
  ...extensions.map((extension) => extension.toUpperCase()),
];

/** What a dialog offers to open. */
export const fileFilters = {
  'Tables and images': inAnyCase([...tables, ...images]),
  Tables: inAnyCase(tables),
  Images: inAnyCase(images),
};

/** Whether a file's name says that it can be factorized, in any case of letters. The menus' `when` is made of the same. */
export function isFactorizable(uri: vscode.Uri): boolean {
  const extension = /\.([^./]+)$/.exec(uri.path)?.[1]?.toLowerCase();
  return extension !== undefined && (tables.includes(extension) || images.includes(extension));
}

/** What a target is read as: cells, JSON lines, one or more images, or texts. */
export type TargetKind = 'table' | 'lines' | 'image' | 'texts';

/** @returns undefined for what cannot be factorized: another kind of file, or a folder without images and texts */
export async function kindOf(uri: vscode.Uri): Promise<TargetKind | undefined> {
  // What is no file that is there says so when its job starts.
  if (isFactorizable(uri)) return kindOfName(uri.path);
  // Only a folder on this machine has a path that the worker can list.
  if (uri.scheme !== 'file' || !(await exists(uri))) return undefined;
  if (((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.Directory) === 0) return undefined;
  const files = (await vscode.workspace.fs.readDirectory(uri)).filter(
    ([name, type]) => (type & vscode.FileType.File) !== 0 && !name.startsWith('.'),
  );
  if (files.some(([name]) => kindOfName(name) === 'image')) return 'image';
  return files.some(([name]) => /\.txt$/i.test(name)) ? 'texts' : undefined;
}

function kindOfName(name: string): TargetKind {
  const lower = name.toLowerCase();
  const unpacked = lower.endsWith(packedExtension) ? lower.slice(0, -packedExtension.length) : lower;
  if (unpacked.endsWith(linesExtension)) return 'lines';
  return imageExtensions.some((extension) => unpacked.endsWith(extension)) ? 'image' : 'table';
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

/** Lets the user choose files or a folder in a dialog, which on most systems shows one or the other. */
export async function pickTargets(): Promise<vscode.Uri[]> {
  const picked = await pickOne(
    [
      { label: 'Files…', detail: 'Tables, texts or images, each by itself.', folders: false },
      { label: 'A Folder…', detail: 'Of images, an image a row, or of texts, a document each.', folders: true },
    ],
    { title: 'Factorize', placeHolder: 'What to factorize' },
  );
  if (!picked) return [];
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return (
    (await showOpenDialog({
      title: picked.folders ? 'Factorize a Folder' : 'Factorize Files',
      openLabel: 'Factorize',
      canSelectMany: true,
      canSelectFiles: !picked.folders,
      canSelectFolders: picked.folders,
      ...(!picked.folders && { filters: fileFilters }),
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
