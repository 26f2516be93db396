// What is asked of a file before it is factorized, as far as its beginning tells what fits; and what can be done with a result.
import assert from 'node:assert/strict';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openEditor, type Editor } from '../../support/editor';
import { seenWhen, type SeenState } from '../../support/inspector';
import { repository, temporaryWorkspace, testData } from '../../support/repository';

const prose = Array.from(
  { length: 40 },
  (_, k) =>
    `In chapter ${k} the ${k % 2 ? 'whale' : 'captain'}, whom nobody had seen, ${k % 3 ? 'swam' : 'sailed'} on and sang.`,
).join('\n');

describe('what is asked of a file', () => {
  let editor: Editor;
  let workspace: string;
  const isDone = ({ status }: SeenState) => status === 'done';

  before(async () => {
    workspace = temporaryWorkspace(testData('mutations.tsv'), join(repository, 'samples', 'ratings.csv'));
    writeFileSync(join(workspace, 'prose.txt'), prose);
    cpSync(join(workspace, 'ratings.csv'), join(workspace, 'ratings2.csv'));
    editor = await openEditor({
      workspace,
      theme: 'dark',
      settings: { 'factorlens.iterations': 30, 'factorlens.restarts': 1 },
    });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed: ${this.currentTest.title}`);
  });
  after(async () => {
    await editor.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  const input = () => editor.quickPick.widget.locator('.quick-input-box input');
  const focused = () => editor.quickPick.items.filter({ has: editor.page.locator(':scope.focused') }).first();
  const picture = async (name: string) => {
    for (const theme of ['light', 'dark'] as const) {
      await editor.setTheme(theme);
      await editor.page.waitForTimeout(400);
      await editor.screenshot(`${name}, ${theme}`);
    }
  };
  async function begin(file: string): Promise<void> {
    await editor.contextMenu(editor.explorerItem(file), 'Factorize…');
    await editor.quickPick.waitForTitle(`Factorize ${file}`);
  }
  async function rank(text: string): Promise<void> {
    await editor.quickPick.waitForQuestion();
    await editor.quickPick.type(text);
    await editor.quickPick.accept();
  }
  const closeUnsaved = async (tab: string) => {
    await editor.closeEditor();
    await editor.page.getByRole('button', { name: "Don't Save" }).click();
    await editor.tab(tab).waitFor({ state: 'detached' });
  };

  /** Takes rank 3, the recommender and, for each of its columns, what is chosen already. */
  const acceptRatings = async (seen?: (question: string, text: string) => Promise<void>): Promise<void> => {
    await rank('3');
    await editor.quickPick.waitForList('Method');
    await editor.quickPick.type('Recommender');
    await editor.quickPick.choose('Recommender (with Biases)');
    for (const [question, column] of [
      ['Rows', 'reader'],
      ['Columns', 'book'],
      ['Values', 'stars'],
    ] as const) {
      await editor.quickPick.waitForList(question);
      const text = (await focused().innerText()).replace(/\s+/g, ' ');
      assert.ok(text.startsWith(column), text);
      await seen?.(question, text);
      await editor.quickPick.accept();
    }
  };

  it('is how it is read, where it is prose: Enter takes lines as documents, and topics as the method', async () => {
    await begin('prose.txt');
    await editor.quickPick.waitForList('Read as');
    await editor.quickPick.items.filter({ hasText: 'Text, a Document a Line' }).waitFor();
    await picture('read as');
    await editor.quickPick.accept();
    await rank('2');
    await editor.quickPick.waitForList('Method');
    assert.match((await focused().innerText()).replace(/\s+/g, ' '), /Topic Model/);
    await editor.quickPick.accept();
    await editor.tab('prose.txt.factors.npz').waitFor();
    const done = await seenWhen(editor.webviewFrame(), isDone);
    assert.equal(done.rows, 40);
    await editor.webviewFrame().getByText('Topic 1', { exact: true }).waitFor();
    await closeUnsaved('prose.txt.factors.npz');
  });

  it('is which columns hold ratings, what fits being chosen: Enter makes a matrix of readers and books', async () => {
    await begin('ratings.csv');
    await acceptRatings(async (question, text) => {
      assert.match(text, /(Text|Numbers), [\d,]+ different in 2,989 rows/);
      if (question === 'Rows') await picture('columns of ratings');
    });
    await editor.tab('ratings.csv.factors.npz').waitFor();
    const done = await seenWhen(editor.webviewFrame(), isDone);
    assert.ok((done.rows ?? 0) > 50 && (done.columns ?? 0) > 20, `${done.rows} × ${done.columns}`);
    await closeUnsaved('ratings.csv.factors.npz');
  });

  it('is which columns hold ratings of several files at once too', async () => {
    await editor.explorerItem('ratings.csv').click();
    await editor.explorerItem('ratings2.csv').click({ modifiers: ['Shift'] });
    await editor.contextMenu(editor.explorerItem('ratings2.csv'), 'Factorize…');
    await editor.quickPick.waitForTitle('Factorize 2 Files');
    await acceptRatings();
    for (const name of ['ratings2.csv.factors.npz', 'ratings.csv.factors.npz']) {
      await editor.tab(name).click();
      await seenWhen(editor.webviewFrame(), isDone);
      await closeUnsaved(name);
    }
  });

  it('is a rank that the file can have: more is told of at once, and refused where there is none', async () => {
    await begin('mutations.tsv');
    await editor.quickPick.waitForQuestion();
    await editor.quickPick.type('99');
    await editor.quickPick.widget.getByText('Rank 99 is more than 21, the most that 96 × 21 data can have').waitFor();
    await picture('rank too high');
    await editor.quickPick.accept();
    await editor.quickPick.waitForList('Method');
    await editor.quickPick.choose('PCA');
    await editor.quickPick.waitForQuestion();
    await editor.quickPick.widget.getByText('96 × 21 data have at most 21 principal components').waitFor();
    assert.equal(await input().inputValue(), '99');
    await rank('4');
    await editor.quickPick.waitForList('Method');
    await editor.quickPick.choose('PCA');
    await editor.tab('mutations.tsv.factors.npz').waitFor();
    await seenWhen(editor.webviewFrame(), isDone);
    await editor.webviewFrame().getByText('Σ(X − μ − WH)²', { exact: true }).first().waitFor();
    await picture('a result of PCA');
  });

  it('offers no Cut and Paste on what is drawn, and finds words in the page', async () => {
    const canvas = editor.webviewFrame().locator('[data-factor=H] canvas.heatmap-canvas');
    await canvas.click({ button: 'right' });
    await editor.page.waitForTimeout(1000);
    for (const label of ['Cut', 'Copy', 'Paste']) assert.equal(await editor.menuItem(label).count(), 0, label);
    await editor.page.keyboard.press('Escape');
    await editor.webviewFrame().locator('h1').click();
    await editor.page.keyboard.press('Control+f');
    await editor.page
      .locator('.simple-find-part.visible, .webview-find-widget .visible, .simple-find-part-wrapper.visible')
      .first()
      .waitFor();
    await editor.page.keyboard.press('Escape');
  });

  it('keeps a result in the inspector that is saved under a name of another ending', async () => {
    await editor.webviewFrame().getByRole('button', { name: 'Save', exact: true }).click();
    await editor.quickPick.answerFileDialog('Save As', join(workspace, 'components.npz'));
    await editor.explorerItem('components.npz').waitFor();
    assert.ok(existsSync(join(workspace, 'components.npz')));
    await editor.notification('components.npz does not end in .factors.npz').waitFor();
    await editor.tab('components.npz').waitFor();
    const shown = await seenWhen(editor.webviewFrame(), isDone);
    assert.equal(shown.rows, 96);
    assert.equal(await editor.page.getByRole('tab', { name: 'components.npz' }).count(), 1);
    await picture('saved under another name');
    // Saved, so there is nothing to save.
    assert.equal(await editor.webviewFrame().getByRole('button', { name: 'Save', exact: true }).count(), 0);
  });

  it('is whether files or a folder, where nothing that can be factorized is open', async () => {
    await editor.commandPalette('Factorlens: Factorize…');
    await editor.quickPick.waitForList('What to factorize');
    await editor.quickPick.items.filter({ hasText: 'Files…' }).waitFor();
    await picture('files or a folder');
    await editor.quickPick.choose('A Folder…');
    await editor.quickPick.waitForTitle('Factorize a Folder');
    await editor.quickPick.cancel();
  });
});
