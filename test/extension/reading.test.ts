import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { jobOf } from '../../src/commands/factorize';
import { fileFilters, isFactorizable, kindOf } from '../../src/commands/targets';
import type { InspectorDocument } from '../../src/inspector/document';
import { defaultText } from '../../src/data/text/options';
import { activateFactorlens, closeAll, copyOf, until } from './editor';

const quick = { restarts: 1, stopping: { iterations: 20, tolerance: 0 } };

describe('What a file is read as', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });
  afterEach(() => closeAll(api));

  function fileOf(name: string, content: string | Uint8Array): vscode.Uri {
    const uri = vscode.Uri.joinPath(copyOf('digits.csv'), '..', name);
    writeFileSync(uri.fsPath, content);
    return uri;
  }

  it('is text where that was chosen, of a table as of lines', async () => {
    const prose = fileOf('prose.txt', 'a whale sang\na ship sank\nthe whale and the ship\n'.repeat(5));
    const document = await api.inspectors.commission({
      ...jobOf(prose, 'table', { rank: 2, method: 'topics', text: defaultText }),
    });
    await document.session.settled();
    assert.equal(document.session.state.error, undefined);
    assert.equal(document.session.state.reading?.kind, 'text');
    assert.equal(document.session.state.rows, 15);
  });

  it('is asked about in words of the editor, which has no options of a command line', async () => {
    const table = fileOf('words.csv', 'name,text\na,some words\nb,other words\n');
    const document = await api.factorize(table, quick);
    await document.session.settled();
    const { error } = document.session.state;
    assert.match(error ?? '', /no column holds numbers.*or read it as text\.$/);
    assert.doesNotMatch(error ?? '', /--/);
  });

  it('takes the encoding that the user has set for such files', async () => {
    const configuration = vscode.workspace.getConfiguration('files');
    // ż in ISO 8859-2, which is another sign in Windows-1252.
    const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0xbf]), Buffer.from(',b\n1,2\n3,4\n5,6\n')]);
    const table = fileOf('latin.csv', bytes);
    await configuration.update('encoding', 'iso88592', vscode.ConfigurationTarget.Global);
    try {
      const job = jobOf(table, 'table', { rank: 1, method: 'plain' });
      assert.equal(job.table?.encoding, 'iso-8859-2');
      const document = await api.inspectors.commission(job);
      await document.session.settled();
      assert.deepEqual(document.session.factorization?.columnLabels, ['aż', 'b']);
      await configuration.update('encoding', 'utf8', vscode.ConfigurationTarget.Global);
      assert.equal(jobOf(table, 'table', { rank: 1, method: 'plain' }).table, undefined);
    } finally {
      await configuration.update('encoding', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('can be changed as the file advises, in an inspector of its own', async () => {
    const lines = Array.from({ length: 40 }, (_, k) => `${k % 8},${(k * 3) % 5},${k % 4}`);
    const table = fileOf('rates.csv', ['userId,movieId,rating', ...lines].join('\n'));
    const document = await api.factorize(table, { ...quick, rank: 1 });
    await document.session.settled();
    const { advice, warnings } = document.session.state;
    const [first] = advice ?? [];
    assert.ok(first, 'there is advice');
    assert.equal(first.action, 'Read as userId × movieId');
    assert.ok(warnings.includes(first.text), 'it is one of the warnings');
    assert.doesNotMatch(first.text, /--/);
    const job = document.session.adviceAt(0);
    assert.deepEqual(job?.table?.long, { row: 'userId', column: 'movieId', value: 'rating' });
    assert.equal(document.session.adviceAt(7), undefined);
    assert.ok(job);
    const other = await api.inspectors.commission(job);
    await other.session.settled();
    assert.equal(other.session.state.error, undefined);
    assert.deepEqual([other.session.state.rows, other.session.state.reading?.kind], [8, 'long']);
    assert.notEqual(other.uri.toString(), document.uri.toString());
  });

  it('can be changed as the file advises when its result is opened again, while the file is there', async () => {
    const lines = Array.from({ length: 40 }, (_, k) => `${k % 8},${(k * 3) % 5},${k % 4}`);
    const table = fileOf('rates.csv', ['userId,movieId,rating', ...lines].join('\n'));
    const document = await api.factorize(table, { ...quick, rank: 1 });
    await document.session.settled();
    const target = vscode.Uri.joinPath(table, '..', 'rates.factors.npz');
    await api.inspectors.saveCustomDocumentAs(document, target);
    await closeAll(api);
    const opened = async (): Promise<InspectorDocument> => {
      await vscode.commands.executeCommand('vscode.open', target);
      const found = (): InspectorDocument | undefined =>
        api.inspectors.open.find(({ uri }) => uri.toString() === target.toString());
      await until('the result is open', () => found() !== undefined);
      return found() as InspectorDocument;
    };
    const { session } = await opened();
    assert.equal(session.state.advice?.[0]?.action, 'Read as userId × movieId');
    const job = session.adviceAt(0);
    assert.ok(job);
    const other = await api.inspectors.commission(job);
    await other.session.settled();
    assert.deepEqual([other.session.state.rows, other.session.state.reading?.kind], [8, 'long']);
    await closeAll(api);
    rmSync(table.fsPath);
    assert.equal((await opened()).session.state.advice, undefined);
  });

  it('has the terms that the settings keep', async () => {
    const configuration = vscode.workspace.getConfiguration('factorlens');
    const prose = fileOf('terms.txt', 'whale ship\nwhale sea\nwhale ship captain\n');
    const terms = async (): Promise<string[] | undefined> => {
      const document = await api.inspectors.commission(
        jobOf(prose, 'table', { rank: 1, method: 'topics', text: defaultText }),
      );
      await document.session.settled();
      assert.equal(document.session.state.error, undefined);
      return document.session.factorization?.columnLabels;
    };
    // Of three documents the whale is in all, the ship in two.
    assert.deepEqual(await terms(), ['ship']);
    const set = async (name: string, value: unknown): Promise<void> =>
      configuration.update(name, value, vscode.ConfigurationTarget.Global);
    try {
      await set('text.maximum', 1);
      assert.deepEqual(await terms(), ['ship', 'whale']);
      await set('text.minimum', 1);
      assert.deepEqual(await terms(), ['captain', 'sea', 'ship', 'whale']);
      await set('text.minimum', 'many');
      assert.throws(
        () => jobOf(prose, 'table', { rank: 1, method: 'topics', text: defaultText }),
        /The setting factorlens\.text\.minimum must be a number of at least 0, and is "many"/,
      );
    } finally {
      for (const name of ['text.maximum', 'text.minimum']) await set(name, undefined);
    }
    const kept = { minimum: defaultText.minimum, maximum: defaultText.maximum, stopWords: defaultText.stopWords };
    assert.deepEqual(jobOf(prose, 'texts', { rank: 1, method: 'topics' }).table?.text, kept);
    assert.deepEqual(jobOf(prose, 'lines', { rank: 1, method: 'topics' }).table?.text, kept);
  });

  it('is found by its ending in any case, packed or not, and dialogs show it', async () => {
    for (const name of ['a.CSV', 'a.csv.gz', 'a.npy', 'a.MTX', 'a.tsv', 'a.PNG', 'a.JSONL']) {
      const uri = vscode.Uri.file(join('/nowhere', name));
      assert.ok(isFactorizable(uri), name);
      const ending = name.slice(name.lastIndexOf('.') + 1);
      assert.ok(fileFilters['Tables and images'].includes(ending), `a dialog shows ${name}`);
    }
    assert.equal(await kindOf(vscode.Uri.file('/nowhere/a.jsonl.gz')), 'lines');
    assert.equal(await kindOf(vscode.Uri.file('/nowhere/a.csv.gz')), 'table');
  });
});

