import * as vscode from 'vscode';
import { factorsExtension, factorsFileName } from '../protocol/naming';
import { baseName, exists } from './sources';

/**
 * Where the factors of a source would be saved: beside it, in a file of its name. The URI is `untitled`, so that
 * VS Code asks for the place at the first save and suggests this one. A number is added while the name is taken
 * by a file or by an open document.
 */
export async function untitledUri(source: vscode.Uri, taken: (uri: vscode.Uri) => boolean): Promise<vscode.Uri> {
  const folder = vscode.Uri.joinPath(source, '..');
  for (let number = 1; ; number++) {
    const target = vscode.Uri.joinPath(folder, numbered(factorsFileName(baseName(source)), number));
    const untitled = target.with({ scheme: 'untitled' });
    if (!taken(untitled) && !taken(target) && !(await exists(target))) return untitled;
  }
}

/** `digits.csv.factors.npz`, `digits.csv-2.factors.npz`, … */
function numbered(name: string, number: number): string {
  return number === 1 ? name : `${name.slice(0, -factorsExtension.length)}-${number}${factorsExtension}`;
}
