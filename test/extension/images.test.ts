import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { FactorlensApi } from '../../src/api';
import { jobOf } from '../../src/commands/factorize';
import type { ImageChoiceId } from '../../src/commands/images';
import type { MethodId } from '../../src/commands/methods';
import { kindOf } from '../../src/commands/targets';
import { activateFactorlens, closeAll, copyOf } from './editor';

describe('Factorizing images in the editor', () => {
  let api: FactorlensApi;

  before(async () => {
    api = await activateFactorlens();
  });

  afterEach(() => closeAll(api));

  // china.jpg has 640×427 pixels of three channels; more places than 20,000 are drawn from.
  const sizes: [ImageChoiceId, rows: number, columns: number][] = [
    ['gray', 427, 640],
    ['channels', 427, 3 * 640],
    ['patches', 20_000, 8 * 8 * 3],
  ];
  for (const [image, rows, columns] of sizes) {
    it(`reads one as ${image}`, async () => {
      assert.deepEqual(await shapeOf(copyOf('china.jpg'), image), [rows, columns]);
    });
  }

  it('reads a folder of them, an image a row', async () => {
    const source = copyOf('china.jpg');
    const folder = join(source.fsPath, '..', 'album');
    mkdirSync(folder);
    for (const name of ['a.jpg', 'b.JPG']) copyFileSync(source.fsPath, join(folder, name));
    assert.deepEqual(await shapeOf(vscode.Uri.file(folder), 'gray'), [2, 427 * 640]);
  });

  it('knows what can be factorized, and that a table is no image', async () => {
    const table = copyOf('digits.csv');
    assert.equal(await kindOf(table), 'table');
    assert.equal(await kindOf(vscode.Uri.joinPath(table, '..')), undefined);
    assert.equal(jobOf(table, 'table', { rank: 1, method: 'plain', image: 'patches' }).table, undefined);
  });

  it("takes a patch's mean away as the command line does, and nothing else's", () => {
    const photograph = copyOf('china.jpg');
    const centring = (method: MethodId, image: ImageChoiceId) =>
      jobOf(photograph, 'image', { rank: 1, method, image }).settings.preparation?.centre;
    assert.equal(centring('plain', 'patches'), 'rows');
    assert.equal(centring('sparse-coding', 'patches'), 'rows');
    assert.equal(centring('nmf', 'patches'), undefined);
    assert.equal(centring('pca', 'patches'), 'columns');
    assert.equal(centring('plain', 'gray'), undefined);
  });

  async function shapeOf(file: vscode.Uri, image: ImageChoiceId): Promise<(number | undefined)[]> {
    const kind = await kindOf(file);
    assert.equal(kind, 'image');
    const job = jobOf(file, kind, { rank: 1, method: 'plain', image });
    const settings = { ...job.settings, restarts: 1, stopping: { iterations: 3, tolerance: 0 } };
    const document = await api.inspectors.commission({ ...job, settings });
    await document.session.settled();
    const { state } = document.session;
    assert.equal(state.status, 'done', state.error);
    return [state.rows, state.columns];
  }
});
