import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadOptions } from '../../../src/data/read';
import { readDataset } from '../../../src/data/read';
import { encodeNpy } from '../../../src/data/formats/npy';
import { bmp } from './images';
import { assertDataError } from './reading';

/** Several chunks long, so that the rest is still to be read when the first chunk has been handed on. */
const table = `a,b\n${'1.5,2\n'.repeat(100_000)}`;
const longTable = `row,column,value\n${'x,y,2\n'.repeat(100_000)}`;
const text = 'some words of a document\n'.repeat(30_000);
const jsonLines = '{"text":"some words"}\n{"text":"other things"}\n'.repeat(15_000);
const side = 400;
const image = bmp({
  width: side,
  height: side,
  depth: 24,
  pixels: Array.from({ length: 3 * side * side }, (_, i) => i % 251),
});

let folder: string;
const place = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** What another program does to a file while it is read. */
const changes: Record<string, (path: string) => void> = {
  'cut to nothing': (path) => truncateSync(path, 0),
  'cut in the middle': (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  'cut by a byte': (path) => truncateSync(path, readFileSync(path).length - 1),
  'added to': (path) => appendFileSync(path, '1,2\n'),
  'written anew with content of the same length': (path) => {
    const content = readFileSync(path);
    writeFileSync(path, content.fill(content[content.length - 2] as number, content.length - 2));
    // As a file system with coarse times would tell it a little later.
    utimesSync(path, new Date(), new Date(Date.now() + 10));
  },
};

/** Reads a file that is changed as soon as its first chunk was read. */
function whileRead(path: string, change: (path: string) => void, options: ReadOptions = {}): Promise<unknown> {
  let changed = false;
  return readDataset(
    { kind: 'path', path },
    {
      ...options,
      onProgress: () => {
        if (!changed) change(path);
        changed = true;
      },
    },
  );
}

describe('files that are changed while they are read', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factorlens-changing-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const kinds: [name: string, content: string | Uint8Array, options?: ReadOptions][] = [
    ['table.csv', table],
    ['long.csv', longTable, { table: { long: { row: 'row', column: 'column', value: 'value' } } }],
    ['text.txt', text, { table: { text: { minimum: 1, maximum: 1, stopWords: 'none' } } }],
    ['text.jsonl', jsonLines],
    ['image.bmp', image],
  ];
  for (const [name, content, options] of kinds) {
    for (const [what, change] of Object.entries(changes)) {
      it(`${name} is refused when it is ${what}`, async () => {
        const path = place(name, content);
        await readDataset({ kind: 'path', path }, options);
        await assertDataError(
          whileRead(path, change, options),
          new RegExp(`^${name}: the file was changed while it was read; read it again`),
        );
      });
    }
  }

  it('weights are refused likewise', async () => {
    const rows = 100_000;
    for (const [name, content] of [
      ['weights.npy', encodeNpy(new Float32Array(2 * rows).fill(1), [rows, 2])],
      ['weights.csv', `a,b\n${'1,1\n'.repeat(rows)}`],
    ] as const) {
      const path = place('table.csv', table);
      const weights = place(name, content);
      const options = { weights: { kind: 'path', path: weights } } as const;
      await readDataset({ kind: 'path', path }, options);
      // Weights have no progress of their own, so they are added to all the while.
      const reading = readDataset({ kind: 'path', path }, options);
      const timer = setInterval(() => appendFileSync(weights, ' '), 0);
      try {
        await assertDataError(reading, new RegExp(`^${name}: the file was changed while it was read`));
      } finally {
        clearInterval(timer);
      }
    }
  });

  it('a file of a folder is refused, and one that has gone is named', async () => {
    for (const name of ['a.bmp', 'b.bmp']) place(name, image);
    const b = join(folder, 'b.bmp');
    // After the first file the second is still to come.
    const reading = (change: () => void) =>
      readDataset({ kind: 'path', path: folder }, { onProgress: (fraction) => fraction < 1 && change() });
    await assertDataError(
      reading(() => unlinkSync(b)),
      /^b\.bmp: no such file; check the path ".*b\.bmp"/,
    );
    place('b.bmp', image);
    const read = reading(() => {
      setImmediate(function again() {
        appendFileSync(b, ' ');
        if (changing) setImmediate(again);
      });
    });
    let changing = true;
    await assertDataError(read, /^b\.bmp: the file was changed while it was read/);
    changing = false;
  });

  it('a file that another takes the place of is read as it was', async () => {
    const path = place('table.csv', table);
    const other = place('other.csv', 'a,b\n1,2\n');
    const dataset = (await whileRead(path, () => renameSync(other, path))) as { rows: number };
    assert.equal(dataset.rows, 100_000);
  });
});

describe('what is no file', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'factorlens-no-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused at once: pipes, devices, sockets, folders in the place of weights, links to nowhere', async function () {
    if (process.platform === 'win32') return;
    for (const name of ['pipe.csv', 'pipe.png', 'pipe.jsonl']) {
      const path = join(folder, name);
      assert.equal(spawnSync('mkfifo', [path]).status, 0);
      await assertDataError(readDataset({ kind: 'path', path }), /not a regular file; copy its content into one/);
    }
    for (const device of ['/dev/zero', '/dev/null', '/dev/random']) {
      for (const name of ['device.csv', 'device.png']) {
        const path = join(folder, name);
        symlinkSync(device, path);
        await assertDataError(readDataset({ kind: 'path', path }), /^device\..*not a regular file/);
        unlinkSync(path);
      }
    }
    const server = createServer().listen(join(folder, 'socket.csv'));
    await new Promise((resolve) => server.once('listening', resolve));
    await assertDataError(readDataset({ kind: 'path', path: join(folder, 'socket.csv') }), /not a regular file/);
    await new Promise((resolve) => server.close(resolve));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link.csv'));
    await assertDataError(readDataset({ kind: 'path', path: join(folder, 'link.csv') }), /^link\.csv: no such file/);
    const path = place('table.csv', 'a,b\n1,2\n');
    mkdirSync(join(folder, 'weights.csv'));
    for (const name of ['weights.csv', 'pipe.csv']) {
      const weights = { kind: 'path', path: join(folder, name) } as const;
      await assertDataError(readDataset({ kind: 'path', path }, { weights }), new RegExp(`^${name}: this is `));
    }
    await assertDataError(readDataset({ kind: 'path', path: folder }), /not a regular file/);
  });

  it('is told on one line whatever the name', async () => {
    const name = 'two\nlines\r\n\u2028and\tmore.csv';
    await assertDataError(readDataset({ kind: 'path', path: join(folder, name) }), /^two lines and more\.csv: no such/);
    await assertDataError(readDataset({ kind: 'path', path: place(name, 'a,b\nx,y\n') }), /^two lines and more\.csv: /);
    place('a\nb.bin', 'x');
    unlinkSync(join(folder, name));
    place('a.bmp', image);
    const { warnings } = await readDataset({ kind: 'path', path: folder });
    assert.deepEqual(warnings, ['The file a b.bin is of another kind and was left out.']);
  });
});
