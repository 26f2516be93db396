import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Vips from 'wasm-vips';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import type { Dataset, TableOptions } from '../../src/data/dataset';
import { decodeNpy, encodeNpy, NpyError } from '../../src/data/formats/npy';
import { readDataset } from '../../src/data/read';
import { testData } from '../support/repository';
import { fuzz, isMine, oneOf, seedText, type Fuzzed, type Random } from './harness';
import { bmp, gif, png, tiff, tiffPages, withOrientation } from '../unit/data/images';
import { read } from '../unit/data/reading';

const utf16be = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le').swap16();

const table = 'id,first,second,third\na,1,2.5,NA\nb,"1,234",-3e-2,x\n"c ""d""",007,,1e5\n"e\nf",4,5,6\n';
const tables: Fuzzed['files'] = [
  ['comma.csv', Buffer.from(table)],
  ['tab.tsv', Buffer.from('a\tb\tc\n1\t2\t3\n4\t\t6\n7\t8\t9\n')],
  ['semicolon.csv', Buffer.from('Größe;Preis;Tag\n1,5;1.234,5;20240131\n2,5;7;20240201\n')],
  ['bar.txt', Buffer.from('a|b|c\n1|2|3\n4|5|6\n')],
  ['space.txt', Buffer.from('  1.0   2.0 3.0\n  4.0   5.0 6.0\n')],
  ['mark.csv', Buffer.from(`\ufeff${table}`)],
  ['little.csv', Buffer.from(`\ufeff${table}`, 'utf16le')],
  ['big.csv', utf16be(table)],
  ['latin.csv', Buffer.from('Stra\xdfe,x\nM\xfcller,1\nBj\xf6rn,2\n', 'latin1')],
  ['named.csv', Buffer.from('sep=;\r\na;b\r\n1;2\r\n3;4\r\n')],
  ['carriage.csv', Buffer.from('a,b\r1,2\r3,4\r')],
  ['numbers.csv', Buffer.from('1,2,3\n4,5,6\n7,8,9\n')],
  ['penguins.csv', readFileSync(testData('penguins.csv')).subarray(0, 3000)],
  ['mutations.tsv', readFileSync(testData('mutations.tsv')).subarray(0, 3000)],
];
const anyChoice = (random: Random): TableOptions => ({
  ...(random(3) === 0 && { delimiter: oneOf(random, [',', ';', '\t', ' ', '|']) }),
  ...(random(3) === 0 && { header: random(2) === 0 }),
  ...(random(6) === 0 && { columns: [oneOf(random, ['1', 'a', '*', 'type:number', 'first'])] }),
  ...(random(6) === 0 && { exclude: [oneOf(random, ['2', 'b', '?', 'type:text'])] }),
  ...(random(6) === 0 && { label: oneOf(random, ['1', 'id']) }),
});

const lines = 'user,item,rating,weight\nu1,i1,4,1\nu2,i1,3.5,2\nu1,i2,NA,1\nu2,i2,1,0\nu1,i1,2,1\n7,8,9,1\n';
const entries: Fuzzed['files'] = [
  ['long.csv', Buffer.from(lines)],
  ['long.tsv', Buffer.from(lines.replaceAll(',', '\t'))],
  ['numbers.csv', Buffer.from('1,1,5\n1,2,4\n3,1,2\n-2,7,1\n')],
];

const [rows, columns] = [4, 3];
const data = Buffer.from('a,b,c\n1,2,3\n4,5,6\n7,,9\n1,1,1\n');
const weights = Float32Array.from({ length: rows * columns }, (_, at) => at % 5);
const arrays: [string, Uint8Array][] = [
  ['floats.npy', encodeNpy(weights, [rows, columns])],
  ['doubles.npy', encodeNpy(Float64Array.from(weights), [rows, columns])],
  ['integers.npy', encodeNpy(BigInt64Array.from(weights, BigInt), [rows, columns])],
  ['bytes.npy', encodeNpy(Uint8Array.from(weights), [rows, columns])],
];
const [, [, doubles] = ['', new Uint8Array()]] = arrays;
const archives: [string, Uint8Array][] = [
  ['stored.npz', zipSync({ 'weights.npy': doubles, 'other.npy': doubles }, { level: 0 })],
  ['deflated.npz', zipSync({ 'weights.npy': doubles }, { level: 9 })],
];
const weightTables: Fuzzed['files'] = [['weights.csv', Buffer.from('a,b,c\n1,0,2\n1,1,1\n.5,1,1\n3,3,3\n')]];

