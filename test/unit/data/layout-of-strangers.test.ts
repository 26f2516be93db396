import assert from 'node:assert/strict';
import type { Dataset, TableOptions } from '../../../src/data/dataset';
import { matrixOf, read, tableReport } from './reading';

/** Rows of a table of three columns that are in no order. */
const rows = [
  [3.2, 4.7, 0.2],
  [1.9, 1.1, 2.1],
  [6.1, 8.2, 1.5],
  [7.2, 1.6, 5.8],
  [2.2, 9.8, 2.2],
  [6.5, 4, 6.3],
];
const lines = (separator = ','): string[] => rows.map((row) => row.join(separator));
const labelled = (label: (row: number) => string | number): string =>
  rows.map((row, at) => [label(at), ...row].join(',')).join('\n');
const float32 = rows.map((row) => row.map(Math.fround));

const features = (dataset: Dataset): string[] => tableReport(dataset).features;
const readRows = async (content: string, options?: TableOptions, name = 't.csv'): Promise<Dataset> => {
  const dataset = await read(name, content, options);
  assert.deepEqual(await matrixOf(dataset), float32);
  return dataset;
};

describe('names of rows', () => {
  const headers = ['', 'Unnamed: 0', 'rownames', '"row.names"', '...1'];
  for (const header of headers) {
    it(`stand in a first column with the header ${JSON.stringify(header)}`, async () => {
      for (const first of [0, 1, 17]) {
        const dataset = await readRows(`${header},x,y,z\n${labelled((row) => row + first)}\n`);
        assert.deepEqual(features(dataset), ['x', 'y', 'z']);
        assert.equal(dataset.rowLabels?.[5], String(5 + first));
      }
    });
  }

  it('stand in a column without a header, where the header is one cell short', async () => {
    const dataset = await readRows(`x,y,z\n${labelled((row) => row + 1)}\n`);
    assert.deepEqual([features(dataset), dataset.rowLabels?.[0]], [['x', 'y', 'z'], '1']);
  });

  it('are the text that tells rows apart, where the other names only count them', async () => {
    const content = `,name,x\n${rows.map((row, at) => `${at},n${at},${row[0] ?? 0}`).join('\n')}\n`;
    const report = tableReport(await read('t.csv', content));
    assert.deepEqual([report.label, report.features], ['name', ['x']]);
    assert.match(report.leftOut[0]?.reason ?? '', /numbers the rows/);
  });

  it('are no features where a column counts, whatever its name and place', async () => {
    const content = `x,y,z,anything\n${rows.map((row, at) => [...row, at + 1].join(',')).join('\n')}\n`;
    const dataset = await readRows(content);
    assert.deepEqual(tableReport(dataset).leftOut, [
      {
        column: 'anything',
        reason: 'numbers the rows, since each number is one more than the last; choose it by name to use it',
      },
    ]);
    assert.deepEqual(features(await read('t.csv', content, { columns: ['anything', 'x'] })), ['x', 'anything']);
  });

  it('are identifiers by their name, of which nine in ten differ', async () => {
    for (const name of [
      'Id',
      'Sample code number',
      'pid',
      'FIPS',
      'serial',
      'Index',
      'rank',
      'No.',
      '#',
      'customer_no',
    ]) {
      const ids = Array.from({ length: 30 }, (_, at) => (at === 7 ? 1000 : 1000 + 37 * at));
      const content = `${name},x\n${ids.map((id, at) => `${id},${(at * 7) % 11}.5`).join('\n')}\n`;
      const dataset = await read('t.csv', content);
      assert.deepEqual(features(dataset), ['x'], name);
      assert.equal(dataset.rowLabels?.[2], '1074', 'it labels the rows where no text does');
      assert.match(tableReport(dataset).leftOut[0]?.reason ?? '', /identifier.*29 of its 30 numbers are different/);
    }
  });

  it('are no measures: words that a measure has as well decide nothing alone', async () => {
    const values = Array.from({ length: 30 }, (_, at) => 1000 + 37 * at);
    for (const name of ['number of rooms', 'price index', 'income', 'index of refraction']) {
      const content = `${name},x\n${values.map((value, at) => `${value},${(at * 7) % 11}`).join('\n')}\n`;
      assert.deepEqual(features(await read('t.csv', content)), [name, 'x']);
    }
  });
});

