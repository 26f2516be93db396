// Results that someone wrote who means harm, as a person meets them.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFactorization } from '../../../src/results/npz';
import type { Factorization } from '../../../src/factorization/result';
import { openEditor, type Editor } from '../../support/editor';
import { factorizationOf } from '../../support/factorizations';
import { seenWhen } from '../../support/inspector';
import { temporaryWorkspace } from '../../support/repository';

describe('a result from a stranger in the editor', () => {
  let editor: Editor;
  /** A folder that is watched; the workspace lies two levels below. */
  let above: string;
  let workspace: string;
  let secret: string;
  const identity = factorizationOf().source;
  const clicked = '[Click here](command:workbench.action.toggleZenMode) $(trash)';

  before(async () => {
    above = temporaryWorkspace();
    workspace = join(above, 'some', 'where');
    mkdirSync(workspace, { recursive: true });
    secret = join(above, 'secret.csv');
    writeFileSync(secret, 'name,x,y\na,4,5\nb,8,\nc,12,15\n');
    const write = (name: string, changes: Partial<Factorization>): void =>
      writeFileSync(join(workspace, `${name}.factors.npz`), encodeFactorization(factorizationOf(changes)));
    write('climbing', {
      source: { ...identity, name: '../../../climbed', uri: `file://${workspace}/../../secret.csv` },
    });
    const whole = { ...factorizationOf().statistics, observed: 6 };
    write('linking', { source: { ...identity, name: clicked }, statistics: whole });
    editor = await openEditor({ workspace });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed: ${this.currentTest.title}`);
  });

  after(async () => {
    await editor.close();
    rmSync(above, { recursive: true, force: true });
  });

  const frame = () => editor.webviewFrame();
  const isDone = ({ status }: { status: string }) => status === 'done';

  it('is exported into the folder that was chosen, and nothing appears outside', async () => {
    const outside = (): string[] =>
      readdirSync(above, { recursive: true, encoding: 'utf8' }).filter(
        (path) => !path.startsWith(join('some', 'where')),
      );
    const before = outside();
    await editor.openFile('climbing.factors.npz');
    await seenWhen(frame(), isDone);
    await editor.commandPalette('Factorlens: Export W and H as CSV…');
    await editor.quickPick.waitForTitle('Export W and H as CSV');
    await editor.quickPick.widget.getByRole('button', { name: 'Export Here' }).click();
    await editor.notification('Exported climbed.W.csv and climbed.H.csv.').waitFor();
    const written = readdirSync(workspace).filter((name) => name.endsWith('.csv'));
    assert.deepEqual(written.sort(), ['climbed.H.csv', 'climbed.W.csv']);
    assert.deepEqual(outside(), before);
  });

  it('has data elsewhere opened only after a question that names the whole path', async () => {
    const dialog = editor.page.locator('.monaco-dialog-box');
    const go = (name: string) => frame().getByRole('button', { name, exact: true }).click();
    await go('Continue');
    await dialog.getByText(`Open ${secret}?`).waitFor();
    await dialog.getByText('climbing.factors.npz says that its data are there').waitFor();
    await editor.screenshot('question-before-data-elsewhere');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    const refused = await seenWhen(frame(), isDone);
    assert.equal(refused.error, undefined);

    await go('Continue');
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    // It was opened: that its data are others is known.
    const failed = await seenWhen(frame(), ({ status }) => status === 'failed');
    assert.match(failed.error ?? '', /secret\.csv has changed/);

    await go('Retry');
    await seenWhen(frame(), ({ status, error }) => status === 'failed' && error !== undefined);
    // A question would be there by then.
    await editor.page.waitForTimeout(500);
    assert.equal(await dialog.count(), 0, 'an answer holds as long as the document is open');
  });

  it('has no link and no icon in a message', async () => {
    await editor.openFile('linking.factors.npz');
    await seenWhen(frame(), isDone);
    await editor.commandPalette('Factorlens: Fill In Missing Entries…');
    const message = editor.notification('Nothing is missing in');
    await message.getByText('Click here', { exact: false }).waitFor();
    await editor.screenshot('message-without-link');
    const text = (await message.innerText()).replace(/\s+/g, ' ');
    assert.ok(text.includes('[Click here] (command:workbench.action.toggleZenMode) $ (trash)'), text);
    assert.equal(await message.locator('a[href]').count(), 0);
    assert.equal(await message.locator('.codicon-trash').count(), 0);
    await message.getByText('Click here', { exact: false }).click();
    assert.equal(await editor.page.locator('.monaco-workbench.zenmode, .zen-mode').count(), 0);
    await editor.page.locator('.monaco-workbench .statusbar').waitFor();
  });
});
