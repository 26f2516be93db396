import type * as vscode from 'vscode';
import { fileIn, parentOf } from '../editor/places';
import { factorsExtension } from '../protocol/naming';
import { baseName, exists } from './sources';

/**
 * Where the factors of a source would be saved: beside it, in a file of its name. The URI is `untitled`, so that
 * VS Code asks for the place at the first save and suggests this one. A number is added while the name is taken
 * by a file or by an open document.
 */
export async function untitledUri(source: vscode.Uri, taken: (uri: vscode.Uri) => boolean): Promise<vscode.Uri> {
  const folder = parentOf(source);
  for (let number = 1; ; number++) {
    const target = fileIn(folder, baseName(source), ending(number));
    const untitled = target.with({ scheme: 'untitled' });
    if (!taken(untitled) && !taken(target) && !(await exists(target))) return untitled;
  }
}

/** `.factors.npz`, `-2.factors.npz`, … */
function ending(number: number): string {
  return number === 1 ? factorsExtension : `-${number}${factorsExtension}`;
}