describe('the place of a table in its file', () => {
  it('begins with the names although every row ends with a delimiter', async () => {
    const dataset = await readRows(`A,B,C\n${lines().join(',\n')},\n`);
    assert.deepEqual(features(dataset), ['A', 'B', 'C']);
    const text = await read('t.csv', 'Name,Age,City\nAnn,31,Rome,\nBob,22,Oslo,\nCy,40,Bern,\n');
    assert.deepEqual([features(text), text.rowLabels], [['Age'], ['Ann', 'Bob', 'Cy']]);
  });

  it('comes after comments, titles and blank lines, which are told', async () => {
    const heads = [
      '# created by X, v1\n# units: mV\n',
      '% made, by, Matlab\n',
      '! one\n! two, three, four\n',
      '// note\n',
      'Sales report\nGenerated 2024-01-01\n\n',
      'Sales report,,\n,,\n',
      '"A title, with a comma"\n',
    ];
    for (const head of heads) {
      const dataset = await readRows(`${head}a,b,c\n${lines().join('\n')}\n`);
      assert.deepEqual(features(dataset), ['a', 'b', 'c'], head);
      assert.match(dataset.warnings.join(), /above the table (was|were) left out, the first being/, head);
    }
  });

  it('begins where --skip says', async () => {
    const content = `1,2,3\n${lines().join('\n')}\n`;
    assert.equal((await read('t.csv', content)).rows, 7);
    await readRows(content, { skip: 1 });
    const report = tableReport(await read('t.csv', content, { skip: 1 }));
    assert.equal(report.skip, 1);
  });

  it('takes the names from a comment right above the numbers', async () => {
    assert.deepEqual(features(await readRows(`# a b c\n${lines(' ').join('\n')}\n`, {}, 't.txt')), ['a', 'b', 'c']);
    assert.deepEqual(features(await readRows(`#a,b,c\n${lines().join('\n')}\n`)), ['a', 'b', 'c']);
    const remark = await readRows(`# one two\n${lines().join('\n')}\n`);
    assert.equal(tableReport(remark).header, false);
  });

  it('keeps rows whose names begin with a hash', async () => {
    const dataset = await readRows(labelled((row) => `#${row}`));
    assert.equal(dataset.rowLabels?.[0], '#0');
  });

  it('ends before footers, rows without content and Ctrl-Z', async () => {
    const dataset = await readRows(`a,b,c\n${lines().join('\n')}\n,,\n,,\nSource: somebody\n\x1a`);
    assert.match(dataset.warnings.join(), /2 rows without any content were left out, the first being line 8/);
    assert.match(dataset.warnings.join(), /1 row below the table was left out, the first being line 10/);
    const total = await readRows(`a,b,c\n${lines().join('\n')}\nTotal,27.1\n`);
    assert.match(total.warnings.join(), /below the table/);
  });

  it('keeps a short row amid the others', async () => {
    const dataset = await read('t.csv', 'l,a,b\nx,1,2\ny\nz,3,4\n');
    assert.deepEqual(dataset.rowLabels, ['x', 'y', 'z']);
  });

  it('has lines that end as they like', async () => {
    for (const end of ['\r', '\n', '\r\n']) {
      await readRows(`a,b,c${end}${lines().join(end)}\n`);
      await readRows(`a,b,c\r\n${lines().join(end)}${end}`);
    }
    const quoted = await read('t.csv', 'l,x\r"a\rb",1\r"c\nd",2\n');
    assert.deepEqual(quoted.rowLabels, ['a\rb', 'c\nd'], 'line ends within quotation marks stay');
  });

  it('may have blanks around quotation marks', async () => {
    const dataset = await read('t.csv', '"No", "Thing" ,\t"Price"\n7, "rope, 8 m", 6.68\n4, "la ""mp""" , 14.96\n');
    assert.deepEqual([dataset.rowLabels, features(dataset)], [['rope, 8 m', 'la "mp"'], ['Price']]);
  });
});

