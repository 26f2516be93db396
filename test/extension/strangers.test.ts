// Results whose names and addresses were written by someone who means harm.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { encodeFactorization } from '../../src/results/npz';
import type { Factorization } from '../../src/factorization/result';
import { exportTargets, writeFactors } from '../../src/inspector/export';
import type { InspectorDocument } from '../../src/inspector/document';
import { untitledUri } from '../../src/inspector/names';
import { fillIn } from '../../src/inspector/uses';
import { factorizationOf } from '../support/factorizations';
import { activateFactorlens, closeAll, until, workspaceFolder } from './editor';

const data = 'name,x,y\na,4,5\nb,8,\nc,12,15\n';

describe('A result from a stranger', () => {
  let api: FactorlensApi;
  /** A folder that is watched, with the result's folder two levels below. */
  let above: string;
  let folder: string;

  before(async () => {
    api = await activateFactorlens();
  });

  beforeEach(() => {
    above = mkdtempSync(join(workspaceFolder().fsPath, 'case-'));
    folder = join(above, 'some', 'where');
    mkdirSync(folder, { recursive: true });
  });

  afterEach(() => closeAll(api));

  const everything = (): string[] => readdirSync(above, { recursive: true, encoding: 'utf8' }).sort();

  async function opened(changes: Partial<Factorization>): Promise<InspectorDocument> {
    const file = vscode.Uri.file(join(folder, 'result.factors.npz'));
    writeFileSync(file.fsPath, encodeFactorization(factorizationOf(changes)));
    await vscode.commands.executeCommand('vscode.open', file);
    const found = (): InspectorDocument | undefined =>
      api.inspectors.open.find(({ uri }) => uri.toString() === file.toString());
    await until('the result is open', () => found() !== undefined);
    return found() as InspectorDocument;
  }

  const identity = factorizationOf().source;

  for (const name of ['../../../x', '..\\..\\..\\x', '/tmp/x', '..', 'x/../../../y', 'a\0b', 'con', 'x\u202egpj']) {
    it(`exports into the folder that is chosen: ${encodeURIComponent(name)}`, async () => {
      const document = await opened({ source: { ...identity, name } });
      const before = everything();
      const target = mkdtempSync(join(folder, 'export-'));
      const targets = exportTargets(document, vscode.Uri.file(target));
      await writeFactors(document, targets);
      for (const { fsPath } of [targets.W, targets.H]) assert.equal(dirname(fsPath), target);
      assert.equal(readdirSync(target).length, 2);
      const outside = everything().filter((path) => !path.includes('export-'));
      assert.deepEqual(outside, before);
    });
  }

  it('puts no link into a refusal to save, whichever way it is saved', async () => {
    const named = (name: string): vscode.Uri => vscode.Uri.file(join(folder, name));
    const source = named('[open](command:workbench.action.quit).csv');
    writeFileSync(source.fsPath, data);
    const document = await opened({ source: { ...identity, uri: source.toString() } });
    const plain = (error: Error): true => {
      assert.match(error.message, /\[open\] \(command:/);
      return true;
    };
    await assert.rejects(api.inspectors.saveCustomDocumentAs(document, source), plain);
    mkdirSync(named('[open](command:workbench.action.quit).factors.npz').fsPath);
    const taken = named('[open](command:workbench.action.quit).factors.npz');
    await assert.rejects(api.inspectors.saveCustomDocumentAs(document, taken), plain);
  });

  for (const uri of ['file:///a%00b', `file:///${'x'.repeat(5000)}`, 'file:///proc/self/mem/x', 'file://server/x']) {
    it(`is saved and exported whatever address its data have: ${uri.slice(0, 40)}`, async () => {
      const document = await opened({ source: { ...identity, uri }, weights: { ...identity, uri } });
      await api.inspectors.saveCustomDocumentAs(document, vscode.Uri.file(join(folder, 'copy.factors.npz')));
      await writeFactors(document, exportTargets(document, vscode.Uri.file(folder)));
      assert.deepEqual(readdirSync(folder).filter((name) => /copy|csv/.test(name)).length, 3);
    });
  }

  it('is saved beside the data whatever address they have', async () => {
    const strange = vscode.Uri.file(folder).with({ path: `${folder}/..\\..\\x\u202e:y.csv` });
    const suggested = await untitledUri(strange, () => false);
    assert.equal(dirname(suggested.fsPath), folder);
    assert.doesNotMatch(suggested.path, /[\\\u202e]/);
  });

  it('is continued from data that lie beside it, or in the workspace', async () => {
    writeFileSync(join(above, 'small.csv'), data);
    const document = await opened({ source: { ...identity, uri: `file://${folder}/../../small.csv` } });
    await document.session.continue();
    // The data are not those of this result, which only reading them can tell.
    assert.match(document.session.state.error ?? '', /small\.csv has changed/);
  });

  const outside = mkdtempSync(join(tmpdir(), 'factorlens-outside-'));
  writeFileSync(join(outside, 'secret.csv'), data);
  const addresses: [what: string, uri: () => string][] = [
    ['a file elsewhere', () => vscode.Uri.file(join(outside, 'secret.csv')).toString()],
    ['a path that climbs', () => `file://${folder}/${'../'.repeat(folder.split('/').length)}${outside}/secret.csv`],
    ['the same, encoded', () => `file://${folder}/${'%2e%2e/'.repeat(folder.split('/').length)}${outside}/secret.csv`],
    ['a share of another machine', () => 'file://server.example/share/secret.csv'],
    ['the web', () => 'https://server.example/secret.csv'],
    ['another remote', () => 'vscode-remote://ssh-remote+server/secret.csv'],
    ['a link that leads out', () => link()],
  ];
  const link = (): string => {
    const path = join(folder, 'inside.csv');
    symlinkSync(join(outside, 'secret.csv'), path);
    return vscode.Uri.file(path).toString();
  };
  for (const [what, uri] of addresses) {
    for (const part of ['source', 'weights'] as const) {
      it(`is not continued unasked where its ${part} is ${what}`, async () => {
        writeFileSync(join(folder, 'small.csv'), data);
        const beside = { ...identity, uri: vscode.Uri.file(join(folder, 'small.csv')).toString() };
        const document = await opened({ source: beside, [part]: { ...identity, uri: uri() } });
        await document.session.continue();
        // Where tests run the editor refuses to ask, and tells so.
        assert.match(document.session.state.error ?? '', /dialog/i);
        await document.session.retry();
        assert.match(document.session.state.error ?? '', /dialog/i);
        const target = vscode.Uri.file(join(folder, 'filled.csv'));
        await assert.rejects(fillIn(document.session, target, api.worker), /dialog/i);
      });
    }
  }

  for (const uri of [
    '\\\\server\\share\\x.csv',
    'C:relative',
    'no address',
    'file:////server/share',
    'file:///a%00b',
    '',
  ]) {
    it(`is shown, and says so when its data are needed, where their address is none: ${uri}`, async () => {
      const document = await opened({ source: { ...identity, uri } });
      assert.equal(document.session.state.status, 'done');
      await document.session.continue();
      assert.match(document.session.state.error ?? '', /which is no address; choose Factorize…|dialog/i);
    });
  }

  it('is looked for beside itself under a name that leads nowhere else', async () => {
    writeFileSync(join(above, 'secret.csv'), data);
    const { uri: _uri, ...source } = identity;
    const document = await opened({ source: { ...source, name: '../../secret.csv' } });
    await document.session.continue();
    assert.match(document.session.state.error ?? '', /some\/where\/secret\.csv is not there any more/);
  });
});
