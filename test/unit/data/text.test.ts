import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableOptions } from '../../../src/data/dataset';
import type { TextOptions } from '../../../src/data/reading-report';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import { readDataset } from '../../../src/data/read';
import { sameChoices, sameColumns } from '../../../src/data/read-again';
import { maxTerms } from '../../../src/data/text/document-terms';
import { languageOf } from '../../../src/data/text/stop-words';
import { tokensOf } from '../../../src/data/text/tokens';
import { presetOf } from '../../../src/model/presets';
import { topWords } from '../../../src/wording/topics';
import { factorizationOf } from '../../support/factorizations';
import { factorizing } from '../../support/factorizing';
import { assertDataError, matrixOf, read } from './reading';

const all: TextOptions = { minimum: 1, maximum: 1, stopWords: 'none' };

describe('text', () => {
  it('is counted as scikit-learn counts it', async () => {
    const golden = JSON.parse(readFileSync('test/data/text/counts.json', 'utf8')) as {
      results: { minimum: number; maximum: number; terms: string[]; counts: number[][] }[];
    };
    for (const { minimum, maximum, terms, counts } of golden.results) {
      const dataset = await readDataset(
        { kind: 'path', path: 'test/data/text/documents.txt' },
        { table: { text: { minimum, maximum, stopWords: 'none' } } },
      );
      assert.deepEqual(dataset.columnLabels, terms);
      assert.deepEqual(await matrixOf(dataset), counts);
      assert.equal(dataset.missing, 0);
    }
  });

  it('without spaces is cut into the same words however long it is', () => {
    // Sentences of different lengths, so that windows end at every place of one.
    const sentences = [
      '机器学习是人工智能的一个分支。',
      '猫は可愛い、犬も可愛い。',
      '我们在北京大学研究矩阵分解的方法。',
      'แมวกินปลา ',
    ];
    const whole = Array.from({ length: 400 }, (_, at) => sentences[((at * at) % 7) % 4]).join('');
    const words = Array.from(new Intl.Segmenter(undefined, { granularity: 'word' }).segment(whole))
      .filter(({ isWordLike }) => isWordLike)
      .map(({ segment }) => segment);
    assert.deepEqual(tokensOf(whole), words);
  });

  it('is cut into words in any script', () => {
    assert.deepEqual(tokensOf('ÜBER x2 naïve, Привет-мир! a б'), ['über', 'x2', 'naïve', 'привет', 'мир']);
    // A decomposed é is the same letter.
    assert.deepEqual(tokensOf('Cafe\u0301'), ['café']);
    const chinese = tokensOf('我们喜欢机器学习 and Python');
    assert.ok(chinese.includes('我们') && chinese.includes('python') && chinese.includes('and'));
    assert.ok(!chinese.includes(' '));
  });

  it('leaves out the stop words of its language, which it says', async () => {
    const dataset = await readDataset(
      { kind: 'path', path: 'test/data/text/documents.txt' },
      { table: { text: { minimum: 1, maximum: 1, stopWords: 'auto' } } },
    );
    assert.ok(dataset.reading.kind === 'text' && dataset.reading.language === 'en');
    for (const word of ['the', 'and', 'of', 'on']) assert.ok(!dataset.columnLabels?.includes(word), word);
    assert.ok(dataset.columnLabels?.includes('cat'));
    const counts = (text: string) => new Map(tokensOf(text).map((token) => [token, 1]));
    assert.equal(languageOf(counts('Der Hund und die Katze sind nicht in dem Haus, aber sie schlafen')), 'de');
    assert.equal(languageOf(counts('Le chat est sur la table et il ne dort pas dans son lit')), 'fr');
    assert.equal(languageOf(counts('El perro está en la casa y no quiere salir de su cama')), 'es');
    assert.equal(languageOf(counts('alpha beta gamma delta epsilon zeta')), undefined);
  });

  it('comes from a column, from JSON lines or from a folder, with the same counts', async () => {
    const documents = ['cat dog', 'dog bird bird', 'cat'];
    const expected = [
      [0, 1, 1],
      [2, 0, 1],
      [0, 1, 0],
    ];
    const csv = await read('a.csv', `id,body\n1,"cat dog"\n2,"dog bird bird"\n3,cat\n`, {
      text: { ...all, from: 'body' },
    });
    const lines = documents.map((body, id) => JSON.stringify({ id, body, text: 'x' })).join('\r\n');
    const json = await read('a.jsonl', lines, { text: { ...all, from: 'body' } });
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-texts-'));
    try {
      documents.forEach((text, index) => writeFileSync(join(folder, `${index}.txt`), text));
      const files = await readDataset({ kind: 'path', path: folder }, { table: { text: all } });
      assert.deepEqual(files.rowLabels, ['0.txt', '1.txt', '2.txt']);
      for (const dataset of [csv, json, files]) {
        assert.deepEqual(dataset.columnLabels, ['bird', 'cat', 'dog']);
        assert.deepEqual(await matrixOf(dataset), expected);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    assert.deepEqual(csv.rowLabels, documents);
  });

  it('takes the terms of another matrix, in their order, where those are asked for', async () => {
    const text = { ...all, vocabulary: ['dog', 'fish', 'cat'] };
    const dataset = await read('new.txt', 'cat cat bird\ndog\nbird\n', { text });
    assert.deepEqual(await matrixOf(dataset), [
      [0, 0, 2],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    assert.match(dataset.warnings.join(' '), /1 document holds none of the terms/);
  });

  it('keeps no more terms than there is room for, and says so', async () => {
    const words = Array.from({ length: maxTerms + 5 }, (_, k) => `w${String(k).padStart(6, '0')}`);
    const dataset = await read('a.txt', `${words.join(' ')}\n${words.slice(7).join(' ')}\n`, { text: all });
    assert.equal(dataset.columns, maxTerms);
    assert.ok(!dataset.columnLabels?.includes('w000006'), 'terms of one document go first');
    assert.match(
      dataset.warnings.join(' '),
      /Of 20,005 terms the 20,000 that are in most documents were kept, since 2 documents × 20,005 terms would take/,
    );
  });

  it('is refused where so many documents leave room for few terms, unless few are asked for', async () => {
    const words = Array.from({ length: 1000 }, (_, k) => `w${k}`);
    const documents = 140_000;
    const lines = `${words.join(' ')}\n${'common word\n'.repeat(documents - 1)}`;
    await assertDataError(
      read('many.txt', lines, { text: all }),
      /many\.txt: 140,000 documents × 1,002 terms would take 0\.6 GB, more than is held whole; take fewer documents, or at most 958 terms \(--min-df and --max-df leave out the others\)/,
    );
    const dataset = await read('many.txt', lines, { text: { ...all, minimum: 2 } });
    assert.deepEqual([dataset.rows, dataset.columnLabels], [documents, ['common', 'word']]);
  });

  it('is refused with the place and the remedy', async () => {
    await assertDataError(read('a.jsonl', '{"text":"cat"}\nnot json\n'), /a\.jsonl: line 2 is not valid JSON/);
    await assertDataError(read('a.jsonl', '[1]\n'), /line 1 is no object/);
    await assertDataError(
      read('a.jsonl', '{"body":"cat","n":1}\n'),
      /no line has text in the field "text"; name one that has \(--text\): "body"/,
    );
    await assertDataError(read('a.txt', '1 . , ;\n', { text: all }), /no document holds a word/);
    await assertDataError(
      read('a.txt', 'cat\ndog\n', { text: { ...all, minimum: 2 } }),
      /none of the 2 terms is in at least 2 .* terms of fewer \(--min-df\)/,
    );
    await assertDataError(read('a.csv', 'a,b\n1,x\n', { text: { ...all, from: 'body' } }), /there is no column "body"/);
  });

  it('is read again as it was read, whatever the column and the header were found or said to be', async () => {
    const documents = ['cat dog', 'dog bird bird', 'cat', 'bird'];
    const rows = documents.map((text, k) => `${k},${text}`).join('\n');
    const titled = `id,body\n${rows}\n`;
    const cases: [name: string, content: string | Uint8Array, table: TableOptions][] = [
      ['numbered.csv', `${rows}\n`, { header: false, text: { ...all, from: '2' } }],
      // By itself the first row would be no header.
      ['words.csv', 'cat,cat dog\ndog,dog bird\nbird,fish\n', { header: true, text: { ...all, from: '2' } }],
      ['titled.csv', titled, { header: true, text: { ...all, from: '2' } }],
      ['named.csv', titled, { text: { ...all, from: 'body' } }],
      ['skipped.csv', `a, title\n${titled}`, { skip: 1, text: { ...all, from: '2' } }],
      ['bars.csv', titled.replaceAll(',', '|'), { delimiter: '|', text: { ...all, from: '2' } }],
      ['lines.txt', Buffer.from('Ubung macht\n\xdcbung hilft\n', 'latin1'), { encoding: 'iso-8859-1', text: all }],
    ];
    for (const [name, content, table] of cases) {
      const first = await read(name, content, table);
      // Through the file of a result, as everything that is read again.
      const saved = decodeFactorization(encodeFactorization(factorizationOf({ reading: first.reading })), name);
      const again = await read(name, content, sameChoices(saved.reading));
      assert.deepEqual(again.rowLabels, first.rowLabels, name);
      assert.deepEqual(again.columnLabels, first.columnLabels, name);
      assert.deepEqual(await matrixOf(again), await matrixOf(first), name);
      assert.deepEqual(again.reading, first.reading, name);
      const fresh = sameColumns(saved.reading, first.columnLabels);
      if (name !== 'bars.csv' && name !== 'skipped.csv' && name !== 'lines.txt') {
        assert.deepEqual(
          await matrixOf(await read(name, content, fresh)),
          await matrixOf(first),
          `new rows of ${name}`,
        );
      }
    }
  });

  it('has topics of words that go together', async () => {
    const pets = ['cat dog bird', 'dog cat', 'bird cat cat', 'dog dog bird'];
    const money = ['bank share rate', 'rate bank', 'share share bank', 'rate rate share'];
    const dataset = await read('a.txt', [...pets, ...money].join('\n'), { text: all });
    const result = await factorizing(dataset, { model: presetOf('topics').model, rank: 2 });
    const topics = topWords(result, 3).map((words) => words.sort().join(' '));
    assert.deepEqual(topics.sort(), ['bank rate share', 'bird cat dog']);
  });
});
