import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { decodeFactorization } from '../../src/results/npz';
import type { Factorization } from '../../src/factorization/result';
import { exportTargets, writeFactors } from '../../src/inspector/export';
import type { InspectorDocument } from '../../src/inspector/document';
import { activateFactorlens, closeAll, closeWithoutSaving, copyOf, until } from './editor';

const quick = { restarts: 2, stopping: { iterations: 60, tolerance: 0 } };
/** Runs until it is stopped. */
const endless = { restarts: 1, stopping: { iterations: 10_000_000, tolerance: 0 } };

describe('Factorizing in the editor', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });

  afterEach(() => closeAll(api));

  it('opens an inspector beside the source and reaches a result', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, quick);
    assert.equal(document.uri.scheme, 'untitled');
    assert.equal(document.uri.path, `${source.path}.factors.npz`);
    await document.session.settled();
    const { state, factorization } = document.session;
    assert.equal(state.status, 'done', state.error);
    assert.equal(state.rows, 1797);
    assert.equal(state.columns, 64);
    assert.equal(factorization?.W.length, 1797 * 10);
    assert.equal(state.restarts.length, 2);
    assert.equal(api.inspectors.active, document);
  });

  it('marks the document dirty once there are factors, not before', async () => {
    const document = await api.factorize(copyOf('digits.csv'), endless);
    const tab = (): vscode.Tab | undefined => vscode.window.tabGroups.activeTabGroup.activeTab;
    await until('the job runs', () => document.session.state.status === 'running');
    await until('the tab is dirty', () => tab()?.isDirty === true);
    assert.ok(document.session.factorization);
  });

  it('saves while it runs, and the job moves into the saved document', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, endless);
    await until('there are factors', () => document.session.factorization !== undefined);
    const target = await saveAs(document, `${source.path}.factors.npz`);
    const moved = await documentAt(target);
    assert.equal(moved.session, document.session);
    assert.equal(moved.session.running, true);
    assert.ok((read(target).restarts[0]?.iterations ?? 0) > 0);
    moved.session.stop();
    await moved.session.settled();
    assert.equal(moved.session.state.status, 'done');
  });

  it('keeps the job when the old document is disposed of while the one that replaces it opens', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, endless);
    await until('there are factors', () => document.session.factorization !== undefined);
    const target = vscode.Uri.file(`${source.fsPath}.factors.npz`);
    await api.inspectors.saveCustomDocumentAs(document, target);
    const opening = api.inspectors.openCustomDocument(target, openContext());
    document.dispose();
    const moved = await opening;
    assert.equal(moved.session, document.session);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(moved.session.running, true);
    moved.dispose();
    await moved.session.settled();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('shows equal numbers after saving, closing and opening again', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, quick);
    await document.session.settled();
    const before = document.session.factorization;
    assert.ok(before);
    const target = await saveAs(document, `${source.path}.factors.npz`);
    await closeWithoutSaving(api, await documentAt(target));
    await vscode.commands.executeCommand('vscode.open', target);
    const reopened = await documentAt(target);
    assert.deepEqual(reopened.session.factorization?.W, before.W);
    assert.deepEqual(reopened.session.factorization?.H, before.H);
    assert.deepEqual(reopened.session.factorization?.restarts, before.restarts);
    assert.equal(reopened.session.state.can.continue, true);
  });

  it('exports W and H with their labels', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, { ...quick, rank: 3 });
    await document.session.settled();
    const targets = exportTargets(document, vscode.Uri.joinPath(source, '..'));
    await writeFactors(document, targets);
    const [W, H] = [targets.W, targets.H].map((target) => readFileSync(target.fsPath, 'utf8').trim().split(/\r?\n/));
    assert.equal(W?.length, 1798);
    assert.equal(H?.length, 4);
    const firstRow = W?.[1]?.split(',').slice(-3).map(Number);
    assert.deepEqual(firstRow?.map(Math.fround), [...(document.session.factorization?.W.slice(0, 3) ?? [])]);
  });

  it('stops with what there is, and continues without a jump of the objective', async () => {
    const document = await api.factorize(copyOf('digits.csv'), {
      ...endless,
      solver: { id: 'ngd', rate: 0.05, schedule: 'inverse-sqrt', stepLength: 'relative' },
    });
    await until('its steps have become short', () => iterationsOf(document) > 500);
    document.session.stop();
    await document.session.settled();
    const stopped = document.session.factorization;
    assert.ok(stopped);
    assert.equal(stopped.restarts[0]?.stopReason, 'stopped');

    void document.session.continue();
    await until('it goes on', () => iterationsOf(document) > (stopped.restarts[0]?.iterations ?? Infinity) + 20);
    document.session.stop();
    await document.session.settled();
    const trace = document.session.factorization?.restarts[0]?.trace;
    assert.ok(trace);
    const seam = trace.iteration.findIndex((iteration) => iteration > (stopped.restarts[0]?.iterations ?? 0));
    const [before, after] = [trace.objective[seam - 1] ?? NaN, trace.objective[seam] ?? NaN];
    assert.ok(Math.abs(after - before) / before < 0.01, `from ${before} to ${after}`);
    assert.ok(
      trace.iteration.every((iteration, index) => index === 0 || iteration > (trace.iteration[index - 1] ?? 0)),
    );
  });

  it('tells what is wrong with bad data, keeps nothing and is not dirty', async () => {
    const source = copyOf('digits.csv');
    writeFileSync(source.fsPath, 'name,colour\nann,red\nbob,blue\n');
    const document = await api.factorize(source, quick);
    await document.session.settled();
    assert.equal(document.session.state.status, 'failed');
    assert.match(document.session.state.error ?? '', /digits\.csv/);
    assert.equal(document.session.factorization, undefined);
    assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab?.isDirty, false);
    assert.equal(document.session.state.can.retry, true);
  });

  it('refuses a file that is no factorization, naming it, and opens nothing half-way', async () => {
    const source = copyOf('digits.csv');
    const bad = vscode.Uri.file(`${source.fsPath}.factors.npz`);
    writeFileSync(bad.fsPath, 'not a zip');
    await assert.rejects(api.inspectors.openCustomDocument(bad, openContext()), /digits\.csv\.factors\.npz/);
    assert.equal(api.inspectors.open.length, 0);
  });

  it('survives the death of its worker: it tells, keeps the checkpoint, and the next job works', async () => {
    const document = await api.factorize(copyOf('digits.csv'), endless);
    await until('there are factors', () => document.session.factorization !== undefined);
    process.kill(workerPid(), 'SIGKILL');
    await document.session.settled();
    assert.equal(document.session.state.status, 'failed');
    assert.match(document.session.state.error ?? '', /The system ended the computing process/);
    assert.equal(document.session.state.can.continue, true);
    const next = await api.factorize(copyOf('digits.csv'), quick);
    await next.session.settled();
    assert.equal(next.session.state.status, 'done', next.session.state.error);
  });

  it('finishes the jobs that wait when the worker dies under the one that runs', async () => {
    const first = await api.factorize(copyOf('digits.csv'), endless);
    await until('there are factors', () => first.session.factorization !== undefined);
    const waiting: InspectorDocument[] = [];
    for (let count = 0; count < 3; count++) waiting.push(await api.factorize(copyOf('digits.csv'), quick));
    await until('they wait in order', () =>
      waiting.every(({ session }, index) => session.state.queuePosition === index + 1),
    );
    process.kill(workerPid(), 'SIGKILL');
    await Promise.all([first, ...waiting].map(({ session }) => session.settled()));
    assert.equal(first.session.state.status, 'failed');
    assert.equal(first.session.state.can.continue, true);
    assert.deepEqual(
      waiting.map(({ session }) => session.state.error ?? session.state.status),
      ['done', 'done', 'done'],
    );
  });

  it('backs a running job up, and opens the backup as a result that can be continued', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, endless);
    await until('there are factors', () => document.session.factorization !== undefined);
    const backup = await api.inspectors.backupCustomDocument(document);
    const file = vscode.Uri.parse(backup.id, true);
    const newer = await api.inspectors.backupCustomDocument(document);
    const iterations = iterationsOf(document);
    // As VS Code does once it has a newer one.
    backup.delete();
    assert.equal(newer.id, backup.id);
    assert.ok(exists(file), 'the newer backup is kept');

    // A window that goes closes nothing, so its backups stay; and it may not have noted the backup's name.
    const content = await vscode.workspace.fs.readFile(file);
    await closeWithoutSaving(api, document);
    await until('the backup of what was closed is removed', () => !exists(file));
    for (const backupId of [newer.id, undefined]) {
      await vscode.workspace.fs.writeFile(file, content);
      const restored = await api.inspectors.openCustomDocument(document.uri, { ...openContext(), backupId });
      assert.equal(restored.session.state.status, 'done');
      const restoredIterations = restored.session.factorization?.restarts[0]?.iterations ?? 0;
      assert.ok(restoredIterations > 0 && restoredIterations <= iterations + 1e6);
      assert.equal(restored.session.state.can.continue, true);
      assert.equal(restored.session.description.source, source.toString());
      restored.dispose();
      await until('the backup is removed', () => !exists(file));
    }
  });

  it('keeps a whole backup when several are written at once', async () => {
    const document = await api.factorize(copyOf('digits.csv'), quick);
    await document.session.settled();
    const backups = await Promise.all([1, 2, 3, 4].map(() => api.inspectors.backupCustomDocument(document)));
    assert.equal(new Set(backups.map(({ id }) => id)).size, 1);
    const file = vscode.Uri.parse(backups[0]?.id ?? '', true);
    const kept = decodeFactorization(await vscode.workspace.fs.readFile(file), 'backup');
    assert.deepEqual(kept.W, document.session.factorization?.W);
  });

  it('leaves no backup of a document that is closed while one is being made', async () => {
    const document = await api.factorize(copyOf('digits.csv'), endless);
    await until('there are factors', () => document.session.factorization !== undefined);
    const file = vscode.Uri.parse((await api.inspectors.backupCustomDocument(document)).id, true);
    const unfinished = [1, 2, 3].map(() => api.inspectors.backupCustomDocument(document));
    await closeWithoutSaving(api, document);
    await Promise.allSettled(unfinished);
    await until('the backup is removed', () => !exists(file));
    // Nothing that was under way brings it back.
    await api.inspectors.backupCustomDocument(document).then(
      () => assert.fail('a closed document was backed up'),
      (error: unknown) => assert.ok(error instanceof vscode.CancellationError),
    );
    assert.equal(exists(file), false);
  });

  it('gives a running job up when its inspector is closed', async () => {
    const document = await api.factorize(copyOf('digits.csv'), endless);
    await until('the job runs', () => document.session.state.status === 'running');
    await closeWithoutSaving(api, document);
    await document.session.settled();
    assert.equal(document.session.running, false);
  });

  it('queues jobs, and numbers inspectors of the same file', async () => {
    const source = copyOf('digits.csv');
    const first = await api.factorize(source, endless);
    await until('the job runs', () => first.session.state.status === 'running');
    const second = await api.factorize(source, quick);
    await until('the second waits', () => second.session.state.queuePosition === 1);
    assert.equal(second.uri.path, `${source.path}-2.factors.npz`);
    first.session.stop();
    await second.session.settled();
    assert.equal(second.session.state.status, 'done');
  });

  it('factorizes an image', async () => {
    const document = await api.factorize(copyOf('china.jpg'), quick);
    await document.session.settled();
    const { state } = document.session;
    assert.equal(state.status, 'done', state.error);
    assert.deepEqual([state.rows, state.columns], [427, 640]);
  });

  it('asks for the file when it is gone, and keeps the result', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, quick);
    await document.session.settled();
    await vscode.workspace.fs.delete(source);
    await document.session.continue();
    assert.equal(document.session.state.status, 'failed');
    assert.match(document.session.state.error ?? '', /digits\.csv is not there any more/);
    assert.ok(document.session.factorization);
  });

  it('chooses the rank by the data when it is asked to', async () => {
    const source = copyOf('digits.csv');
    // Rank two and a little that no rank explains.
    const side = [...Array(30).keys()];
    const entry = (i: number, j: number): number =>
      Math.sin(i) * Math.cos(2 * j) + 3 * Math.cos(i * i) * Math.sin(j * j) + 0.05 * Math.sin(i * j * 12.9898);
    const table = side.map((i) => side.map((j) => entry(i, j)).join(','));
    writeFileSync(source.fsPath, [side.map((j) => `c${j}`).join(','), ...table].join('\n'));
    const rankSearch = { folds: 3, fraction: 0.1, most: 5 };
    const document = await api.factorize(source, { ...quick, rank: 1, rankSearch });
    await document.session.settled();
    const { state, factorization } = document.session;
    assert.equal(state.status, 'done', state.error);
    assert.deepEqual([state.rank, factorization?.rank], [2, 2]);
    assert.ok((factorization?.rankCurve?.length ?? 0) >= 3);
  });

  it('does not continue with data that have changed', async () => {
    const source = copyOf('digits.csv');
    const document = await api.factorize(source, quick);
    await document.session.settled();
    const text = readFileSync(source.fsPath, 'utf8');
    writeFileSync(source.fsPath, text.replace(/\d\n$/, '9\n').replace(/\n$/, '\n\n'));
    await document.session.continue();
    assert.match(document.session.state.error ?? '', /has changed/);
    assert.ok(document.session.factorization);
  });

  it('gives the same numbers for the same seed', async () => {
    const source = copyOf('digits.csv');
    const results: Factorization[] = [];
    for (let time = 0; time < 2; time++) {
      const document = await api.factorize(source, quick);
      await document.session.settled();
      assert.ok(document.session.factorization);
      results.push(document.session.factorization);
    }
    assert.deepEqual(results[0]?.W, results[1]?.W);
    assert.deepEqual(results[0]?.H, results[1]?.H);
  });

  function iterationsOf(document: InspectorDocument): number {
    return document.session.state.restarts[0]?.trace.iteration.at(-1) ?? 0;
  }

  /** As *Save As* does after its dialog: the document is written, and an editor of the new file takes its place. */
  async function saveAs(document: InspectorDocument, path: string): Promise<vscode.Uri> {
    const target = vscode.Uri.file(path);
    await api.inspectors.saveCustomDocumentAs(document, target);
    await vscode.commands.executeCommand('vscode.open', target);
    await documentAt(target);
    await closeWithoutSaving(api, document);
    return target;
  }

  async function documentAt(uri: vscode.Uri): Promise<InspectorDocument> {
    const find = (): InspectorDocument | undefined =>
      api.inspectors.open.find((document) => document.uri.toString() === uri.toString());
    await until(`${uri.path} is open`, () => find() !== undefined);
    const document = find();
    assert.ok(document);
    return document;
  }
});

function read(uri: vscode.Uri): Factorization {
  return decodeFactorization(readFileSync(uri.fsPath), uri.fsPath);
}

function openContext(): vscode.CustomDocumentOpenContext {
  return { backupId: undefined, untitledDocumentData: undefined };
}

function exists(uri: vscode.Uri): boolean {
  return statSync(uri.fsPath, { throwIfNoEntry: false }) !== undefined;
}

/** The worker is a child of this very process, the extension host. */
function workerPid(): number {
  const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split(
    '\n',
  );
  const line = lines.find((text) => text.includes('worker.js'));
  assert.ok(line, `no worker among ${lines.join('; ')}`);
  return Number(line.trim().split(' ')[0]);
}
