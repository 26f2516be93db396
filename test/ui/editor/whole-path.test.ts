// The main job as a person does it: right-click, answer, watch, save, close, reopen, stop, go on, reload.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFactorization } from '../../../src/results/npz';
import { openEditor, type Editor } from '../../support/editor';
import { cellColour, seen, seenWhen, type SeenState } from '../../support/inspector';
import { repository, temporaryWorkspace, testData } from '../../support/repository';

describe('factorizing a file in the editor', () => {
  const iterations = 8000;
  let editor: Editor;
  let workspace: string;

  before(async () => {
    workspace = temporaryWorkspace(testData('digits.csv'), testData('china.jpg'));
    copyFileSync(testData('china.jpg'), join(workspace, 'temple.jpg'));
    // The article's solver in full length: some seconds, so that it is seen to run even by a test that is held up.
    editor = await openEditor({
      workspace,
      theme: 'dark',
      settings: { 'factorlens.solver': 'ngd', 'factorlens.iterations': iterations, 'factorlens.tolerance': 0 },
    });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.screenshot(`failed: ${this.currentTest.title}`);
  });

  after(async () => {
    await editor.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  async function factorize(file: string, rank: number): Promise<void> {
    await editor.contextMenu(editor.explorerItem(file), 'Factorize…');
    await editor.quickPick.waitForTitle(`Factorize ${file}`);
    await editor.quickPick.type(String(rank));
    await editor.quickPick.accept();
    await editor.quickPick.choose('Matrix Factorization');
    if (/\.jpg$/.test(file)) await editor.quickPick.choose('Grey');
    await editor.tab(`${file}.factors.npz`).waitFor();
  }

  /** Saves an untitled result under the name that is suggested, and waits for the file. */
  async function save(file: string): Promise<string> {
    const path = join(workspace, `${file}.factors.npz`);
    await editor.page.keyboard.press('Control+s');
    await editor.quickPick.waitForTitle('Save As');
    await editor.quickPick.accept();
    await editor.explorerItem(`${file}.factors.npz`).waitFor();
    assert.ok(existsSync(path));
    return path;
  }

  const frame = () => editor.webviewFrame();
  const isDone = ({ status }: SeenState) => status === 'done';
  const pointsOf = ({ restarts }: SeenState) => restarts.reduce((sum, { trace }) => sum + trace.length, 0);

  /** Both factors of a finished inspector, found again in the file and drawn in colours that tell their signs. */
  async function assertDrawn(state: SeenState, path: string): Promise<void> {
    const saved = decodeFactorization(readFileSync(path), path);
    for (const factor of ['W', 'H'] as const) {
      const shown = state.factors?.[factor];
      assert.ok(shown, `${factor} is shown`);
      // What is seen comes as JSON, which has no negative zero.
      assert.deepEqual(
        shown.values,
        Array.from(saved[factor], (value) => value + 0),
      );
    }
    // W may have more rows than the screen has pixels, where a pixel stands for several cells; a cell of H is many pixels.
    const { values, columns } = state.factors?.H as { values: number[]; columns: number };
    const cell = (k: number) => cellColour(frame(), 'H', Math.floor(k / columns), k % columns);
    await frame().locator('[data-factor=H] canvas.heatmap-canvas').scrollIntoViewIfNeeded();
    const [low, high] = [Math.min(...values), Math.max(...values)];
    assert.ok(low < 0 && high > 0, 'the factor has both signs');
    const blue = await cell(values.indexOf(low));
    const red = await cell(values.indexOf(high));
    assert.ok(blue[2] > blue[0] + 30, `the least value is blue: ${blue.join()}`);
    assert.ok(red[0] > red[2] + 30, `the greatest value is red: ${red.join()}`);
    await frame().locator('[data-factor=W] canvas.heatmap-canvas').scrollIntoViewIfNeeded();
    const shades = await frame()
      .locator('[data-factor=W] canvas.heatmap-canvas')
      .evaluate((canvas) => {
        const surface = canvas as unknown as {
          width: number;
          height: number;
          getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
        };
        const { data } = surface.getContext('2d').getImageData(0, 0, surface.width, surface.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    assert.ok(shades > 50, `W is drawn in ${shades} shades`);
  }

  it('goes from a right-click on digits.csv to factors that are saved and opened again', async () => {
    await factorize('digits.csv', 10);
    const live = await seenWhen(frame(), (state) => state.status === 'running' && pointsOf(state) > 1);
    const later = await seenWhen(frame(), (state) => pointsOf(state) > pointsOf(live));
    assert.ok(later.status === 'running' || later.status === 'done');

    const done = await seenWhen(frame(), isDone);
    assert.deepEqual([done.rows, done.columns, done.restarts.length], [1797, 64, 5]);
    const path = await save('digits.csv');
    await assertDrawn(done, path);

    await editor.closeEditor();
    await editor.tab('digits.csv.factors.npz').waitFor({ state: 'detached' });
    await editor.openFile('digits.csv.factors.npz');
    const reopened = await seenWhen(frame(), isDone);
    assert.deepEqual(reopened.factors, done.factors);
    assert.deepEqual(reopened.restarts, done.restarts);
    assert.equal(reopened.best, done.best);
  });

  it('gives the numbers that the command line gives for the same seed', () => {
    const out = join(workspace, 'from-command-line.npz');
    execFileSync(process.execPath, [
      join(repository, 'dist', 'cli.js'),
      join(workspace, 'digits.csv'),
      ...['--solver', 'ngd', '--iterations', String(iterations), '--tolerance', '0', '--quiet', '--out', out],
    ]);
    const [ours, theirs] = [out, join(workspace, 'digits.csv.factors.npz')].map((path) =>
      decodeFactorization(readFileSync(path), path),
    );
    assert.deepEqual(ours?.W, theirs?.W);
    assert.deepEqual(ours?.H, theirs?.H);
  });

  it('saves what NumPy opens', () => {
    const script = [
      'import numpy, sys',
      'z = numpy.load(sys.argv[1])',
      'print(z["W"].shape, z["H"].shape, z["W"].dtype, repr(float(z["W"][3, 4])), repr(float(z["H"][9, 20])))',
    ].join('\n');
    const path = join(workspace, 'digits.csv.factors.npz');
    const printed = execFileSync('python3', ['-c', script, path], { encoding: 'utf8' }).trim();
    const { W, H } = decodeFactorization(readFileSync(path), path);
    const [w, h] = printed.split(' ').slice(-2).map(Number);
    assert.match(printed, /^\(1797, 10\) \(10, 64\) float32 /);
    assert.deepEqual([w, h], [W[3 * 10 + 4], H[9 * 64 + 20]]);
  });

  it('does the same for china.jpg', async () => {
    editor.updateSettings({ 'factorlens.iterations': 500 });
    await factorize('china.jpg', 8);
    const done = await seenWhen(frame(), isDone);
    assert.deepEqual([done.rows, done.columns], [427, 640]);
    const path = await save('china.jpg');
    await assertDrawn(done, path);
    await editor.closeEditor();
    await editor.openFile('china.jpg.factors.npz');
    assert.deepEqual((await seenWhen(frame(), isDone)).factors, done.factors);
    await editor.closeEditor();
  });

  it('factorizes a table that is too large for the editor to open', async () => {
    // Of rank 2; extensions cannot read what an editor holds beyond 50 MB.
    const [rows, columns] = [60_000, 100];
    const path = join(workspace, 'large.csv');
    const header = Array.from({ length: columns }, (_, j) => `c${j}`).join(',');
    const lines = (from: number) =>
      Array.from({ length: 10_000 }, (_, k) => {
        const i = from + k;
        return Array.from({ length: columns }, (_, j) => (Math.sin(i) * j + Math.cos(i) * (j % 7)).toFixed(5)).join(
          ',',
        );
      }).join('\n');
    writeFileSync(path, header);
    for (let from = 0; from < rows; from += 10_000) appendFileSync(path, `\n${lines(from)}`);
    assert.ok(statSync(path).size > 50e6);
    editor.updateSettings({ 'factorlens.iterations': 5, 'factorlens.restarts': 1, 'factorlens.solver': 'auto' });

    await editor.explorerItem('large.csv').waitFor();
    await factorize('large.csv', 2);
    const done = await seenWhen(frame(), isDone);
    assert.deepEqual([done.rows, done.columns], [rows, columns]);
    assert.equal(done.factors?.W.values.length, rows * 2);
    await editor.closeEditor();
    await editor.page.getByRole('button', { name: "Don't Save" }).click();
    await editor.tab('large.csv.factors.npz').waitFor({ state: 'detached' });
    rmSync(path);
  });

  it('keeps what there is when stopped, goes on from it, and loses nothing when the window is reloaded', async () => {
    editor.updateSettings({
      'factorlens.iterations': 200_000,
      'factorlens.restarts': 1,
      'factorlens.solver': 'ngd',
    });
    const result = 'temple.jpg.factors.npz';
    await factorize('temple.jpg', 5);
    await seenWhen(frame(), (state) => state.status === 'running' && pointsOf(state) > 20);
    await frame().getByRole('button', { name: 'Stop', exact: true }).click();
    const stopped = await seenWhen(frame(), isDone);
    assert.equal(stopped.restarts[0]?.stopReason, 'stopped');
    const reached = stopped.restarts[0]?.objective as number;
    const iterations = stopped.restarts[0]?.iteration.at(-1) as number;

    await frame().getByRole('button', { name: 'Continue', exact: true }).click();
    const further = await seenWhen(
      frame(),
      ({ status, restarts }) => status === 'running' && (restarts[0]?.iteration.at(-1) ?? 0) > iterations + 5,
    );
    const { iteration, trace } = further.restarts[0] as SeenState['restarts'][number];
    const at = iteration.indexOf(iterations);
    assert.ok(at > 0, 'the trace goes on from the iteration at which it was stopped');
    assert.ok(Math.abs((trace[at] as number) / reached - 1) < 1e-3, 'the objective does not jump');
    await frame().getByRole('button', { name: 'Stop', exact: true }).click();
    const kept = await seenWhen(frame(), isDone);

    await editor.reload();
    await editor.tab(result).waitFor();
    const restored = await seenWhen(frame(), isDone);
    assert.deepEqual(restored.factors, kept.factors);
    assert.deepEqual(restored.restarts, kept.restarts);
    assert.equal((await seen(frame())).error, undefined);
  });
});