const sentences = 'The cat sat on the mat.\nA dog, a cat and a naïve Größe.\r\nแมว 猫は可愛い\n\nthe dog ran\n';
const texts: Fuzzed['files'] = [
  ['lines.txt', Buffer.from(sentences)],
  ['marked.txt', Buffer.from(`\ufeff${sentences}`, 'utf16le')],
];
const objects: Fuzzed['files'] = [
  [
    'objects.jsonl',
    Buffer.from('{"text":"the cat sat","n":1}\n{"text":"the dog ran"}\n{"other":null}\n{"text":"cat \\u00e9"}\n'),
  ],
];
const text = { minimum: 1, maximum: 1, stopWords: 'none' } as const;

const matrices: Fuzzed['files'] = [
  ['listed.mtx', Buffer.from('%%MatrixMarket matrix coordinate real general\n% note\n3 3 3\n1 1 2.5\n2 3 1\n3 2 4\n')],
  ['dense.mtx', Buffer.from('%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n')],
];

const at = (name: string, options?: TableOptions) => (_: string, bytes: Uint8Array) => read(name, bytes, options);

/** A small file may hold an image of 100 million pixels, or say that it holds as many numbers. */
const imageSeconds = 120;

const readers: Fuzzed[] = [
  { reader: 'tables', files: tables, read: (name, bytes, random) => read(name, bytes, anyChoice(random)) },
  {
    reader: 'long tables',
    files: entries,
    read: (name, bytes, random) =>
      read(name, bytes, {
        ...(random(3) === 0 && { header: random(2) === 0 }),
        long: { row: '1', column: '2', value: '3', ...(random(2) === 0 && { weight: '4' }) },
      }),
  },
  {
    reader: 'weights',
    files: [...arrays, ...archives, ...weightTables],
    read: (name, bytes) =>
      readDataset(
        { kind: 'bytes', name: 'data.csv', uri: 'memory:/data.csv', bytes: data },
        { weights: { kind: 'bytes', name, uri: `memory:/${name}`, bytes } },
      ),
  },
  {
    reader: 'NumPy arrays',
    files: arrays,
    read: (_, bytes) => {
      decodeNpy(bytes);
      return Promise.resolve(undefined);
    },
    expects: (error) => error instanceof NpyError,
  },
  {
    reader: 'matrices of numbers',
    files: [...arrays, ...matrices],
    read: (name, bytes) => read(name, bytes),
    mostSeconds: imageSeconds,
  },
  {
    reader: 'compressed files',
    files: [...tables.slice(0, 4), ...matrices].map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)] as const),
    read: (name, bytes) => read(name, bytes),
    mostSeconds: imageSeconds,
  },
  { reader: 'lines of text', files: texts, read: at('lines.txt', { text }) },
  { reader: 'JSON lines', files: objects, read: at('objects.jsonl', { text }) },
  { reader: 'a column of text', files: tables, read: at('table.csv', { text: { ...text, from: '1' } }) },
];

