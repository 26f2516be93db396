import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import type { InspectorDocument } from '../../src/inspector/document';
import { SourceMissingError } from '../../src/inspector/sources';
import { fillIn, transformRows } from '../../src/inspector/uses';
import { activateFactorlens, closeAll, copyOf, until } from './editor';

const side = [...Array(12).keys()];
/** A table of rank one, so that what is missing can be known: entry i, j is (i + 1)·(j + 2). */
const entry = (i: number, j: number): number => (i + 1) * (j + 2);
const holes = new Set(['3,1', '5,4', '9,0']);
const header = ['name', ...side.slice(0, 5).map((j) => `c${j}`)];
const lines = (rows: readonly number[], missing: ReadonlySet<string>): string =>
  [
    header.join(','),
    ...rows.map((i) =>
      [`row${i}`, ...side.slice(0, 5).map((j) => (missing.has(`${i},${j}`) ? '' : entry(i, j)))].join(','),
    ),
  ].join('\n');

describe('Putting a result to use in the editor', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });

  afterEach(() => closeAll(api));

  it('fills in what is missing, keeps what was there and its labels', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const target = beside(source, 'filled.csv');
    assert.equal((await fillIn(document.session, target, api.worker)).filled, holes.size);
    const [first, ...rows] = cellsOf(target);
    assert.deepEqual(first?.slice(1), header.slice(1));
    rows.forEach((cells, i) => {
      assert.equal(cells[0], `row${i}`);
      cells.slice(1).forEach((cell, j) => {
        const tolerance = holes.has(`${i},${j}`) ? 0.02 * entry(i, j) : 0;
        assert.ok(Math.abs(Number(cell) - entry(i, j)) <= tolerance, `${i}, ${j}: ${cell} for ${entry(i, j)}`);
      });
    });
    assert.equal(rows.length, side.length);
  });

  it('fills in what is missing of weighted data, whose weights it reads again', async () => {
    const { document: unweighted, source } = await factorized(lines(side, holes));
    const weights = beside(source, 'weights.csv');
    // An entry without weight says nothing: it is filled in like one that is missing.
    const weightless = new Set(['1,2', '7,3']);
    const weight = (i: number, j: number): number => (weightless.has(`${i},${j}`) ? 0 : 1 + ((i + j) % 2));
    writeFileSync(weights.fsPath, side.map((i) => [0, 1, 2, 3, 4].map((j) => weight(i, j)).join(',')).join('\n'));
    const { description } = unweighted.session;
    const document = await api.inspectors.commission({ ...description, weights: weights.toString() });
    await document.session.settled();
    assert.equal(document.session.state.status, 'done', document.session.state.error);
    const target = beside(source, 'filled.csv');
    assert.equal((await fillIn(document.session, target, api.worker)).filled, holes.size + weightless.size);
    const [, ...rows] = cellsOf(target);
    for (const place of [...holes, ...weightless]) {
      const [i = 0, j = 0] = place.split(',').map(Number);
      const filled = Number(rows[i]?.[j + 1]);
      assert.ok(Math.abs(filled - entry(i, j)) <= 0.02 * entry(i, j), `${place}: ${filled} for ${entry(i, j)}`);
    }

    await vscode.workspace.fs.delete(weights);
    await assert.rejects(fillIn(document.session, beside(source, 'again.csv'), api.worker), (error: unknown) => {
      assert.ok(error instanceof SourceMissingError);
      assert.equal(error.uri.toString(), weights.toString());
      return true;
    });
  });

  it('says so where nothing is missing, and writes nothing', async () => {
    const { document, source } = await factorized(lines(side, new Set()));
    const target = beside(source, 'filled.csv');
    await assert.rejects(fillIn(document.session, target, api.worker), /Nothing is missing in digits\.csv/);
    assert.equal(existsSync(target.fsPath), false);
  });

  it('gives new rows a W that rebuilds them with H', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const rows = beside(source, 'new.csv');
    writeFileSync(rows.fsPath, lines([20, 3], new Set()));
    const target = beside(source, 'new.W.csv');
    const done = await transformRows(document.session, rows, target, api.worker);
    assert.equal(done.rows, 2);
    const H = document.session.factorization?.H ?? new Float32Array();
    const [, ...written] = cellsOf(target);
    assert.deepEqual(
      written.map(([label]) => label),
      ['row20', 'row3'],
    );
    [20, 3].forEach((i, at) => {
      const w = Number(written[at]?.[1]);
      H.forEach((h, j) => assert.ok(Math.abs(w * h - entry(i, j)) < 0.02 * entry(i, j), `${i}, ${j}: ${w * h}`));
    });
  });

  it('names the file and what it lacks where new rows do not fit', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const rows = beside(source, 'other.csv');
    writeFileSync(rows.fsPath, 'c0,c1\n1,2\n3,4\n');
    const target = beside(source, 'other.W.csv');
    await assert.rejects(transformRows(document.session, rows, target, api.worker), /other\.csv.*c2/);
    assert.equal(existsSync(target.fsPath), false);
  });

  it('never writes over the data', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const rows = beside(source, 'new.csv');
    const text = lines([1, 2], new Set());
    writeFileSync(rows.fsPath, text);
    await assert.rejects(fillIn(document.session, source, api.worker), /digits\.csv holds the data/);
    await assert.rejects(transformRows(document.session, rows, rows, api.worker), /new\.csv holds the data/);
    await assert.rejects(transformRows(document.session, rows, source, api.worker), /digits\.csv holds the data/);
    assert.equal(readFileSync(source.fsPath, 'utf8'), lines(side, holes));
    assert.equal(readFileSync(rows.fsPath, 'utf8'), text);
  });

  it('never writes over the data, the new rows or an open inspector by another name', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const rows = beside(source, 'new.csv');
    writeFileSync(rows.fsPath, lines([1, 2], new Set()));
    mkdirSync(beside(source, 'sub').fsPath);
    symlinkSync(source.fsPath, beside(source, 'soft.csv').fsPath);
    linkSync(source.fsPath, beside(source, 'hard.csv').fsPath);
    linkSync(rows.fsPath, beside(source, 'rows.csv').fsPath);
    for (const name of ['soft.csv', 'hard.csv']) {
      await assert.rejects(fillIn(document.session, beside(source, name), api.worker), /holds the data/, name);
      await assert.rejects(
        api.inspectors.saveCustomDocumentAs(document, beside(source, name)),
        /holds the data/,
        `Save As ${name}`,
      );
    }
    await assert.rejects(api.inspectors.saveCustomDocumentAs(document, source), /digits\.csv holds the data/);
    await assert.rejects(
      transformRows(document.session, rows, beside(source, 'rows.csv'), api.worker),
      /rows\.csv holds the data/,
    );
    const saved = beside(source, 'saved.factors.npz');
    await api.inspectors.saveCustomDocumentAs(document, saved);
    await vscode.commands.executeCommand('vscode.open', saved);
    await until('it is open', () => api.inspectors.open.some(({ uri }) => uri.toString() === saved.toString()));
    const before = readFileSync(saved.fsPath);
    await assert.rejects(fillIn(document.session, saved, api.worker), /saved\.factors\.npz is open in an inspector/);
    assert.deepEqual(readFileSync(saved.fsPath), before);
    assert.equal(readFileSync(source.fsPath, 'utf8'), lines(side, holes));
  });

  it('saves in one step: whoever looks meanwhile finds the old file or the new', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const saved = beside(source, 'large.factors.npz');
    const kept = document.session.factorization;
    assert.ok(kept);
    // Large enough that writing takes a while.
    const old = Buffer.alloc(40_000_000, 1);
    writeFileSync(saved.fsPath, old);
    const large = { ...kept, rows: 2_000_000, W: new Float32Array(2_000_000).map(Math.random) };
    delete large.rowLabels;
    await document.session.restore(large);
    const sizes = new Set<number>();
    let saving = true;
    const done = api.inspectors.saveCustomDocumentAs(document, saved).finally(() => (saving = false));
    while (saving) {
      sizes.add(readFileSync(saved.fsPath).length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await done;
    const { length } = readFileSync(saved.fsPath);
    assert.ok(length > 1_000_000 && length !== old.length);
    assert.deepEqual([...sizes].filter((size) => size !== old.length && size !== length), []); // prettier-ignore
    assert.ok(sizes.has(old.length));
    assert.deepEqual(readdirSync(beside(source, '.').fsPath).filter((name) => name.endsWith('.tmp')), []); // prettier-ignore
    await document.session.restore(kept);
  });

  it('names the place that cannot be written', async () => {
    const { document, source } = await factorized(lines(side, holes));
    writeFileSync(beside(source, 'file').fsPath, '');
    const target = vscode.Uri.joinPath(beside(source, 'file'), 'filled.csv');
    await assert.rejects(fillIn(document.session, target, api.worker), /filled\.csv could not be written/);
  });

  it('says when the data are gone or have changed', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const target = beside(source, 'filled.csv');
    writeFileSync(source.fsPath, lines(side, new Set(['0,0'])));
    await assert.rejects(fillIn(document.session, target, api.worker), /digits\.csv has changed/);
    await vscode.workspace.fs.delete(source);
    await assert.rejects(fillIn(document.session, target, api.worker), SourceMissingError);
    assert.equal(existsSync(target.fsPath), false);
  });

  it('can be given up, and then writes nothing', async () => {
    const { document, source } = await factorized(lines(side, holes));
    const target = beside(source, 'filled.csv');
    const cancellation = new vscode.CancellationTokenSource();
    const filling = fillIn(document.session, target, api.worker, cancellation.token);
    cancellation.cancel();
    // By name: the extension's bundle has a class of its own.
    await assert.rejects(filling, { name: 'JobCancelledError' });
    assert.equal(existsSync(target.fsPath), false);
  });

  it('waits for the end of a job that would change the factors', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, { restarts: 1, stopping: { iterations: 10_000_000, tolerance: 0 } });
    await until('there are factors', () => document.session.factorization !== undefined);
    const target = beside(source, 'filled.csv');
    await assert.rejects(
      fillIn(document.session, target, api.worker),
      /digits\.csv is still being factorized; stop it/,
    );
  });

  async function factorized(text: string): Promise<{ document: InspectorDocument; source: vscode.Uri }> {
    const source = copyOf('digits.csv');
    writeFileSync(source.fsPath, text);
    const document = await api.factorize(source, { rank: 1, restarts: 2 });
    await document.session.settled();
    assert.equal(document.session.state.status, 'done', document.session.state.error);
    return { document, source };
  }
});

function beside(source: vscode.Uri, name: string): vscode.Uri {
  return vscode.Uri.joinPath(source, '..', name);
}

function cellsOf(file: vscode.Uri): string[][] {
  return readFileSync(file.fsPath, 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
}
