import assert from 'node:assert/strict';
import { Linter, type Rule } from 'eslint';
import tseslint from 'typescript-eslint';
import { messageDoors } from '../../../scripts/lint/message-doors.mjs';
import { writtenPaths } from '../../../scripts/lint/written-paths.mjs';

/** The ids of the messages of one rule for some code. */
function lint(rule: Rule.RuleModule, code: string): (string | undefined)[] {
  const messages = new Linter().verify(
    code,
    {
      files: ['**/*.ts'],
      plugins: { factorlens: { rules: { rule } } },
      languageOptions: { parser: tseslint.parser },
      rules: { 'factorlens/rule': 'error' },
    },
    'src/inspector/export.ts',
  );
  for (const { fatal, message } of messages) assert.ok(fatal !== true, message);
  return messages.map(({ messageId }) => messageId);
}

const all = "import * as vscode from 'vscode';\n";

describe('the doors to the editor', () => {
  const round = [
    `${all}vscode.window.showErrorMessage(text);`,
    `${all}void vscode.window.showInformationMessage('as it stands');`,
    `${all}const show = loud ? vscode.window.showWarningMessage : other;`,
    `${all}vscode.window['showErrorMessage'](text);`,
    `${all}vscode.window[\`showErrorMessage\`](text);`,
    `${all}vscode['window'].showErrorMessage(text);`,
    `${all}vscode.window?.showErrorMessage?.(text);`,
    `${all}const { showErrorMessage } = vscode.window;`,
    `${all}const { showErrorMessage: tell } = vscode.window;`,
    `${all}const { window: { showErrorMessage } } = vscode;`,
    `${all}const { window } = vscode; window.showErrorMessage(text);`,
    `${all}const shown = vscode.window; shown.showErrorMessage(text);`,
    `${all}const code = vscode; code.window.showErrorMessage(text);`,
    `${all}vscode.window.withProgress({ location, title }, task);`,
    `${all}vscode.window.setStatusBarMessage(text);`,
    `${all}const item = vscode.window.createStatusBarItem();`,
    `${all}vscode.window.showQuickPick(names);`,
    `${all}const pick = vscode.window.createQuickPick();`,
    `${all}vscode.window.showInputBox({ prompt });`,
    `${all}vscode.window.showSaveDialog({ title });`,
    `${all}vscode.commands.registerCommand('x', () => 1);`,
    "import { window } from 'vscode';\nwindow.showErrorMessage(text);",
    "import { window as w } from 'vscode';\nw.showErrorMessage(text);",
    "import vscode from 'vscode';\nvscode.window.showErrorMessage(text);",
    "const vscode = require('vscode');\nvscode.window.showErrorMessage(text);",
  ];
  for (const code of round) {
    it(`are not gone round by: ${code.replace(all, '')}`, () => assert.deepEqual(lint(messageDoors, code), ['door']));
  }

  it('are not gone round by what cannot be seen', () => {
    assert.deepEqual(lint(messageDoors, `${all}vscode.window[name](text);`), ['unknown']);
    assert.deepEqual(lint(messageDoors, "export { window } from 'vscode';"), ['named']);
  });

  const fine = [
    "import { showError } from '../editor/messages';\nshowError(text);",
    `${all}vscode.window.tabGroups.activeTabGroup;`,
    `${all}vscode.commands.executeCommand('setContext', key, true);`,
    `${all}const { activeTextEditor } = vscode.window;`,
    'host.window.showErrorMessage(text);',
    'this.withProgress(title);',
  ];
  for (const code of fine) {
    it(`let by: ${code.replace(all, '')}`, () => assert.deepEqual(lint(messageDoors, code), []));
  }
});

describe('paths that are written', () => {
  const address = [
    `${all}vscode.Uri.joinPath(folder, name);`,
    `${all}vscode.Uri.joinPath(folder, \`\${name}.W.csv\`);`,
    `${all}vscode.Uri.joinPath(folder, 'data', name);`,
    `${all}vscode.Uri.joinPath(folder, 'x' + name);`,
    `${all}vscode.Uri.joinPath(folder, ...names);`,
    `${all}vscode.Uri['joinPath'](folder, name);`,
    "import { Uri } from 'vscode';\nUri.joinPath(folder, name);",
  ];
  for (const code of address) {
    it(`are not: ${code.replace(all, '')}`, () => assert.deepEqual(lint(writtenPaths, code), ['address']));
  }

  const path = [
    "import { join } from 'node:path';\njoin(folder, name);",
    "import { join as glue } from 'path';\nglue(folder, name);",
    "import { resolve } from 'node:path';\nresolve(folder, name);",
    "import * as path from 'node:path';\npath.join(folder, name);",
    "import path from 'node:path';\npath.posix.join(folder, name);",
    "import { win32 } from 'node:path';\nwin32.join(folder, name);",
    "import { join } from 'node:path';\njoin(...parts);",
  ];
  for (const code of path) {
    it(`are not: ${code.split('\n').at(-1)}`, () => assert.deepEqual(lint(writtenPaths, code), ['path']));
  }

  const written = [
    `${all}vscode.Uri.joinPath(extensionUri, 'dist', 'webview');`,
    `${all}vscode.Uri.joinPath(uri, '..');`,
    "import { join } from 'node:path';\njoin(__dirname, 'worker.js');",
    "import { resolve } from 'node:path';\nresolve(file);",
    "names.join(', ');",
    'names.join(separator, other);',
  ];
  for (const code of written) {
    it(`are: ${code.replace(all, '').split('\n').at(-1)}`, () => assert.deepEqual(lint(writtenPaths, code), []));
  }
});
