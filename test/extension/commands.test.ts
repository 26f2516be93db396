import assert from 'node:assert/strict';
import * as vscode from 'vscode';
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

  it('that act on an inspector do nothing, and break nothing, when there is none', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const command of ['stop', 'continue', 'retry', 'exportCsv', 'fillIn', 'transform']) {
      await vscode.commands.executeCommand(`factorlens.${command}`);
    }
  });
});
