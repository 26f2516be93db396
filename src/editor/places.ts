// The one way from names to addresses of files: a name may come from a file, and a path in it would lead elsewhere.
import * as vscode from 'vscode';
import { fileNameFrom, isFileName } from '../untrusted/names';
import { liesIn, normalized } from '../untrusted/places';

/**
 * A file to be written in a folder, after a name that need not be trusted.
 * @param suffix what its name ends in
 * @throws Error when it would lie elsewhere
 */
export function fileIn(folder: vscode.Uri, name: string, suffix = ''): vscode.Uri {
  const target = vscode.Uri.joinPath(folder, `${fileNameFrom(name)}${suffix}`);
  if (liesIn(target, folder)) return target;
  throw new Error(`${target.path} does not lie in ${folder.path}; choose another folder.`);
}

/** A file that is looked for in a folder by the very name that it has. A name that is none finds nothing elsewhere. */
export function placeIn(folder: vscode.Uri, name: string): vscode.Uri {
  return isFileName(name) ? vscode.Uri.joinPath(folder, name) : fileIn(folder, name);
}

/** The folder that a file lies in. */
export function parentOf(file: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(file, '..');
}

/** The address that a text is, with no `..` left in it; undefined where it is none. */
export function addressOf(text: string): vscode.Uri | undefined {
  try {
    const uri = vscode.Uri.parse(text, true);
    // No file system has a name with NUL in it.
    return uri.path.includes('\0') ? undefined : uri.with(normalized(uri));
  } catch {
    // Whatever is wrong with it: it comes from a file, and is told as no address.
    return undefined;
  }
}
