import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableOptions } from '../../../src/data/dataset';
import { readDataset } from '../../../src/data/read';
import { testData } from '../../support/repository';
import { assertDataError, matrixOf, read, tableReport } from './reading';

describe('reading real tables', () => {
  const open = (name: string) => readDataset({ kind: 'path', path: testData(name), uri: `file:///data/${name}` });

  it('reads digits.csv: 64 features, one text label', async () => {
    const dataset = await open('digits.csv');
    assert.deepEqual([dataset.rows, dataset.columns, dataset.missing], [1797, 64, 0]);
    const squares = (await matrixOf(dataset)).flat().reduce((sum, value) => sum + value * value, 0);
    assert.equal(squares, 6907012); // test/data/reference/optima.json
    assert.equal(tableReport(dataset).label, 'digit');
    assert.deepEqual(dataset.rowLabels?.slice(0, 3), ['d0', 'd1', 'd2']);
    assert.equal(dataset.columnLabels?.[63], 'r7c7');
    assert.deepEqual(dataset.warnings, []);
  });

  it('reads mutations.tsv: tabs, labels with brackets', async () => {
    const dataset = await open('mutations.tsv');
    assert.deepEqual([dataset.rows, dataset.columns], [96, 21]);
    const squares = (await matrixOf(dataset)).flat().reduce((sum, value) => sum + value * value, 0);
    assert.equal(squares, 745634940); // test/data/reference/optima.json
    assert.equal(tableReport(dataset).delimiter, '\t');
    assert.equal(dataset.rowLabels?.[0], 'A[C>A]A');
  });

  it('reads penguins.csv: missing measurements, text columns left out', async () => {
    const dataset = await open('penguins.csv');
    assert.deepEqual([dataset.rows, dataset.columns, dataset.missing], [344, 5, 8]);
    const rows = await matrixOf(dataset);
    assert.deepEqual(rows[0], [Math.fround(39.1), Math.fround(18.7), 181, 3750, 2007]);
    assert.deepEqual(rows[3], [NaN, NaN, NaN, NaN, 2007]);
    const report = tableReport(dataset);
    assert.equal(report.label, 'species');
    assert.deepEqual(report.leftOut, [
      { column: 'island', reason: 'text, such as "Torgersen"' },
      { column: 'sex', reason: 'text, such as "male"' },
    ]);
  });

  it('identifies the source by the hash and size of its bytes', async () => {
    const bytes = readFileSync(testData('penguins.csv'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const expected = { name: 'penguins.csv', uri: 'file:///data/penguins.csv', bytes: bytes.length, sha256 };
    assert.deepEqual((await open('penguins.csv')).source, expected);
    const fromMemory = await readDataset({ kind: 'bytes', name: 'penguins.csv', uri: expected.uri, bytes });
    assert.deepEqual(fromMemory.source, expected);
  });

  it('can be gone through twice', async () => {
    const dataset = await open('penguins.csv');
    assert.deepEqual(await matrixOf(dataset), await matrixOf(dataset));
  });
});

describe('layout of a table', () => {
  const layouts: Record<string, [string, string]> = {
    comma: ['id,a,b\nx,1,2.5\ny,3,4.5\n', ','],
    tab: ['id\ta\tb\nx\t1\t2.5\ny\t3\t4.5\n', '\t'],
    semicolon: ['id;a;b\nx;1;2.5\ny;3;4.5\n', ';'],
    pipe: ['id|a|b\nx|1|2.5\ny|3|4.5\n', '|'],
    'runs of spaces': ['id   a  b\nx    1  2.5\n  y    3  4.5\n', ' '],
    'decimal comma between semicolons': ['id;a;b\nx;1;2,5\ny;3;4,5\n', ';'],
    'decimal comma between tabs': ['id\ta\tb\nx\t1\t2,5\ny\t3\t4,5\n', '\t'],
    'decimal comma in quotation marks': ['id,a,b\nx,1,"2,5"\ny,3,"4,5"\n', ','],
    'carriage returns and line feeds': ['id,a,b\r\nx,1,2.5\r\ny,3,4.5\r\n', ','],
    'carriage returns alone': ['id,a,b\rx,1,2.5\ry,3,4.5\r', ','],
    'mixed line ends': ['id,a,b\r\nx,1,2.5\ny,3,4.5\r\n', ','],
    'no line end at the end': ['id,a,b\nx,1,2.5\ny,3,4.5', ','],
    'blank lines': ['\nid,a,b\n\nx,1,2.5\n   \ny,3,4.5\n\n', ','],
    'delimiters at line ends': ['id,a,b,\nx,1,2.5,\ny,3,4.5,\n', ','],
    'extra empty cells in some rows': ['id,a,b\nx,1,2.5,,\ny,3,4.5\n', ','],
    'a first line that names the delimiter': ['sep=;\r\nid;a;b\r\nx;1;2.5\r\ny;3;4.5\r\n', ';'],
    'quotation marks everywhere': ['"id","a","b"\n"x","1","2.5"\n"y","3","4.5"\n', ','],
    'spaces around cells': ['id , a , b\nx , 1 , 2.5\ny , 3 , 4.5\n', ','],
    'scientific notation': ['id,a,b\nx,1e0,25E-1\ny,3.0e+00,4.5\n', ','],
    "R's header without a name for the row names": ['a\tb\nx\t1\t2.5\ny\t3\t4.5\n', '\t'],
  };
  for (const [name, [content, delimiter]] of Object.entries(layouts)) {
    it(`is understood with ${name}`, async () => {
      const dataset = await read('table.txt', content);
      assert.deepEqual(await matrixOf(dataset), [
        [1, 2.5],
        [3, 4.5],
      ]);
      assert.deepEqual(dataset.rowLabels, ['x', 'y']);
      assert.deepEqual(dataset.columnLabels, ['a', 'b']);
      assert.equal(tableReport(dataset).delimiter, delimiter);
      assert.equal(tableReport(dataset).decimal, content.includes('2,5') ? ',' : '.');
    });
  }

  it('is not misled by a delimiter in text or in one row', async () => {
    const text = await read('t.csv', 'name;x;y\n"Smith, John";1;2\nDoe, Jane;3;4\nRoe, Ann;5;6\n');
    assert.equal(tableReport(text).delimiter, ';');
    assert.deepEqual(text.rowLabels, ['Smith, John', 'Doe, Jane', 'Roe, Ann']);
    const lists = await read('t.csv', 'id,tags,x\na,p;q;r,1\nb,s;t,2\nc,u,3\n');
    assert.equal(tableReport(lists).delimiter, ',');
    const doubled = await read('t.csv', 'a||,a\na||,0.5\n');
    assert.deepEqual(doubled.rowLabels, ['a||'], 'the empty cell between two bars says nothing');
    const besideTab = await read('t.csv', 'a\ta|\na|\t0.5\n');
    assert.equal(tableReport(besideTab).delimiter, '\t');
  });

  it('lets quoted cells hold delimiters, doubled quotation marks and line breaks', async () => {
    const dataset = await read('t.csv', 'id,x\n"a, ""b""\nc",1\n"d\r\ne",2\n');
    assert.deepEqual(dataset.rowLabels, ['a, "b"\nc', 'd\r\ne']);
    assert.deepEqual(await matrixOf(dataset), [[1], [2]]);
  });

  it('has no header where numbers stand at the top', async () => {
    const dataset = await read('t.csv', '1,2\n3,4\n');
    assert.equal(dataset.columnLabels, undefined);
    assert.equal(tableReport(dataset).header, false);
    assert.deepEqual(tableReport(dataset).features, ['column 1', 'column 2']);
    assert.equal(dataset.rows, 2);
    const single = await read('t.csv', '5\n');
    assert.deepEqual(await matrixOf(single), [[5]]);
    const labelled = await read('t.csv', 'x,1,2\ny,3,4\n');
    assert.deepEqual(labelled.rowLabels, ['x', 'y']);
  });

  it('takes years and counted columns for a header, and says so', async () => {
    const years = await read('t.csv', 'country,1990,2000,2010\nFrance,1.5,2,3\nSpain,4,5,7\n');
    assert.deepEqual(years.columnLabels, ['1990', '2000', '2010']);
    assert.match(years.warnings.join(), /first row was taken for the names/);
    const counted = await read('t.csv', ',0,1,2,3\nx,5,5,5,5\ny,6,7,5,9\n');
    assert.deepEqual(counted.columnLabels, ['0', '1', '2', '3']);
    const data = await read('t.csv', '1,2,3,4\n5,6,7,8\n1,2,3,4\n');
    assert.equal(data.rows, 3);
  });

  it('numbers names that come twice, and says so', async () => {
    const dataset = await read('t.csv', 'a,a,a (2),\n1,2,3,4\n');
    assert.deepEqual(dataset.columnLabels, ['a', 'a (3)', 'a (2)', 'column 4']);
    assert.match(dataset.warnings.join(), /same name \("a"\)/);
  });
});

describe('what becomes of a table’s columns', () => {
  it('counts every token for missing', async () => {
    const dataset = await read('t.csv', 'a,b\n1,\n NA ,1\nnan,1\nNULL,1\n?,1\n-,1\n2,1\n');
    const rows = await matrixOf(dataset);
    assert.deepEqual(
      rows.map(([a]) => a),
      [1, NaN, NaN, NaN, NaN, NaN, 2],
    );
    assert.equal(dataset.missing, 6);
  });

  it('prefers the first text column that tells rows apart as their label', async () => {
    const dataset = await read('t.csv', 'group,name,x\nA,n1,1\nA,n2,2\nA,n3,3\nB,n4,4\n');
    assert.equal(tableReport(dataset).label, 'name');
    assert.deepEqual(tableReport(dataset).leftOut, [{ column: 'group', reason: 'text, such as "A"' }]);
  });

  it('treats a few stray cells as missing and names the first', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => (index === 6 ? 'oops,1' : `${index},1`));
    const dataset = await read('t.csv', `a,b\n${lines.join('\n')}\n`);
    assert.equal(dataset.missing, 1);
    assert.deepEqual((await matrixOf(dataset))[6], [NaN, 1]);
    assert.match(dataset.warnings.join(), /1 cell is not numbers|"oops" in line 8, column "a"/);
  });

  it('leaves out a column with many stray cells, with its share and the first place', async () => {
    const lines = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 1 ? `low ${'abcdefghij'[index >> 2]},1` : `${index},1`,
    );
    const dataset = await read('t.csv', `a,b\n${lines.join('\n')}\n`);
    assert.deepEqual(tableReport(dataset).leftOut, [
      { column: 'a', reason: '25 % of its cells are text, first "low a" in line 3' },
    ]);
    assert.equal(dataset.columns, 1);
  });

  it('leaves out ZIP codes, but not whole numbers', async () => {
    const dataset = await read('t.csv', 'zip,count,share\n02139,1,0.5\n90210,20,01.5\n');
    assert.deepEqual(tableReport(dataset).features, ['count', 'share']);
    assert.match(tableReport(dataset).leftOut[0]?.reason ?? '', /identifier.*"02139" in line 2/);
    const chosen = await read('t.csv', 'zip,count\n02139,1\n90210,20\n', { columns: ['zip'] });
    assert.deepEqual(await matrixOf(chosen), [[2139], [90210]]);
  });

  it('leaves out identifiers and dates when name and form both say so, and tells why', async () => {
    const text = [
      'userId,zip code,day,id,holiday,count,grid',
      '7,90210,20240131,5,3,1,11',
      '9,10115,20240201,5,1,2,12',
      '8,75001,20240229,6,2,3,13',
    ].join('\n');
    const report = tableReport(await read('t.csv', text));
    // An id that repeats groups rows, "grid" is no id and "holiday" no day, and whole numbers that differ are data.
    assert.deepEqual(report.features, ['id', 'holiday', 'count', 'grid']);
    const reasons = Object.fromEntries(report.leftOut.map(({ column, reason }) => [column, reason]));
    assert.match(reasons['userId'] ?? '', /an identifier, by its name and since all .* different; choose it by name/);
    assert.match(reasons['zip code'] ?? '', /an identifier, by its name/);
    assert.match(reasons['day'] ?? '', /dates, by its name and since every number reads as a day/);
    const undone = await read('t.csv', text, { columns: ['type:number', 'userId', 'day'] });
    assert.deepEqual(tableReport(undone).features, ['userId', 'day', 'id', 'holiday', 'count', 'grid']);
  });

  it('takes fractions, gaps below zero and numbers that are no days for data, whatever their name', async () => {
    const text = 'id,zip,date\n1.5,-1,20241331\n2,3,20240101\n';
    assert.deepEqual(tableReport(await read('t.csv', text)).features, ['id', 'zip', 'date']);
  });

  it('finds columns by pattern and kind; what is named outdoes what a pattern finds', async () => {
    const text = 'name,pixel_0,pixel_10,Pixel_b,note,size\na,1,2,x,3,4\nb,5,6,y,7,8\n';
    const features = async (options: TableOptions) => tableReport(await read('t.csv', text, options)).features;
    assert.deepEqual(await features({ columns: ['pixel_*'] }), ['pixel_0', 'pixel_10']);
    assert.deepEqual(await features({ columns: ['PIXEL_?', 'size'] }), ['pixel_0', 'size']);
    assert.deepEqual(await features({ columns: ['type:number'], exclude: ['*_1*', 'note'] }), ['pixel_0', 'size']);
    assert.deepEqual(await features({ columns: ['pixel_10'], exclude: ['pixel_*'] }), ['pixel_10']);
    assert.deepEqual(await features({ columns: ['pixel_*'], exclude: ['pixel_10'] }), ['pixel_0']);
    const odd = await read('t.csv', 'a*,ab\n1,2\n3,4\n', { columns: ['a*'] });
    assert.deepEqual(tableReport(odd).features, ['a*']);
    await assertDataError(read('t.csv', text, { columns: ['q*'] }), /t\.csv: no column fits "q\*"/);
    await assertDataError(
      read('t.csv', text, { columns: ['type:date'] }),
      /no kind of column; write type:number or type:text/,
    );
  });

  it('takes a delimiter and a header as told, not as guessed', async () => {
    const text = '1;2,5\n3;4,5\n';
    assert.deepEqual(await matrixOf(await read('t.csv', text, { delimiter: ';', header: false })), [
      [1, 2.5],
      [3, 4.5],
    ]);
    const commas = await read('t.csv', text, { delimiter: ',', columns: ['2'], header: false });
    assert.deepEqual(await matrixOf(commas), [[5], [5]]);
    const named = await read('t.csv', '10,20\n3,4\n', { header: true });
    assert.deepEqual(tableReport(named).features, ['10', '20']);
    assert.deepEqual(await matrixOf(named), [[3, 4]]);
    const unnamed = await read('t.csv', 'a,1\nb,2\nc,3\n', { header: false });
    assert.equal(unnamed.rows, 3);
  });

  it('leaves out columns without values', async () => {
    const dataset = await read('t.csv', 'a,b,c\n1,,NA\n2,,?\n');
    assert.deepEqual(tableReport(dataset).leftOut, [
      { column: 'b', reason: 'no values' },
      { column: 'c', reason: 'no values' },
    ]);
  });

  it('treats infinities and what float32 cannot hold as missing, with a warning', async () => {
    const dataset = await read('t.csv', 'a,b\n1,2\ninf,-Infinity\n1e39,4\n');
    assert.deepEqual(await matrixOf(dataset), [
      [1, 2],
      [NaN, NaN],
      [NaN, 4],
    ]);
    assert.match(dataset.warnings.join(), /3 cells are infinite.*"inf" in line 3, column "a"/);
  });

  it('fills rows that are too short, naming the first', async () => {
    const dataset = await read('t.csv', 'a,b,c\n1,2,3\n4,5\n6\n7,8,9\n');
    assert.deepEqual(await matrixOf(dataset), [
      [1, 2, 3],
      [4, 5, NaN],
      [6, NaN, NaN],
      [7, 8, 9],
    ]);
    assert.match(dataset.warnings.join(), /2 rows have fewer cells.*line 3 with 2 of 3/);
  });

  it('tells of rows without any number and of removed thousands separators', async () => {
    const dataset = await read('t.csv', 'a,b\n"1,234.5",2\nNA,\n3,4\n');
    assert.deepEqual((await matrixOf(dataset))[0], [1234.5, 2]);
    assert.match(dataset.warnings.join(), /"1,234.5" in line 2/);
    assert.match(dataset.warnings.join(), /1 row holds no number at all, the first being line 3/);
  });

  it('judges columns by the whole file, not by its beginning', async () => {
    const lines: string[] = [];
    for (let row = 0; row < 30_000; row++) {
      const late = row >= 25_000;
      lines.push(`r${row},${2 * row},${late ? `text ${row}` : row % 7},${row === 27_500 ? '' : 0.5}`);
    }
    const dataset = await read('t.csv', `id,x,late,y\n${lines.join('\n')}\n`);
    assert.deepEqual(tableReport(dataset).features, ['x', 'y']);
    assert.match(
      tableReport(dataset).leftOut[0]?.reason ?? '',
      /^17 % of its cells are text, first "text 25000" in line 25002/,
    );
    assert.equal(dataset.missing, 1);
    const rows = await matrixOf(dataset);
    assert.deepEqual(rows[29_999], [59_998, 0.5]);
    assert.deepEqual(rows[27_500], [55_000, NaN]);
    assert.equal(dataset.rowLabels?.[29_999], 'r29999');
  });
});

