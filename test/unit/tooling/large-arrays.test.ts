import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { repository } from '../../support/repository';

describe('the rule against lists of large typed arrays', function () {
  this.timeout(120_000);
  let eslint: ESLint;

  before(() => {
    eslint = new ESLint({
      cwd: repository,
      // Where CI is set the parser takes types from the files on disk, and not from the code that is given.
      overrideConfig: {
        files: ['**/*.ts'],
        languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
      },
    });
  });

  /** What the project's own configuration says of `code` in the place of a file, of this rule alone. */
  async function lint(path: string, code: string): Promise<(string | undefined)[]> {
    const [result] = await eslint.lintText(code, { filePath: join(repository, path) });
    assert.ok(result);
    for (const { fatal, message } of result.messages) assert.ok(fatal !== true, message);
    return result.messages
      .filter(({ ruleId }) => ruleId === 'factorlens/large-arrays')
      .map(({ messageId }) => messageId);
  }

  const [source, page] = ['src/factorization/diagnostics/eckart-young.ts', 'webview/format.ts'];
  const declared =
    'declare const a: Float32Array; declare const b: Float64Array | Int32Array; declare const list: number[];';
  const forbidden: [code: string, message: string][] = [
    ['Float32Array.from(a, (x) => 2 * x)', 'mapped'],
    ['Uint32Array.from(list, (x) => x + 1)', 'mapped'],
    ['BigInt64Array.from(list, BigInt)', 'mapped'],
    ['Array.from(b)', 'listed'],
    ['Array.from(a.subarray(1), (x) => x)', 'listed'],
    ['[0, ...a]', 'spread'],
    ['String.fromCharCode(...b)', 'spread'],
    ['list.push(...a.map((x) => x + 1))', 'spread'],
    ['Math.max(...list)', 'extreme'],
    ['Math.min(0, ...list.map((x) => x + 1))', 'extreme'],
  ];
  for (const [code, message] of forbidden) {
    it(`forbids ${code}`, async () => {
      for (const path of [source, page]) assert.deepEqual(await lint(path, `${declared}\n${code};\n`), [message], path);
    });
  }

  const allowed = [
    'Float32Array.from({ length: 3 }, (_, k) => k)',
    'new Float64Array(a)',
    'a.map((x) => 2 * x)',
    'Array.from({ length: 3 }, (_, k) => a[k])',
    'Array.from(new Set(list))',
    '[...list]',
    '({ ...{ a } })',
    'Math.max(0, list[0] ?? 0)',
  ];
  it('allows what makes no such list', async () => {
    for (const code of allowed) assert.deepEqual(await lint(source, `${declared}\n${code};\n`), [], code);
  });

  it('leaves tests alone', async () => {
    assert.deepEqual(await lint('test/support/datasets.ts', `${declared}\n[...a];\n`), []);
  });
});
