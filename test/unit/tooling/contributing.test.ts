import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathsIn } from '../../support/paths-in';
import { repository } from '../../support/repository';

describe('What contributors read', () => {
  it('names only files that there are', () => {
    const named = pathsIn(readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8'));
    assert.ok(named.length > 40, 'the recipes name files');
    assert.deepEqual(
      named.filter((path) => !existsSync(join(repository, path))),
      [],
    );
  });

  it('finds a path wherever it stands in code, and nothing else', () => {
    const page =
      '`src/a.ts`, `test/unit`, src/not/code.ts, `../src/up.ts`, `docs/NAME.md`\n```ts\n// webview/b.ts.\n```\n`src/`';
    assert.deepEqual(pathsIn(page), ['src/a.ts', 'test/unit', 'webview/b.ts']);
  });
});
