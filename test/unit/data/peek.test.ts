import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { rankLimit, readingChoices } from '../../../src/commands/reading';
import { peekAt } from '../../../src/data/peek';
import { readDataset } from '../../../src/data/read';
import type { Source } from '../../../src/data/dataset';
import { repository } from '../../support/repository';

const bytes = (name: string, text: string | Uint8Array): Source => ({
  kind: 'bytes',
  name,
  uri: `memory:/${name}`,
  bytes: typeof text === 'string' ? Buffer.from(text) : text,
});
const choices = async (name: string, text: string | Uint8Array): Promise<string[]> =>
  readingChoices(await peekAt(bytes(name, text))).map(({ id }) => id);

const prose = Array.from(
  { length: 60 },
  (_, k) => `In chapter ${k} the whale, which nobody had seen before, swam about the ship and sang.`,
).join('\n');

describe('A look at the beginning of a file', () => {
  it('offers a document a line where a .txt file is prose, and reads what it offers', async () => {
    assert.equal((await choices('whale.txt', prose))[0], 'lines');
    const [first] = readingChoices(await peekAt(bytes('whale.txt', prose)));
    assert.ok(first?.text);
    const dataset = await readDataset(bytes('whale.txt', prose), { table: { text: { ...first.text, maximum: 1 } } });
    assert.equal(dataset.rows, 60);
  });

  it('asks nothing of numbers, whatever the ending', async () => {
    const numbers = Array.from({ length: 30 }, (_, k) => `${k} ${k * k} ${k + 0.5}`).join('\n');
    assert.deepEqual(await choices('numbers.txt', numbers), []);
    assert.deepEqual(await choices('labelled.csv', `name,a,b\nada,1,2\nbob,3,4\ncyd,5,6`), []);
  });

  it('offers the columns of a table that hold sentences beside its numbers, and such a column alone', async () => {
    const reviews = [
      'id,stars,review',
      ...Array.from({ length: 20 }, (_, k) => `r${k},${k % 5},"a book that I would read again, ${k} times"`),
    ];
    assert.deepEqual(await choices('reviews.csv', reviews.join('\n')), ['numbers', 'column review']);
    assert.deepEqual(
      await choices('titles.csv', 'title,text\nA,some words of a text here\nB,other words of a text there'),
      ['column title', 'column text'],
    );
  });

  it('offers the fields of JSON lines where `text` is not the only one', async () => {
    assert.deepEqual(await choices('a.jsonl', '{"text":"a b"}\n{"text":"c"}'), []);
    assert.deepEqual(await choices('b.jsonl', '{"body":"a b","n":1}\n'), ['column body']);
    assert.deepEqual(await choices('c.jsonl', '{"text":"a b","title":"x"}\n'), ['column text', 'column title']);
  });

  it('looks into packed files, and at nothing that is no text', async () => {
    assert.equal((await choices('whale.txt.gz', gzipSync(prose)))[0], 'lines');
    assert.equal(await peekAt({ kind: 'path', path: `${repository}/samples/china.jpg` }), undefined);
  });

  it('knows the columns of ratings by their names, and else by what they hold', async () => {
    const peek = await peekAt({ kind: 'path', path: `${repository}/samples/ratings.csv` });
    assert.ok(peek?.kind === 'table');
    assert.deepEqual(peek.long, { row: 'reader', column: 'book', value: 'stars' });
    assert.equal(peek.whole, true);
    assert.equal(peek.columns.find(({ name }) => name === 'stars')?.kind, 'numbers');
    const lines = Array.from({ length: 60 }, (_, k) => `p${k % 6};q${(k * 7) % 10};${k % 5}`);
    const unnamed = await peekAt(bytes('x.csv', ['wer;was;wie', ...lines].join('\n')));
    assert.deepEqual(unnamed?.kind === 'table' && unnamed.long, { row: 'wer', column: 'was', value: 'wie' });
    const ordinary = await peekAt({ kind: 'path', path: `${repository}/samples/penguins.csv` });
    assert.equal(ordinary?.kind === 'table' && ordinary.long, undefined);
  });

  it('tells how high a rank can be of use, where it is known', async () => {
    const at = async (name: string) => rankLimit(await peekAt({ kind: 'path', path: `${repository}/samples/${name}` }));
    assert.deepEqual(await at('mutations.tsv'), { most: 21, size: '96 × 21 data' });
    assert.equal((await at('digits.csv'))?.most, 64);
    assert.equal(await at('china.jpg'), undefined);
    assert.equal(await at('ratings.csv'), undefined, 'its matrix is one of people and things');
  });
});