/** Images of each format, small, so that very many are tried. */
async function images(): Promise<Record<string, Fuzzed['files']>> {
  const vips = await Vips({ dynamicLibraries: [] });
  const samples = Uint8Array.from({ length: 20 * 16 * 3 }, (_, index) => (index * index) % 251);
  const image = vips.Image.newFromMemory(samples, 20, 16, 3, vips.BandFormat.uchar);
  const grey = image.extractBand(0);
  const write = (suffix: string, options: Record<string, unknown> = {}, from = image): [string, Uint8Array] => [
    `image${suffix}`,
    from.writeToBuffer(suffix, options).slice(),
  ];
  const [, jpeg] = write('.jpg');
  const strip = Buffer.from(samples.subarray(0, 320));
  const tags = { 256: [20], 257: [16], 258: [8], 259: [1], 262: [1], 277: [1], 278: [8] };
  const page = { tags, pieces: [strip.subarray(0, 160), strip.subarray(160)] };
  const files: Record<string, Fuzzed['files']> = {
    PNG: [
      write('.png'),
      write('.png', { interlace: true }),
      write('.png', { palette: true }),
      [
        'rgba.png',
        png({ width: 3, height: 1, bits: 8, colour: 'rgba', samples: [0, 0, 0, 0, 0, 0, 0, 255, 1, 1, 1, 51] }),
      ],
      ['deep.png', png({ width: 2, height: 1, bits: 16, colour: 'greyAlpha', samples: [0, 0, 500, 65535] })],
    ],
    JPEG: [
      ['image.jpg', jpeg],
      write('.jpg', { interlace: true }),
      write('.jpg', {}, grey),
      ['turned.jpg', withOrientation(Buffer.from(jpeg), 6)],
    ],
    WebP: [write('.webp'), write('.webp', { lossless: true }), write('.webp', { Q: 20 }, grey)],
    GIF: [write('.gif'), ['frames.gif', gif]],
    TIFF: [
      write('.tif'),
      ...['lzw', 'jpeg', 'deflate', 'packbits'].map((compression) => write('.tif', { compression })),
      write('.tif', { tile: true, tile_width: 16, tile_height: 16 }),
      ['deep.tif', tiff(2, 2, 16, Buffer.alloc(8, 1))],
      ['float.tif', tiff(2, 2, 32, Buffer.from(Float32Array.of(1, NaN, -3, 4).buffer), [339, 3])],
      ['double.tif', tiff(2, 2, 64, Buffer.from(Float64Array.of(1, 2, -3, Infinity).buffer), [339, 3])],
      ['bands.tif', tiff(2, 2, 8, Buffer.alloc(20, 7), [277, 5], [338, 0])],
      ['pages.tif', tiffPages({ pages: [page, page] })],
      ['big.tif', tiffPages({ big: true, order: 'big', pages: [page] })],
    ],
    bitmaps: [
      ['true.bmp', bmp({ width: 4, height: 4, depth: 24, pixels: [...samples.subarray(0, 48)] })],
      ['half.bmp', bmp({ width: 4, height: 2, depth: 16, pixels: [...samples.subarray(0, 16)] })],
      [
        'full.bmp',
        bmp({
          width: 2,
          height: 2,
          depth: 32,
          compression: 3,
          extra: [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0],
          pixels: [...samples.subarray(0, 16)],
        }),
      ],
      [
        'one.bmp',
        bmp({ width: 9, height: 2, depth: 1, extra: [0, 0, 0, 0, 9, 9, 9, 0], pixels: [1, 0, 0, 0, 2, 0, 0, 0] }),
      ],
      [
        'runs.bmp',
        bmp({ width: 3, height: 2, depth: 8, compression: 1, extra: [0, 0, 0, 0], pixels: [3, 0, 0, 0, 3, 0, 0, 1] }),
      ],
      [
        'nibbles.bmp',
        bmp({ width: 4, height: 2, depth: 4, compression: 2, extra: [0, 0, 0, 0], pixels: [4, 0, 0, 2, 1, 0, 0, 1] }),
      ],
    ],
  };
  grey.delete();
  image.delete();
  vips.shutdown();
  return files;
}

const imageChoices = [
  undefined,
  { as: 'channels' },
  { as: 'patches', size: 2 },
  { as: 'patches', size: 3, stride: 2 },
] as const;
const readImage: Fuzzed['read'] = (name, bytes, random) => {
  const image = oneOf(random, imageChoices);
  return read(name, bytes, image && { image });
};

describe(`mutated files (${seedText})`, function () {
  this.timeout(0);
  const say = (reader: string, tried: number): void => {
    process.stdout.write(`      ${tried} mutated files of ${reader}\n`);
  };

  for (const [place, fuzzed] of readers.entries()) {
    if (!isMine(place)) continue;
    it(`${fuzzed.reader} are read, or refused with a reason`, async () => {
      say(fuzzed.reader, await fuzz(fuzzed));
    });
  }

  for (const [place, format] of ['PNG', 'JPEG', 'WebP', 'GIF', 'TIFF', 'bitmaps'].entries()) {
    if (!isMine(place)) continue;
    it(`${format} images are read, or refused with a reason, and the next is read all the same`, async () => {
      const files = (await images())[format] ?? [];
      say(format, await fuzz({ reader: format, files, read: readImage, mostSeconds: imageSeconds }));
      for (const [name, bytes] of files) await read(name, bytes);
    });
  }

  if (!isMine(2)) return;
  it('folders are read, or refused with a reason', async () => {
    const { PNG = [], bitmaps = [] } = await images();
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-fuzz-folder-'));
    const readFolder = (name: string, bytes: Uint8Array, random: Random): Promise<Dataset> => {
      rmSync(folder, { recursive: true });
      return readMembers(folder, name, bytes, random);
    };
    try {
      say(
        'folders',
        await fuzz({
          reader: 'folders',
          files: [...PNG, ...bitmaps, ...texts],
          read: readFolder,
          mostSeconds: imageSeconds,
        }),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function readMembers(folder: string, name: string, bytes: Uint8Array, random: Random): Promise<Dataset> {
  mkdirSync(folder);
  const names = [`a-${name}`, `b-${name}`, ...(random(3) === 0 ? ['other.bin'] : [])];
  for (const [index, member] of names.entries()) {
    writeFileSync(join(folder, member), index === 0 || random(2) === 0 ? bytes : bytes.slice(0, random(bytes.length)));
  }
  const image = oneOf(random, imageChoices);
  const table = name.endsWith('.txt') ? { text } : image && { image };
  return await readDataset({ kind: 'path', path: folder }, table === undefined ? {} : { table });
}