describe('choosing columns', () => {
  const table = 'Name,Height,height,Weight,Tag\na,1,2,3,u\nb,4,5,6,v\n';

  it('takes exact names, names in any case and numbers', async () => {
    const dataset = await read('t.csv', table, { columns: ['Height', 'WEIGHT'], label: '5' });
    assert.deepEqual(dataset.columnLabels, ['Height', 'Weight']);
    assert.deepEqual(dataset.rowLabels, ['u', 'v']);
    assert.deepEqual(tableReport(dataset).leftOut, [
      { column: 'Name', reason: 'text, such as "a"' },
      { column: 'height', reason: 'not among the chosen columns' },
    ]);
    const headless = await read('t.csv', '1,2,3\n4,5,6\n', { exclude: ['2'], label: '1' });
    assert.deepEqual(await matrixOf(headless), [[3], [6]]);
    assert.deepEqual(headless.rowLabels, ['1', '4']);
    assert.deepEqual(tableReport(headless).leftOut, [{ column: 'column 2', reason: 'excluded as asked' }]);
  });

  it('does not label rows by an excluded column', async () => {
    const dataset = await read('t.csv', table, { exclude: ['Name'] });
    assert.equal(tableReport(dataset).label, 'Tag');
  });

  it('keeps a chosen column of mixed cells', async () => {
    const dataset = await read('t.csv', 'a,b\n1,x\n2,3\ny,4\n', { columns: ['b', 'a'] });
    assert.deepEqual(await matrixOf(dataset), [
      [1, NaN],
      [2, 3],
      [NaN, 4],
    ]);
    assert.match(dataset.warnings.join(), /2 cells are not numbers.*line 4, column "a"/);
  });

  it('refuses what is not there, listing near matches', async () => {
    await assertDataError(read('t.csv', table, { columns: ['Hieght'] }), /^t\.csv: .*"Hieght".*did you mean "Height"/);
    await assertDataError(read('t.csv', table, { exclude: ['6'] }), /no column 6.*from 1 to 5/);
    await assertDataError(read('t.csv', table, { label: 'zzz' }), /no column "zzz".*"Name", "Height"/);
    await assertDataError(read('t.csv', table, { columns: ['HEIGHT'] }), /could be any of "Height" and "height"/);
  });

  it('refuses contradictions and columns without numbers', async () => {
    await assertDataError(
      read('t.csv', table, { columns: ['Weight'], exclude: ['Weight'] }),
      /both chosen and excluded/,
    );
    await assertDataError(
      read('t.csv', table, { columns: ['Weight'], label: 'Weight' }),
      /both chosen and the row label/,
    );
    await assertDataError(read('t.csv', table, { columns: ['Tag'] }), /"Tag" was chosen but holds no numbers/);
  });
});

