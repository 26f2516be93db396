import assert from 'node:assert/strict';
import type { Dataset, TableOptions } from '../../../src/data/dataset';
import { inOrder } from '../../../src/data/read-again';
import { read } from './reading';

/** What a file of a size is read for; `options` are given to the reader. */
interface Shape {
  name: string;
  /** For which the work takes a few hundredths of a second at least. */
  size: number;
  file(size: number): string;
  options?(size: number): TableOptions;
  /** What is done with the dataset besides. */
  then?(dataset: Dataset, size: number): Promise<unknown>;
}

const numbers = (size: number): number[] => Array.from({ length: size }, (_, index) => index);
const row = (size: number, cell: (index: number) => string | number): string =>
  `${numbers(size).map(cell).join(',')}\n`;
const wide = (size: number, name: (index: number) => string): string =>
  row(size, name) + row(size, (index) => index % 7) + row(size, (index) => index % 5);
const text = { minimum: 1, maximum: 1, stopWords: 'none' } as const;
const long = { row: '1', column: '2', value: '3' };

/** Cases in which a reader that looks through all of what it has read for each thing that it reads shows itself. */
const shapes: Record<string, Shape> = {
  'columns of one name': { name: 'a.csv', size: 20_000, file: (n) => wide(n, () => 'x') },
  'columns of two names and their numbered kin': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => (index % 2 === 0 ? 'x' : `x (${index})`)),
  },
  'columns without names': { name: 'a.csv', size: 20_000, file: (n) => wide(n, (index) => (index === 0 ? 'x' : '')) },
  'columns asked for by name': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`),
    options: (n) => ({ columns: numbers(n).map((index) => `x${n - 1 - index}`) }),
  },
  'columns asked for in another case': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`),
    options: (n) => ({ columns: numbers(n).map((index) => `X${index}`) }),
  },
  'columns asked for to the letter': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`),
    options: (n) => ({ columns: numbers(n).map((index) => `x${index}`), exact: true }),
  },
  'columns left out by name': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`),
    options: (n) => ({ exclude: numbers(n - 1).map((index) => `x${index}`) }),
  },
  'columns of text': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`) + row(n, (index) => (index === 0 ? 1 : 'a')).repeat(5),
  },
  'columns in another order': {
    name: 'a.csv',
    size: 20_000,
    file: (n) => wide(n, (index) => `x${index}`),
    then: async (dataset, n) => {
      const ordered = inOrder(
        dataset,
        numbers(n).map((index) => `x${n - 1 - index}`),
      );
      assert.ok('blocks' in ordered);
      for await (const { values } of ordered.blocks()) assert.equal(values[0], (n - 1) % 7);
    },
  },
  'rows with names of their own': {
    name: 'a.csv',
    size: 100_000,
    file: (n) =>
      `id,x\n${numbers(n)
        .map((index) => `r${index},${index % 9}\n`)
        .join('')}`,
  },
  'a cell of very many digits': { name: 'a.csv', size: 400_000, file: (n) => `a,b\n1,2\n3,${'1'.repeat(n)}x\n4,5\n` },
  'a cell of very many digits with a point': {
    name: 'a.csv',
    size: 400_000,
    file: (n) =>
      `a,b\n1,2\n3,${'1'.repeat(n)}.${'1'.repeat(n)}\n4,${',123'.repeat(n)}\n`
        .replace(',,', ',"1')
        .replace(/\n$/, '"\n'),
  },
  'a cell of very many blanks': { name: 'a.txt', size: 1_000_000, file: (n) => `a b\n1 2\n3${' '.repeat(n)}4\n5 6\n` },
  'very many quotation marks': {
    name: 'a.csv',
    size: 100_000,
    file: (n) => `a,b\n${'"1","2 ""x"" y"\n'.repeat(n)}1,2\n`,
  },
  'a quoted cell of very many lines': {
    name: 'a.csv',
    size: 1_000_000,
    file: (n) => `a,b\n1,x\n2,x\n3,"${'y\n'.repeat(n)}"\n`,
  },
  'carriage returns': { name: 'a.csv', size: 100_000, file: (n) => `a,b\r${'1,2\r'.repeat(n)}` },
  'blank lines': { name: 'a.csv', size: 200_000, file: (n) => `a,b\n1,2\n${'\n'.repeat(n)}3,4\n` },
  'a row longer than any chunk': { name: 'a.csv', size: 30_000, file: (n) => row(n, (index) => index % 10).repeat(2) },
  'lines of one long table each of its own place': {
    name: 'a.csv',
    size: 50_000,
    file: (n) =>
      `r,c,v\n${numbers(n)
        .map((index) => `r${index},c${index},1\n`)
        .join('')}`,
    options: () => ({ long }),
  },
  'lines of a long table of one place': {
    name: 'a.csv',
    size: 100_000,
    file: (n) => `r,c,v\n${'a,b,1\n'.repeat(n)}`,
    options: () => ({ long }),
  },
  'lines of a long table two of each place': {
    name: 'a.csv',
    size: 50_000,
    file: (n) =>
      `r,c,v\n${numbers(n)
        .map((index) => `r${index >> 1},c${index >> 1},1\n`)
        .join('')}`,
    options: () => ({ long }),
  },
  'one line of text without an end': {
    name: 'a.txt',
    size: 200_000,
    file: (n) => 'ab '.repeat(n),
    options: () => ({ text }),
  },
  'one line of text of words of its own': {
    name: 'a.txt',
    size: 10_000,
    file: (n) =>
      numbers(n)
        .map((index) => `word${index}`)
        .join(' '),
    options: () => ({ text }),
  },
  'one line without spaces': {
    name: 'a.txt',
    size: 100_000,
    file: (n) => 'แมวกินปลา'.repeat(n / 9),
    options: () => ({ text }),
  },
  'short lines of text': { name: 'a.txt', size: 50_000, file: (n) => 'the cat\n'.repeat(n), options: () => ({ text }) },
  'a JSON line without an end': {
    name: 'a.jsonl',
    size: 200_000,
    file: (n) => `{"text":"${'ab '.repeat(n)}"}\n`,
    options: () => ({ text }),
  },
  'JSON lines of fields of their own': {
    name: 'a.jsonl',
    size: 20_000,
    file: (n) =>
      numbers(n)
        .map((index) => `{"text":"the cat","field${index}":"x"}\n`)
        .join(''),
    options: () => ({ text }),
  },
};

/** Seconds that the processor takes to read it, the least of several times; other programs' work is not counted. */
async function cost({ name, file, options, then }: Shape, size: number): Promise<number> {
  const bytes = Buffer.from(file(size));
  let least = Infinity;
  for (let time = 0; time < 3; time++) {
    const before = process.cpuUsage();
    const dataset = await read(name, bytes, options?.(size));
    if ('blocks' in dataset) for await (const { count } of dataset.blocks()) assert.ok(count > 0);
    await then?.(dataset, size);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

describe('the time that reading takes', () => {
  for (const [what, shape] of Object.entries(shapes)) {
    it(`grows in proportion to the size: ${what}`, async function () {
      this.timeout(300_000);
      // What takes time with the square of the size takes 4 times as long for twice of it, and 16 times for four times.
      const ratios: number[] = [];
      for (let attempt = 0; attempt < 3 && (ratios.at(-1) ?? Infinity) > 8; attempt++) {
        const small = await cost(shape, shape.size);
        ratios.push((await cost(shape, 4 * shape.size)) / Math.max(small, 0.01));
      }
      assert.ok(
        (ratios.at(-1) as number) <= 8,
        `four times the size takes ${ratios.map((r) => r.toFixed(1)).join(', ')} times as long`,
      );
    });
  }
});
