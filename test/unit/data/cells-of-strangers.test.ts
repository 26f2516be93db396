import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TableOptions } from '../../../src/data/dataset';
import { matrixOf, read, tableReport } from './reading';

/** The numbers and the remarks that a column of such cells is read to. */
async function column(cells: readonly string[], options?: TableOptions, separator = ',') {
  const quoted = cells.map((cell, at) => `r${at}${separator}"${cell}"${separator}${(at * 5) % 7}`);
  const dataset = await read('t.csv', [`name${separator}x${separator}y`, ...quoted].join('\n'), options);
  const at = tableReport(dataset).features.indexOf('x');
  const values = (await matrixOf(dataset)).map((row) => row[at]);
  return { values: at < 0 ? undefined : values, remarks: dataset.warnings.join(' '), report: tableReport(dataset) };
}

describe('cells with something around their numbers', () => {
  const cases: [cells: string[], values: number[], remark: RegExp][] = [
    [['12%', '15.5%', '9 %', '0'], [12, 15.5, 9, 0], /"%" was taken off/],
    [['$1,234.50', '$15.5', '-$9', '$-1'], [1234.5, 15.5, -9, -1], /"\$" was taken off/],
    [['5 €', '7,500 €', '−2 €', '1 €'], [5, 7500, -2, 1], /"€" was taken off/],
    [['USD 5', 'USD 6.5', 'USD 1', 'USD 2'], [5, 6.5, 1, 2], /"USD" was taken off/],
    [['5 kg', '6.5 kg', '1kg', '2 kg'], [5, 6.5, 1, 2], /"kg" was taken off/],
    [['21.5°C', '-3°C', '0°C', '7°C'], [21.5, -3, 0, 7], /"°C" was taken off/],
    [['($1,200)', '$15', '$3', '($0.5)'], [-1200, 15, 3, -0.5], /"\$" was taken off/],
    [['(12)', '7', '3.5', '(1,000.5)'], [-12, 7, 3.5, -1000.5], /Numbers in parentheses/],
    [['12-', '7', '3.5', '1.25-'], [-12, 7, 3.5, -1.25], /a minus behind/],
    [['\u221212', '7', '\u22123.5', '1'], [-12, 7, -3.5, 1], /typographic/],
    [['True', 'FALSE', 'true', 'false'], [1, 0, 1, 0], /True and false are 1 and 0/],
    [['yes', 'No', 'no', 'YES'], [1, 0, 0, 1], /True and false are 1 and 0/],
    [['T', 'F', 'F', 'T'], [1, 0, 0, 1], /True and false are 1 and 0/],
    [['1,23,456', '2,34,567', '12,34,567.5', '5'], [123456, 234567, 1234567.5, 5], /Thousands separators/],
  ];
  for (const [cells, values, remark] of cases) {
    it(`are read: ${cells.join(' ')}`, async () => {
      const found = await column(cells);
      assert.deepEqual(found.values, values);
      assert.match(found.remarks, remark);
    });
  }

  it('are text where they do not share it, and name no rows', async () => {
    for (const cells of [
      ['5 kg', '6 lb', '1 kg', '2 lb'],
      ['s0', 's1', 's2', 's3'],
      ['1-2', '3-4', '5-6', '7-8'],
      ['n', 'n', 'n', 'n'],
      ['1. Male', '1. Male', '1. Male', '1. Male'],
    ]) {
      assert.equal((await column(cells)).values, undefined, cells.join());
    }
    const odd = await read('t.csv', 'a,b\n"1,2,34",3\n"5,6,78",4\n"9,1,23",5.5\n');
    assert.equal(tableReport(odd).label, undefined);
    assert.match(tableReport(odd).leftOut[0]?.reason ?? '', /text, such as "1,2,34"/);
  });

  it('have points for thousands where semicolons separate them, which is told', async () => {
    const found = await column(['950', '1.200', '3.145', '12.345'], {}, ';');
    assert.deepEqual(found.values, [950, 1200, 3145, 12345]);
    assert.match(found.remarks, /point in numbers such as "1\.200" was taken to separate thousands/);
    const decimals = await column(['950', '1.200', '0.5', '12.345'], {}, ';');
    assert.deepEqual(decimals.values, [950, 1.2, 0.5, 12.345].map(Math.fround));
  });

  it('are read back whatever the unit, sign and currency', async () => {
    const affix = fc.constantFrom(['', '%'], ['$', ''], ['', ' mg/L'], ['€', ''], ['', ' km'], ['£ ', '']);
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 4, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(affix, values, async ([prefix = '', suffix = ''], numbers) => {
        const written = numbers.map((value) => (value + 0).toFixed(3));
        const cells = written.map(
          (text) => `${text.startsWith('-') ? '-' : ''}${prefix}${text.replace('-', '')}${suffix}`,
        );
        const found = await column(cells);
        assert.deepEqual(
          found.values,
          written.map((text) => Math.fround(Number(text))),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('cells that say that there is no number', () => {
  const numbers = ['4.6', '1.35', '6.1', '2.2', '5.5', '1.7', '3.9', '0.8'];
  for (const mark of [
    '#DIV/0!',
    '#NULL!',
    '#VALUE!',
    '..',
    '.',
    'None',
    'n.d.',
    'missing',
    'Unknown',
    '\\N',
    '--',
    '*',
    '(null)',
  ]) {
    it(`are the word ${mark}, which is told`, async () => {
      const found = await column([mark, ...numbers]);
      assert.deepEqual(found.values, [NaN, ...numbers.map((cell) => Math.fround(Number(cell)))]);
      assert.ok(found.remarks.includes(`"${mark}" counts as missing: 1 cell of column "x"`), found.remarks);
    });
  }

  it('are one or two texts that come again, up to half of a column', async () => {
    const found = await column(['void', 'gone', 'void', 'gone', ...numbers]);
    assert.deepEqual(found.values?.slice(0, 5), [NaN, NaN, NaN, NaN, Math.fround(4.6)]);
    assert.match(found.remarks, /"void" counts as missing: 2 cells.*"gone" counts as missing: 2 cells/);
    const three = await column(['void', 'gone', 'lost', 'void', 'gone', 'lost', ...numbers]);
    assert.equal(three.values, undefined, 'three texts are values of another kind');
    const more = await column([...Array<string>(9).fill('void'), ...numbers]);
    assert.equal(more.values, undefined, 'a column of which most is text is text');
  });

  it('are bounds, of which half is taken where that is asked for', async () => {
    const cells = ['<0.5', '5', '7.5', '>100', '< 0.5', '2.25'];
    const found = await column(cells);
    assert.deepEqual(found.values, [NaN, 5, 7.5, NaN, NaN, 2.25]);
    assert.match(found.remarks, /3 cells are bounds, the first being "<0\.5" in line 2.*--detection-limit half/);
    assert.deepEqual((await column(cells, { detectionLimit: 'half' })).values, [0.25, 5, 7.5, NaN, 0.25, 2.25]);
  });

  it('are what the user says', async () => {
    const found = await column(['-999', '5', '-999.0', 'void', '2.25'], { missing: ['-999', 'void'] });
    assert.deepEqual(found.values, [NaN, 5, NaN, NaN, 2.25]);
  });
});
