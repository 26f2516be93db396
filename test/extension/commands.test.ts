import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { copyOfSample, samples } from '../../src/commands/samples';
import { activateFactorlens, extensionId } from './editor';

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; when: string }[]>;
  };
}

describe('Commands', () => {
  const manifest = (): Manifest => vscode.extensions.getExtension(extensionId)?.packageJSON as Manifest;

  before(activateFactorlens);

  it('are all registered', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const { command } of manifest().contributes.commands) {
      assert.ok(registered.includes(command), `${command} does nothing`);
    }
  });

  it('offer Factorize… on data files in any case of letters, and on nothing else', () => {
    const clause = manifest().contributes.menus['editor/title']?.[0]?.when ?? '';
    const [, pattern = '', flags = ''] = /=~ \/(.*)\/(\w*)/.exec(clause) ?? [];
    const applies = new RegExp(pattern, flags);
    for (const extension of 'csv tsv tab txt png jpg jpeg webp tif tiff bmp gif CSV Jpg'.split(' ')) {
      assert.match(`.${extension}`, applies);
    }
    for (const extension of ['.npz', '.json', '.csvx', '.md', '']) assert.doesNotMatch(extension, applies);
  });

  it('has every sample that it offers, and gives a copy that can be written beside', async () => {
    const extensionUri = vscode.extensions.getExtension(extensionId)?.extensionUri;
    assert.ok(extensionUri);
    const globalStorageUri = vscode.Uri.file(mkdtempSync(join(tmpdir(), 'factorlens-samples-')));
    for (const { name } of samples) {
      const copy = await copyOfSample(name, { extensionUri, globalStorageUri }, (message) => assert.fail(message));
      const original = vscode.Uri.joinPath(extensionUri, 'samples', name);
      assert.ok(copy.toString().startsWith(globalStorageUri.toString()));
      const [ours, theirs] = [await vscode.workspace.fs.readFile(copy), await vscode.workspace.fs.readFile(original)];
      assert.deepEqual(ours, theirs);
      assert.equal(
        (await copyOfSample(name, { extensionUri, globalStorageUri }, (message) => assert.fail(message))).toString(),
        copy.toString(),
      );
    }
    rmSync(globalStorageUri.fsPath, { recursive: true });
  });

  it('that act on an inspector do nothing, and break nothing, when there is none', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const command of ['stop', 'continue', 'retry', 'exportCsv', 'fillIn', 'transform']) {
      await vscode.commands.executeCommand(`factorlens.${command}`);
    }
  });
});