describe('tables that cannot be read', () => {
  const broken: Record<string, [string | Uint8Array, RegExp]> = {
    'is empty': ['', /the file is empty/],
    'holds only blank lines': ['\n \n\r\n', /only blank lines/],
    'has no numbers': ['a,b\nx,y\nz,w\n', /no column holds numbers \(columns: "a" and "b"\)/],
    'has only a header': ['a,b\n', /no rows below the header/],
    'has only missing entries': ['a,b\n,NA\n', /no column holds numbers/],
    'has a row that is too long': ['a,b\n1,2\n1,2,3\n', /line 3 has 3 cells.*2/],
    'has a quotation mark that never closes': ['id,a\nx,1\n"y,2\nz,3\n', /opened in line 3 never closes/],
    'has a quotation mark inside a quoted cell': ['id,a\n"x"y",1\n"z",2\n', /in line 2 a quoted cell goes on/],
    'is a PNG image': [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /a PNG image.*rename it to \.png/],
    'is a spreadsheet': [Buffer.from('PK\x03\x04abc', 'latin1'), /spreadsheet.*export the table as CSV/],
    'is binary': [Uint8Array.from({ length: 999 }, (_, index) => (index * 77) % 256), /binary file.*export/],
    'is in UTF-32': [Buffer.from('\xff\xfe\0\0a\0\0\0', 'latin1'), /UTF-32.*UTF-8/],
  };
  for (const [name, [content, pattern]] of Object.entries(broken)) {
    it(`says so when a file ${name}`, async () => {
      await assertDataError(read('Some Data.CSV', content), /^Some Data\.CSV: /, pattern);
    });
  }

  it('says so when the file is missing, a folder or of another kind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-data-'));
    try {
      await assertDataError(
        readDataset({ kind: 'path', path: join(folder, 'no.csv') }),
        /^no\.csv: no such file.*check/,
      );
      await assertDataError(readDataset({ kind: 'path', path: folder + '/x.txt/y.csv' }), /^y\.csv: no such file/);
      writeFileSync(join(folder, 'a.docx'), 'x');
      await assertDataError(
        readDataset({ kind: 'path', path: join(folder, 'a.docx') }),
        /^a\.docx: .*\.docx.*use \.csv/,
      );
      writeFileSync(join(folder, 'README'), 'x');
      await assertDataError(readDataset({ kind: 'path', path: join(folder, 'README') }), /no extension/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('stops when asked, with the reason given', async () => {
    const stop = new AbortController();
    const bytes = Buffer.from(`a,b\n${'1,2\n'.repeat(150_000)}`);
    const fractions: number[] = [];
    const reading = readDataset(
      { kind: 'bytes', name: 't.csv', uri: 'memory:/t.csv', bytes },
      {
        signal: stop.signal,
        onProgress(fraction) {
          fractions.push(fraction);
          stop.abort(new Error('enough'));
        },
      },
    );
    await assert.rejects(reading, { message: 'enough' });
    assert.equal(fractions.length, 1);
  });

  it('tells its progress from nothing to all', async () => {
    const bytes = Buffer.from(`a,b\n${'1,2\n'.repeat(150_000)}`);
    const fractions: number[] = [];
    await readDataset(
      { kind: 'bytes', name: 't.csv', uri: 'memory:/t.csv', bytes },
      { onProgress: (fraction) => fractions.push(fraction) },
    );
    assert.ok(fractions.length > 2);
    assert.equal(fractions.at(-1), 1);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
    );
  });
});
