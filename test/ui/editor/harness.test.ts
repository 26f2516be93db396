// The harness itself, on an extension as small as can be: when this fails, the editor is at fault and not Factorlens.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEditor, type Editor } from '../../support/editor';
import { repository, temporaryWorkspace } from '../../support/repository';

describe('the editor harness', () => {
  let editor: Editor;
  let workspace: string;

  before(async () => {
    workspace = temporaryWorkspace();
    writeFileSync(join(workspace, 'one.fixture'), '');
    editor = await openEditor({
      workspace,
      extension: join(repository, 'test', 'support', 'fixture-extension'),
      theme: 'light',
    });
  });

  after(async () => {
    await editor.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  it('shows a custom editor whose page exchanges messages with its host', async () => {
    await editor.openFile('one.fixture');
    await editor.webviewFrame().getByRole('heading', { name: 'Hello from one.fixture' }).waitFor();
  });

  it('runs a command from a context menu through its questions to its notification', async () => {
    await editor.contextMenu(editor.explorerItem('one.fixture'), 'Harness: Pick a Letter');
    await editor.quickPick.waitForTitle('Letter');
    await editor.quickPick.choose('beta');
    await editor.quickPick.waitForTitle('Number');
    await editor.quickPick.type('42');
    await editor.quickPick.accept();
    await editor.notification('Picked beta 42').getByRole('button', { name: 'Thank You' }).click();
    await editor.notification('Thanked').waitFor();
  });

  it('runs a command from the palette', async () => {
    await editor.commandPalette('Harness: Pick a Letter');
    await editor.quickPick.waitForTitle('Letter');
    assert.equal(await editor.quickPick.items.count(), 2);
    await editor.quickPick.cancel();
  });

  it('changes its theme while it runs', async () => {
    const themed = (type: string) => editor.page.locator(`.monaco-workbench.${type}`).count();
    assert.deepEqual([await themed('vs'), await themed('vs-dark')], [1, 0]);
    await editor.setTheme('dark');
    assert.deepEqual([await themed('vs'), await themed('vs-dark')], [0, 1]);
  });

  it('brings an open custom editor back after the window is reloaded', async () => {
    await editor.reload();
    await editor.webviewFrame().getByRole('heading', { name: 'Hello from one.fixture' }).waitFor();
  });
});
