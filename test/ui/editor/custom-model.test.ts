// A model of one's own, as a person puts it together in the picker.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFactorization } from '../../../src/results/npz';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { openEditor, type Editor } from '../../support/editor';
import { seenWhen } from '../../support/inspector';
import { temporaryWorkspace, testData } from '../../support/repository';

describe('a model of one’s own in the editor', () => {
  let editor: Editor;
  let workspace: string;
  const result = 'mutations.tsv.factors.npz';

  before(async () => {
    workspace = temporaryWorkspace(testData('mutations.tsv'));
    editor = await openEditor({ workspace, theme: 'light', settings: { 'factorlens.restarts': 2 } });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed: ${this.currentTest.title}`);
  });

  after(async () => {
    await editor.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  async function toMethods(): Promise<void> {
    await editor.contextMenu(editor.explorerItem('mutations.tsv'), 'Factorize…');
    await editor.quickPick.waitForTitle('Factorize mutations.tsv');
    await editor.quickPick.type('3');
    await editor.quickPick.accept();
    await editor.quickPick.waitForList('Method');
  }

  /** Answers with a text what is asked next, and comes back to the list of the model's parts. */
  async function answer(text: string): Promise<void> {
    await editor.quickPick.waitForQuestion();
    await editor.quickPick.type(text);
    await editor.quickPick.accept();
    await editor.quickPick.waitForList(parts);
  }

  const parts = 'Penalties and constraints';

  /** Chooses from a list that is longer than what is drawn of it. */
  async function find(label: string): Promise<void> {
    await editor.quickPick.type(label);
    await editor.quickPick.choose(label);
  }

  /** A picture of the picker once it has faded in. */
  async function picture(name: string): Promise<void> {
    await editor.page.waitForTimeout(500);
    await editor.screenshot(name);
  }

  const objective = (text: string) => editor.quickPick.items.first().getByText(text, { exact: true });

  it('is asked for part by part, with the objective in view, and is what is minimised and saved', async () => {
    const pick = editor.quickPick;
    await toMethods();
    await find('Custom…');
    await objective('Σ(X − WH)²').waitFor();

    await pick.choose('H');
    await pick.choose('Non-negative, Unit Norm');
    await objective('Σ(X − WH)², H ≥ 0, components of H of length 1').waitFor();
    await pick.choose('W');
    await pick.choose('Box');
    await pick.waitForQuestion();
    await pick.type('2, 1');
    await pick.widget.getByText('Give the smaller bound first: 1, 2.').waitFor();
    await answer('0, 5000');
    await find('Smoothness');
    await answer('0, 7');
    await find('Orthogonality');
    await answer('0.5, 0');
    const formula =
      'Σ(X − WH)² + 0.5·Σ(WᵀW off its diagonal)² + 7·Σ(difference of neighbours in H)², ' +
      '0 ≤ W ≤ 5000, H ≥ 0, components of H of length 1';
    await objective(formula).waitFor();
    await picture('custom model, light');
    await pick.choose('Factorize');

    await editor.tab(result).waitFor();
    const done = await seenWhen(editor.webviewFrame(), ({ status }) => status === 'done');
    assert.equal(done.rows, 96);
    await editor.page.keyboard.press('Control+s');
    await pick.waitForTitle('Save As');
    await pick.accept();
    await editor.explorerItem(result).waitFor();
    const { settings, H, columns } = decodeFactorization(readFileSync(join(workspace, result)), result);
    assert.deepEqual(settings.model, {
      ...defaultModel,
      penalties: { W: { ...noPenalty, orthogonal: 0.5 }, H: { ...noPenalty, smooth: 7 } },
      constraints: { W: { kind: 'box', least: 0, most: 5000 }, H: { kind: 'unit-norm', nonNegative: true } },
    });
    assert.ok(H.every((h) => h >= 0));
    for (let k = 0; k < 3; k++) {
      assert.ok(Math.abs(Math.hypot(...H.subarray(k * columns, (k + 1) * columns)) - 1) < 1e-5);
    }
    await editor.closeEditor();
  });

  it('is remembered, can be left by the way back, and shows the bound that a lone penalty needs', async () => {
    const pick = editor.quickPick;
    await editor.setTheme('dark');
    await toMethods();
    await find('Custom…');
    await pick.waitForList(parts);
    await pick.type('Orthogonality');
    await pick.items.filter({ hasText: 'W 0.5, H 0' }).waitFor();
    await pick.widget.getByRole('button', { name: /^Back/ }).click();
    await pick.waitForList('Method');
    await find('Custom…');
    await pick.waitForList(parts);

    for (const [part, choice] of [
      ['H', 'Any Numbers'],
      ['W', 'Non-negative'],
    ] as const) {
      await pick.choose(part);
      await pick.waitForList(`${part}: what its entries may be`);
      await pick.choose(choice);
      await pick.waitForList(parts);
    }
    for (const [part, weight] of [
      ['Smoothness', '0'],
      ['Orthogonality', '0'],
      ['L1', '2, 0'],
    ] as const) {
      await find(part);
      await answer(weight);
    }
    const formula = 'Σ(X − WH)² + 2·Σ|W|, W ≥ 0, components of H at most 1 long';
    await objective(formula).waitFor();
    await picture('custom model, dark');
    await pick.choose('Factorize');
    await editor.tab('mutations.tsv-2.factors.npz').waitFor();
    await seenWhen(editor.webviewFrame(), ({ status }) => status === 'done');
    await editor.webviewFrame().getByText(formula, { exact: true }).first().waitFor();
    await editor.screenshot('bounded model, dark');
  });
});
