import assert from 'node:assert/strict';
import fc from 'fast-check';
import Papa from 'papaparse';
import { matrixOf, read, tableReport } from './reading';

/** Characters that make reading hard, and a few that do not. */
const awkward = ['x', 'Y', '1', ' ', ',', ';', '|', '\t', '"', '\n', '\r', "'", '=', 'é'];

/** Whether another delimiter cuts every line into as many cells, so that two lines do not tell which one is meant. */
function isAmbiguous(text: string, newline: string, delimiter: string): boolean {
  const others = [',', ';', '\t', '|'].filter((other) => other !== delimiter);
  const lines = text.split(newline);
  return others.some((other) => {
    const counts = new Set(lines.map((line) => line.split(other).length));
    return counts.size === 1 && !counts.has(1);
  });
}

/** A label that begins with a letter, as names do. */
const name = fc
  .tuple(fc.constantFrom('a', 'É', 'ж', '名'), fc.string({ unit: fc.constantFrom(...awkward) }))
  .map(([first, rest]) => (first + rest).trim());

const entry = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 2, arbitrary: fc.constant(NaN) },
);

const table = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.record({
    corner: name,
    header: fc.uniqueArray(name, { minLength: columns, maxLength: columns }),
    labels: fc.array(name, { minLength: rows, maxLength: rows }),
    values: fc
      .array(fc.array(entry, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows })
      // A column without any number would be left out.
      .map((matrix) => [Array.from({ length: columns }, (_, column) => column + 0.5), ...matrix.slice(1)]),
    missing: fc.constantFrom('', 'NA', 'nan', 'NULL', '?', '-'),
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    newline: fc.constantFrom('\n', '\r\n'),
    quotes: fc.boolean(),
    extension: fc.constantFrom('.csv', '.tsv', '.txt'),
  }),
);

describe('tables written by PapaParse', () => {
  it('are read back exactly, whatever the delimiter, labels, quotes and missing cells', async () => {
    await fc.assert(
      fc.asyncProperty(table, async (given) => {
        const header = given.header.filter((column) => column !== given.corner);
        fc.pre(header.length === given.header.length);
        const lines = given.values.map((row, index) => [
          given.labels[index] ?? '',
          ...row.map((value) => (Number.isNaN(value) ? given.missing : String(value))),
        ]);
        const text = Papa.unparse([[given.corner, ...header], ...lines], {
          delimiter: given.delimiter,
          newline: given.newline,
          quotes: given.quotes,
        });
        fc.pre(given.values.length > 2 || !isAmbiguous(text, given.newline, given.delimiter));
        const dataset = await read(`t${given.extension}`, text);
        const report = tableReport(dataset);
        assert.equal(report.delimiter, given.delimiter);
        assert.equal(report.label, given.corner);
        assert.deepEqual(report.leftOut, []);
        assert.deepEqual(dataset.columnLabels, header);
        assert.deepEqual(dataset.rowLabels, given.labels);
        // Where a program has run in this thread, the processor takes numbers below 1.2e-38 for 0, of either sign.
        const found = (await matrixOf(dataset)).map((row) => row.map((value) => value + 0));
        assert.deepEqual(
          found,
          given.values.map((row) => row.map((value) => Math.fround(value) + 0)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
