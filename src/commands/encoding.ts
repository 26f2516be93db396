import * as vscode from 'vscode';

/** What the editor calls encodings that it and the WHATWG call differently, beside those that differ by hyphens alone. */
const names: Readonly<Record<string, string>> = {
  macroman: 'macintosh',
  shiftjis: 'shift_jis',
  eucjp: 'euc-jp',
  euckr: 'euc-kr',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  cp950: 'big5',
  big5hkscs: 'big5-hkscs',
  gb2312: 'gbk',
};

/** The name that the WHATWG gives to an encoding of the editor's. */
export function encodingNamed(editorName: string): string {
  const known = names[editorName];
  if (known !== undefined) return known;
  return editorName.replace(/^windows(\d+)$/, 'windows-$1').replace(/^iso8859(\d+)$/, 'iso-8859-$1');
}

/** The encoding in which the user has the editor read such files; undefined where that is UTF-8, or nothing was said. */
export function encodingOf(resource: vscode.Uri): string | undefined {
  const said = vscode.workspace.getConfiguration('files', resource).inspect<unknown>('encoding');
  const value = said?.workspaceFolderValue ?? said?.workspaceValue ?? said?.globalValue;
  return typeof value === 'string' && !/^utf8/.test(value) ? encodingNamed(value) : undefined;
}
