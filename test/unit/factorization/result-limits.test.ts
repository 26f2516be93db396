import assert from 'node:assert/strict';
import type { Dataset } from '../../../src/data/dataset';
import { SettingsError } from '../../../src/model/settings';
import { refusesResult, utf8Length } from '../../../src/model/result-limits';
import { checkSettings } from '../../../src/factorization/planning/validation';
import { factorizationOf, settingsOf } from '../../support/factorizations';

const size = { rows: 3, columns: 2, rank: 1, restarts: 1 };

describe('the limits of a result', () => {
  it('let through what a file can hold, and name what is too large and the remedy', () => {
    assert.equal(refusesResult({ ...size, rows: 2 ** 28 - 1 }), undefined);
    assert.equal(refusesResult({ ...size, restarts: 10_000 }), undefined);
    assert.match(refusesResult({ ...size, rows: 2 ** 20, rank: 300 }) ?? '', /W .* rank of at most 256 or fewer rows/);
    assert.match(refusesResult({ ...size, columns: 2 ** 20, rank: 300 }) ?? '', /H .* or fewer columns/);
    assert.match(refusesResult({ ...size, restarts: 10_001 }) ?? '', /restarts is 10001/);
    const long = 'x'.repeat(2 ** 28);
    assert.match(refusesResult({ ...size, rowLabels: [long, long, long, long, 'x'] }) ?? '', /labels of the rows/);
    const [W, H] = [{ rows: 2 ** 18, rank: 2 ** 10 }, { columns: 2 ** 18 }];
    assert.match(refusesResult({ ...size, ...W, ...H }) ?? '', /result would take \d+ bytes/);
  });

  it('are held to before the work', () => {
    const { rows, columns, rowLabels, columnLabels, source, reading } = factorizationOf();
    const dataset = {
      rows,
      columns,
      rowLabels,
      columnLabels,
      source,
      reading,
      missing: 0,
      warnings: [],
      blocks: () => [],
    };
    const check = (changes: object, settings: object) => (): void =>
      checkSettings(settingsOf({ solver: { id: 'auto' }, ...settings }), { ...dataset, ...changes } as Dataset);
    check({}, {})();
    for (const [changes, settings] of [
      [{ rows: 2 ** 20 }, { rank: 300 }],
      [{}, { restarts: 10_001 }],
      [{ reading: { ...reading, label: 'x'.repeat(2 ** 20 + 1) } }, {}],
    ] as const) {
      assert.throws(check(changes, settings), (error: unknown) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, /^small\.csv: [^\n]{20,400}\.$/);
        return true;
      });
    }
  });

  it('count the bytes that texts take', () => {
    const texts = ['', 'a', 'ß', '€', '\u{1F600}', 'a\0b'];
    assert.equal(utf8Length(texts), new TextEncoder().encode(texts.join('')).length);
  });
});