describe('names of columns', () => {
  it('are numbers in order beside a corner of text or none', async () => {
    const body = rows.map((row, at) => [`s${at}`, ...row, 5, 1].join(',')).join('\n');
    for (const header of ['sample,1100,1102,1104,1106,1108', ',10,20,35,47,50', 'id,4000,3990,3980,3970,3960']) {
      const dataset = await read('t.csv', `${header}\n${body}\n`);
      assert.deepEqual(features(dataset), header.split(',').slice(1));
      assert.match(dataset.warnings.join(), /first row was taken for the names.*--header no/);
      assert.equal((await read('t.csv', `${header}\n${body}\n`, { header: false })).rows, 7);
    }
  });

  it('are one number, where it is a year or stands one cell short', async () => {
    const year = await read('t.csv', 'district,2021\na,3.5\nb,7\nc,1.25\n');
    assert.deepEqual([year.columnLabels, year.rowLabels], [['2021'], ['a', 'b', 'c']]);
    const series = await read('t.csv', '0\n0,5\n1,0\n2,4\n3,1\n4,9\n');
    assert.deepEqual([series.columnLabels, series.rows], [['0'], 5]);
  });

  it('are no row of data that happens to be in order', async () => {
    const dataset = await read('t.csv', 'a,1,2,3\nb,2,3,4\nc,3,4,9\nd,2,5,7\n');
    assert.equal(dataset.rows, 4);
    const three = await read('t.csv', 'a,1.2,2.9,3.3\nb,8,3,4\nc,3,4,1\n');
    assert.equal(three.rows, 3);
  });

  it('are not made of one odd cell', async () => {
    for (const odd of ['<LOD', 'n.d.', 'below', '*']) {
      const dataset = await read('t.csv', `${odd},2.5,3.1\n${lines().join('\n')}\n`);
      assert.deepEqual([dataset.rows, tableReport(dataset).header], [7, false], odd);
    }
  });

  it('have the units of a second row', async () => {
    const dataset = await readRows(`Time,Temp,Oxygen\ns,oC,umol/kg\n${lines().join('\n')}\n`);
    assert.deepEqual(features(dataset), ['Time [s]', 'Temp [oC]', 'Oxygen [umol/kg]']);
    assert.match(dataset.warnings.join(), /second row was taken for units/);
    const some = await readRows(`site,Time,Temp,Oxygen\n,[s],(°C),\n${labelled((row) => `s${row}`)}\n`);
    assert.deepEqual(features(some), ['Time [s]', 'Temp (°C)', 'Oxygen']);
  });

  it('have no units of a row that lacks its numbers', async () => {
    const dataset = await read('t.csv', 'a,b\nmissing,missing\n1,2\n3,5\nmissing,4\n');
    assert.equal(dataset.rows, 4);
  });
});

describe('advice on how to read a file otherwise', () => {
  it('is given for entries that stand one a line', async () => {
    const body = Array.from({ length: 12 }, (_, at) => `${at % 4},${at % 3},${(at % 5) + 1},96498280${at}`).join('\n');
    const [advice] = (await read('t.csv', `userId,movieId,rating,timestamp\n${body}\n`)).advice ?? [];
    assert.deepEqual(advice?.choice, { long: { row: 'userId', column: 'movieId', value: 'rating' } });
    assert.match(advice.text, /--long userId,movieId,rating/);
  });

  it('is given for nines that stand for nothing, and following it makes them missing', async () => {
    const content = `s,x,y\na,-999,1.5\nb,5.3,2\nc,6.8,7\nd,-999.0,4\ne,5,3\n`;
    const dataset = await read('t.csv', content);
    assert.match(dataset.warnings.join(), /--missing -999 /);
    const [advice] = dataset.advice ?? [];
    assert.deepEqual(advice?.choice, { missing: ['-999'] });
    const followed = await read('t.csv', content, advice.choice);
    assert.equal(followed.missing, 2);
    assert.deepEqual(tableReport(followed).missing, ['-999']);
    const near = await read('t.csv', 'x,y\n-999,1\n-1004,2\n-987,3\n-999,4\n-1010,6\n');
    assert.equal(near.advice, undefined, 'where all numbers are of that size it is one of them');
  });

  it('is given for an axis in the first column', async () => {
    const body = rows.map((row, at) => [100 + at / 2, ...row].join(',')).join('\n');
    const [advice] = (await read('t.csv', `mz,s1,s2,s3\n${body}\n`)).advice ?? [];
    assert.deepEqual(advice?.choice, { exclude: ['mz'] });
    const measured = await read('t.csv', `weight,s1,s2,s3\n${body}\n`);
    assert.equal(measured.advice, undefined, 'six sorted rows are no axis without a name for one');
  });
});
