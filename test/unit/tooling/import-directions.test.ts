import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { importDirections, rooms } from '../../../scripts/lint/import-directions.mjs';
import { repository } from '../../support/repository';

/** What the rule says of `code` as the file at `path`. */
function messagesOf(path: string, code: string, root = repository): Linter.LintMessage[] {
  const messages = new Linter({ cwd: root }).verify(
    code,
    {
      files: ['**/*.ts'],
      plugins: { factorlens: { rules: { 'import-directions': importDirections } } },
      languageOptions: { parser: tseslint.parser },
      rules: { 'factorlens/import-directions': ['error', { root }] },
    },
    join(root, path),
  );
  for (const { fatal, message } of messages) assert.ok(fatal !== true, message);
  return messages;
}

/** The ids of the messages that `code` gets as the file at `path`. */
const lint = (path: string, code: string): (string | undefined)[] =>
  messagesOf(path, code).map(({ messageId }) => messageId);

describe('the import directions', () => {
  const forbidden: [path: string, code: string][] = [
    ['src/engine/new.ts', "import { factorize } from '../factorization/factorize';"],
    ['src/engine/ops/elementwise.ts', "import type { Dataset } from '../../data/dataset';"],
    ['src/factorization/factorize.ts', "import { readCsv } from '../data/csv';"],
    ['src/factorization/solvers/solver.ts', "import { main } from '../../worker/main';"],
    ['src/data/table/csv.ts', "import { queue } from '../../worker/queue';"],
    ['src/data/table/csv.ts', "import type { Factorization } from '../../factorization/result';"],
    ['src/data/new.ts', "import type { Node } from '../engine';"],
    ['src/factorization/model.ts', "import type { FactorizeParams } from '../protocol/worker';"],
    ['src/factorization/model.ts', "import { readFactorsFile } from '../results/read-factors';"],
    ['src/results/npz.ts', "import type { JobReference } from '../protocol/worker';"],
    ['src/inspector/page.ts', "import { showLog } from '../commands/inspector';"],
    ['src/extension.ts', "import { matrix } from './engine';"],
    ['src/extension.ts', "import type { Node } from './engine';"],
    ['src/commands/factorize.ts', "const { factorize } = await import('../factorization/../engine');"],
    ['src/inspector/provider.ts', "const engine = require('../engine');"],
    ['src/inspector/provider.ts', "export { matrix } from '../engine';"],
    ['src/inspector/provider.ts', "export * from '../engine';"],
    ['src/inspector/provider.ts', "let node: import('../engine').Node;"],
    ['src/cli.ts', "import { matrix } from './engine';"],
    ['src/protocol/worker.ts', "import { run } from '../worker/client';"],
    ['webview/inspector.ts', "import { WorkerClient } from '../src/worker/client';"],
    ['src/worker/client.ts', "import { runJob } from './jobs';"],
    ['src/worker/main.ts', "import { openEditor } from '../../test/support/editor';"],
  ];
  for (const [path, code] of forbidden) {
    it(`keeps ${path} from: ${code}`, () => {
      assert.deepEqual(lint(path, code), ['direction']);
    });
  }

  const onlyTypes: [path: string, code: string][] = [
    ['src/factorization/factorize.ts', "import { Dataset } from '../data/dataset';"],
    ['src/inspector/document.ts', "import { type Dataset, isMissing } from '../data/dataset';"],
    ['webview/heatmap/view.ts', "import { describeModel } from '../../src/factorization/model';"],
  ];
  for (const [path, code] of onlyTypes) {
    it(`lets ${path} name types only in: ${code}`, () => {
      assert.deepEqual(lint(path, code), ['typesOnly']);
    });
  }

  const allowed: [path: string, code: string][] = [
    ['src/engine/ops/elementwise.ts', "import { make } from '../graph';"],
    ['src/factorization/factorize.ts', "import { matrix } from '../engine';"],
    ['src/factorization/factorize.ts', "import type { Dataset } from '../data/dataset';"],
    ['src/worker/main.ts', "import { factorize } from '../factorization/factorize';"],
    ['src/worker/main.ts', "import { readCsv } from '../data/csv';"],
    ['src/extension.ts', "import { WorkerClient } from './worker/client';"],
    ['src/inspector/document.ts', "import { type Dataset, type Mask } from '../data/dataset';"],
    ['src/inspector/document.ts', "import { decodeFactorization } from '../results/npz';"],
    ['src/cli.ts', "import { version } from '../package.json';"],
    ['webview/inspector.ts', "import type { ToWebview } from '../src/protocol/inspector';"],
    ['test/unit/engine/graph.test.ts', "import { matrix } from '../../../src/engine/graph';"],
  ];
  for (const [path, code] of allowed) {
    it(`lets ${path} have: ${code}`, () => {
      assert.deepEqual(lint(path, code), []);
    });
  }

  it('stand on rooms that come before', () => {
    const top = (path: string): string => path.split('/').slice(0, 2).join('/');
    rooms.forEach(({ files, may, mayNameTypesOf = [] }, at) => {
      for (const path of [...may, ...mayNameTypesOf]) {
        const below = rooms.slice(0, at).some((room) => top(room.files) === top(path));
        assert.ok(below || top(path) === top(files), `${files} names ${path}, which is no room below it`);
      }
    });
  });

  const past: [path: string, code: string][] = [
    ['src/factorization/objective/objective.ts', "import { sum } from '../../engine/functions';"],
    ['src/worker/main.ts', "import { runtime } from '../engine/run/session';"],
    ['bench/engine.ts', "import type { Node } from '../src/engine/graph';"],
    ['test/unit/factorization/pca.test.ts', "import { evaluate } from '../../../src/engine/interpreter';"],
  ];
  for (const [path, code] of past) {
    it(`show ${path} the engine's door in: ${code}`, () => assert.deepEqual(lint(path, code), ['door']));
  }

  describe('find circles of files', () => {
    let root: string;
    before(() => {
      root = mkdtempSync(join(tmpdir(), 'circles-'));
      const files = {
        'src/engine/values.ts': "import { first } from './first';",
        'src/engine/first.ts': "import { second } from './second';",
        'src/engine/types.ts': "import type { Second } from './second';",
        'src/engine/second.ts': 'export const second = 2;',
        'src/engine/named.ts': "export let second: import('./types').Second;",
        'src/engine/family.ts': "import { second } from './second';",
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    });
    after(() => rmSync(root, { recursive: true }));

    const circles: [of: string, code: string, way: string][] = [
      ['values', "import { values } from './values';", 'second → values → first → second'],
      ['types', "import type { Types } from './types';", 'second → types → second'],
      ['a type that is named in passing', "let of: import('./named').Named;", 'second → named → types → second'],
      ['what is passed on', "export { first } from './first';", 'second → first → second'],
      ['what is loaded later', "const later = () => import('./first');", 'second → first → second'],
      ['one', "import { second } from './second';", 'second → second'],
    ];
    for (const [of, code, way] of circles) {
      it(`of ${of}`, () => {
        const messages = messagesOf('src/engine/second.ts', code, root);
        assert.deepEqual(
          messages.map(({ messageId }) => messageId),
          ['circle'],
        );
        const told = way.replace(/\w+/g, 'src/engine/$&.ts');
        assert.ok(messages[0]?.message.includes(told), messages[0]?.message);
      });
    }

    it('and nothing where files only meet', () => {
      const code = "import { first } from './first';\nimport type { Types } from './types';";
      assert.deepEqual(messagesOf('src/engine/family.ts', code, root), []);
    });
  });

  it('does not take a folder for a room whose name it begins with', () => {
    assert.deepEqual(lint('src/cli.ts', "import { x } from './protocol-buffers/x';"), ['direction']);
  });
});
