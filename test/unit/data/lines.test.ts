import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset, TableOptions } from '../../../src/data/dataset';
import { readDataset } from '../../../src/data/read';
import { gatherObservations } from '../../../src/factorization/observations';
import { presetModel } from '../../../src/model/presets';
import { fill } from '../../../src/factorization/apply/fill';
import { dataFolder } from '../../support/datasets';
import { factorizing } from '../../support/factorizing';
import { assertDataError, read } from './reading';

/** The line of a text on which something stands, as an editor counts. */
const lineOf = (text: string, what: string): number => text.slice(0, text.indexOf(what)).split(/\r\n|\r|\n/).length;

const refusedByTopics = async (dataset: Dataset): Promise<string> => {
  try {
    await factorizing(dataset, { model: presetModel('topics'), rank: 1 });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('Topics took a negative number.');
};

describe('A row of a table', () => {
  it('is named by its line in the file, in every message', async () => {
    const path = join(dataFolder, 'cases', 'numbers', 'row-numbers.csv');
    const text = readFileSync(path, 'utf8');
    const dataset = await readDataset({ kind: 'path', path });
    const [negative, empty] = [lineOf(text, '-4'), lineOf(text, ',\n5')];
    assert.deepEqual([negative, empty], [3, 4]);
    assert.match(dataset.warnings.join(), new RegExp(`1 row without any content was left out, .* line ${empty}\\.`));
    assert.match(await refusedByTopics(dataset), new RegExp(`row-numbers\\.csv: line ${negative}, column b is -4`));
  });

  for (const [what, text] of Object.entries({
    'below quoted line breaks': 'name,a,b\n"one\nand a half",1,2\n"two\n\n",3,4\nthree,5,-4\nfour,6,7\n',
    'below them with the line ends of Windows': 'name,a,b\r\n"one\r\nand a half",1,2\r\nthree,5,-4\r\nfour,6,7\r\n',
    'below them with the line ends of old Macintoshes': 'name,a,b\r"one\rand a half",1,2\rthree,5,-4\rfour,6,7\r',
    'below blank lines, a title and remarks':
      'A title of the table\n\n# a remark\nname,a,b\none,1,2\n\n\nthree,5,-4\nfour,6,7\n',
    'below rows that were left out': 'name,a,b\none,1,2\n,,\n,,\ntwo,3,4\n,,\nthree,5,-4\nfour,6,7\n',
    'below a line that names the delimiter': 'sep=;\nname;a;b\none;1;2\nthree;5;-4\nfour;6;7\n',
  })) {
    it(`is found where an editor shows it ${what}`, async () => {
      const dataset = await read('rows.csv', text);
      const expected = `rows.csv: line ${lineOf(text, 'three')} (three), column b is -4`;
      assert.ok(
        (await refusedByTopics(dataset)).startsWith(expected),
        `${expected}: ${await refusedByTopics(dataset)}`,
      );
    });
  }

  it('is so in errors of the reader below quoted line breaks', async () => {
    const broken = 'a,b\n"1\n",2\n3,4\n5,6,7\n';
    await assertDataError(read('x.csv', broken), new RegExp(`line ${lineOf(broken, '5,6,7')} has 3 cells`));
    const open = 'a,b\n"1\n",2\n3,"4\n5,6\n';
    await assertDataError(read('x.csv', open), new RegExp(`opened in line ${lineOf(open, '3,')} never closes`));
  });

  it('is so of a table with an entry a line', async () => {
    const long: TableOptions = { long: { row: 'u', column: 'i', value: 'r' } };
    const text = 'u,i,r\n"a\nb",x,1\nc,y,2\nc,x,\n';
    const dataset = await read('long.csv', text, long);
    assert.match(dataset.warnings.join(), new RegExp(`first being line ${lineOf(text, 'c,x,')}\\.`));
  });

  it('is so where it is filled in, and its numbers among the rows where there is no file of lines', async () => {
    const rows = Array.from({ length: 30 }, (_, k) => `${(7 * k) % 13},${2 * k + 1.5},${k === 20 ? '' : 3 * k}`);
    const dataset = await read('gaps.csv', ['a,b,c', '', ...rows].join('\n'));
    const observations = await gatherObservations(dataset);
    const factorization = await factorizing(dataset, { rank: 1 });
    // As if one number were far too large: what is filled in lies outside the range of its column.
    const H = factorization.H.map((value, column) => (column === 2 ? 1000 + 1000 * Math.abs(value) : value));
    const messages = (lines: boolean): string =>
      fill({ ...factorization, H }, observations, lines ? dataset.lineOf : undefined).warnings.join();
    assert.match(messages(true), /in line 23, column c/);
    assert.match(messages(false), /in row 21, column c/);
  });
});
