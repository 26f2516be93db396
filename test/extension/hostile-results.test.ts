import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { packZip } from '../../src/data/formats/zip';
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
    ['that unpacks to 236 MB of description, and that to gigabytes', () => deflated(300)],
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
      api.inspectors.openCustomDocument(fileOf('bomb.factors.npz', deflated(50)), opening),
      /compressed/,
    );
    assert.equal(document.session.running, true);
    document.session.stop();
    await document.session.settled();
    assert.equal(document.session.state.status, 'done');
  });
});

/** A part of a description that takes much when it is parsed. */
const part = Buffer.from('{},'.repeat(1 << 18));

/**
 * An archive whose description unpacks to so many parts, made without ever holding them: what is measured afterwards
 * must not hide behind what was freed.
 */
function deflated(parts: number): Uint8Array {
  const head = Buffer.from('{"restarts":[');
  const tail = Buffer.from('{}]}');
  const flushed = { finishFlush: constants.Z_FULL_FLUSH };
  const packedPart = deflateRawSync(part, flushed);
  const packed = Buffer.concat([
    deflateRawSync(head, flushed),
    ...Array.from({ length: parts }, () => packedPart),
    deflateRawSync(tail),
  ]);
  let crc = crc32(head);
  for (let index = 0; index < parts; index++) crc = crc32(part, crc);
  // An archive of a stand-in of the same length, whose bytes and sizes are then put in its place.
  const name = 'factorlens.json';
  const bytes = Buffer.from(packZip({ [name]: packed }));
  const entry = bytes.lastIndexOf(name) - 46;
  for (const [at, method, sum] of [
    [0, 8, 14],
    [entry, 10, 16],
  ] as const) {
    bytes.writeUInt16LE(8, at + method);
    bytes.writeUInt32LE(crc32(tail, crc), at + sum);
    bytes.writeUInt32LE(head.length + parts * part.length + tail.length, at + sum + 8);
  }
  return bytes;
}
