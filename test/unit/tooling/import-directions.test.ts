import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { importDirections } from '../../../scripts/lint/import-directions.mjs';
import { repository } from '../../support/repository';

/** The ids of the messages that `code` gets as the file at `path`. */
function lint(path: string, code: string): (string | undefined)[] {
  const messages = new Linter({ cwd: repository }).verify(
    code,
    {
      files: ['**/*.ts'],
      plugins: { factorlens: { rules: { 'import-directions': importDirections } } },
      languageOptions: { parser: tseslint.parser },
      rules: { 'factorlens/import-directions': ['error', { root: repository }] },
    },
    join(repository, path),
  );
  for (const { fatal, message } of messages) assert.ok(fatal !== true, message);
  return messages.map(({ messageId }) => messageId);
}

describe('the import directions', () => {
  const forbidden: [path: string, code: string][] = [
    ['src/engine/graph.ts', "import { factorize } from '../factorization/factorize';"],
    ['src/engine/ops/elementwise.ts', "import type { Dataset } from '../../data/dataset';"],
    ['src/factorization/factorize.ts', "import { readCsv } from '../data/csv';"],
    ['src/factorization/solvers/solver.ts', "import { main } from '../../worker/main';"],
    ['src/data/csv.ts', "import { queue } from '../worker/queue';"],
    ['src/extension.ts', "import { matrix } from './engine/graph';"],
    ['src/extension.ts', "import type { Node } from './engine/graph';"],
    ['src/commands/factorize.ts', "const { factorize } = await import('../factorization/../engine/graph');"],
    ['src/inspector/provider.ts', "const engine = require('../engine/graph');"],
    ['src/inspector/provider.ts', "export { matrix } from '../engine/graph';"],
    ['src/inspector/provider.ts', "export * from '../engine/graph';"],
    ['src/inspector/provider.ts', "let node: import('../engine/graph').Node;"],
    ['src/cli.ts', "import { matrix } from './engine/graph';"],
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
    ['src/factorization/factorize.ts', "import { matrix } from '../engine/graph';"],
    ['src/factorization/factorize.ts', "import type { Dataset } from '../data/dataset';"],
    ['src/worker/main.ts', "import { factorize } from '../factorization/factorize';"],
    ['src/worker/main.ts', "import { readCsv } from '../data/csv';"],
    ['src/extension.ts', "import { WorkerClient } from './worker/client';"],
    ['src/inspector/document.ts', "import { type Dataset, type Mask } from '../data/dataset';"],
    ['src/inspector/document.ts', "import { readFactorsFile } from '../data/factors-file';"],
    ['src/cli.ts', "import { version } from '../package.json';"],
    ['webview/inspector.ts', "import type { ToWebview } from '../src/protocol/inspector';"],
    ['test/unit/engine/graph.test.ts', "import { matrix } from '../../../src/engine/graph';"],
  ];
  for (const [path, code] of allowed) {
    it(`lets ${path} have: ${code}`, () => {
      assert.deepEqual(lint(path, code), []);
    });
  }

  it('does not take a folder for a room whose name it begins with', () => {
    assert.deepEqual(lint('src/cli.ts', "import { x } from './protocol-buffers/x';"), ['direction']);
  });
});