describe('A result', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });
  afterEach(() => closeAll(api));

  it('can be saved until it is, and then no more', async () => {
    const source = copyOf('penguins.csv');
    const document = await api.factorize(source, { ...quick, rank: 2 });
    await document.session.settled();
    assert.equal(document.session.state.can.save, true);
    const target = vscode.Uri.file(`${source.fsPath}.factors.npz`);
    await api.inspectors.saveCustomDocumentAs(document, target);
    assert.equal(document.session.state.can.save, false);
  });

  it('has no figure rounded up to the whole, and the time that was waited for', async () => {
    const document = await api.factorize(copyOf('penguins.csv'), { ...quick, rank: 2 });
    await document.session.settled();
    const { state, factorization } = document.session;
    assert.equal(state.elapsed, factorization?.timing.total);
  });

  it('saved under another name stays in an inspector, which is told', async () => {
    const source = copyOf('penguins.csv');
    const document = await api.factorize(source, { ...quick, rank: 2 });
    await document.session.settled();
    const target = vscode.Uri.file(`${source.fsPath}.other.npz`);
    await api.inspectors.saveCustomDocumentAs(document, target);
    // What the editor does next with a name that it knows no editor for.
    await vscode.commands.executeCommand('vscode.open', target);
    const tabs = (): vscode.Tab[] =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ label }) => label.startsWith('penguins.csv.other'));
    await until('an inspector shows it, and nothing else', () => {
      const [tab, ...more] = tabs();
      return more.length === 0 && tab?.input instanceof vscode.TabInputCustom;
    });
    const opened = api.inspectors.open.find(({ uri }) => uri.toString() === target.toString());
    assert.equal(opened?.session, document.session);
  });
});
