// What a result from a stranger makes of the command line.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useResult } from '../../../src/cli/use';
import { encodeFactorization } from '../../../src/results/npz';
import { factorizationOf } from '../../support/factorizations';
import { temporaryFolder } from '../worker/support/build';

describe('the command line and a result from a stranger', () => {
  let folder: string;
  let told: string;
  const write = process.stderr.write.bind(process.stderr);

  beforeEach(async () => {
    folder = await temporaryFolder();
    told = '';
    process.stderr.write = (text: string | Uint8Array) => {
      told += String(text);
      return true;
    };
  });
  afterEach(async () => {
    process.stderr.write = write;
    await rm(folder, { recursive: true, force: true });
  });

  for (const name of ['..', '.', '', '../secret.csv', '/etc/hostname', 'x\u001b]0;title\u0007\u202e\u061c.csv']) {
    it(`looks for its data nowhere else: ${encodeURIComponent(name)}`, async () => {
      const inner = join(folder, 'inner');
      await mkdir(inner);
      await writeFile(join(folder, 'secret.csv'), 'x,y\n1,2\n');
      await writeFile(join(inner, 'secret.csv'), 'x,y\n1,2\n');
      const result = join(inner, 'r.factors.npz');
      const { uri: _uri, ...source } = factorizationOf().source;
      await writeFile(result, encodeFactorization(factorizationOf({ source: { ...source, name } })));
      const uses = [{ use: { kind: 'anomalies' as const } }];
      // No worker is needed for what must fail before there is one.
      await useResult(
        { kind: 'use', result, uses, transform: false, quiet: true, json: false },
        { workerPath: '/none' },
      );
      assert.match(told, /does not lie beside it; name the data with --data FILE\.\n$/);
      assert.doesNotMatch(told.slice(0, -1), /[\p{Cc}\p{Bidi_Control}]/u);
    });
  }

  for (const uri of [
    'file://server.example/share/x.csv',
    'file:///a%2Fb',
    'file:///a%00b',
    'file:///' + 'x'.repeat(5000),
  ]) {
    it(`is used whatever address its data have: ${uri.slice(0, 40)}`, async () => {
      const result = join(folder, 'r.factors.npz');
      const source = { ...factorizationOf().source, uri };
      await writeFile(result, encodeFactorization(factorizationOf({ source, weights: source })));
      const out = join(folder, 'whole.csv');
      const uses = [{ use: { kind: 'reconstruct' as const }, out }];
      await useResult(
        { kind: 'use', result, uses, transform: false, quiet: true, json: false },
        { workerPath: '/none/worker.js' },
      );
      // It comes as far as the worker, of which there is none here.
      assert.match(told, /computing process/);
    });
  }
});
