import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { packZip } from '../../src/data/zip';
import { activateFactorlens, closeAll, copyOf, until, workspaceFolder } from './editor';

describe('Results that mean harm', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });

  afterEach(() => closeAll(api));

  const opening = { backupId: undefined, untitledDocumentData: undefined } as vscode.CustomDocumentOpenContext;

  function fileOf(name: string, bytes: Uint8Array): vscode.Uri {
    const file = join(mkdtempSync(join(workspaceFolder().fsPath, 'case-')), name);
    writeFileSync(file, bytes);
    return vscode.Uri.file(file);
  }

  for (const [kind, make] of [
    ['that unpacks to a gigabyte', () => deflated(1 << 30)],
    [
      'of millions of empty objects',
      () => packZip({ 'factorlens.json': Buffer.from(`{"restarts":[${'{},'.repeat(10_000_000)}{}]}`) }),
    ],
  ] as const) {
    it(`are refused without harm: one ${kind}`, async function () {
      this.timeout(120_000);
      const file = fileOf('bomb.factors.npz', make());
      assert.ok(statSync(file.fsPath).size < 40e6);
      let peak = 0;
      const before = process.memoryUsage.rss();
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage.rss() - before);
      }, 5);
      try {
        await assert.rejects(
          api.inspectors.openCustomDocument(file, opening),
          /^\w*Error: bomb\.factors\.npz: .*(compressed|more parts)/,
        );
        // As a person opens it: the editor shows the error in its tab, and no document is there.
        await vscode.commands.executeCommand('vscode.open', file).then(undefined, () => undefined);
      } finally {
        clearInterval(watch);
      }
      assert.deepEqual(api.inspectors.open, []);
      assert.ok(peak < 300e6, `the extension host grew by ${peak} bytes`);
    });
  }

  it('are refused while a job goes on computing', async () => {
    const document = await api.factorize(copyOf('digits.csv'), {
      restarts: 1,
      stopping: { iterations: 10_000_000, tolerance: 0 },
    });
    await until('there are factors', () => document.session.factorization !== undefined);
    await assert.rejects(
      api.inspectors.openCustomDocument(fileOf('bomb.factors.npz', deflated(1 << 26)), opening),
      /compressed/,
    );
    assert.equal(document.session.running, true);
    document.session.stop();
    await document.session.settled();
    assert.equal(document.session.state.status, 'done');
  });
});

/** An archive whose one array is so many zeros, compressed to a thousandth of that. */
function deflated(bytes: number): Uint8Array {
  return zipSync({ 'factorlens.json': Buffer.from('{}'), 'W.npy': new Uint8Array(bytes) }, { level: 6 });
}
