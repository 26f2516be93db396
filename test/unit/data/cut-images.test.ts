import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import Vips from 'wasm-vips';
import { DataError } from '../../../src/data/dataset';
import { animatedWebp, bmp, gif, png, pngColour, pngWithHeader, tiffPages, type TiffPages } from './images';
import { assertDataError, matrixOf, read } from './reading';

/** A picture whose neighbouring pixels differ, so that no part of it takes few bytes. */
const side = 48;
const samples = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * index * 7 + (index >> 3)) % 251);
const grey = Buffer.from(samples.subarray(0, side * side));

const greyTags = { 256: [side], 257: [side], 258: [8], 259: [1], 262: [1], 277: [1] };
const strips = (rows: number, pixels = grey, stride = side) =>
  Array.from({ length: Math.ceil(side / rows) }, (_, strip) =>
    pixels.subarray(strip * rows * stride, Math.min(side, (strip + 1) * rows) * stride),
  );
/** The nine tiles of 16×16. */
const tiles = Array.from({ length: 9 }, (_, tile) =>
  Buffer.concat(
    Array.from({ length: 16 }, (__, row) => {
      const at = (16 * Math.floor(tile / 3) + row) * side + 16 * (tile % 3);
      return grey.subarray(at, at + 16);
    }),
  ),
);
const inStrips = { tags: { ...greyTags, 278: [10] }, pieces: strips(10) };
const deflated = { tags: { ...greyTags, 259: [8], 278: [10] }, pieces: strips(10).map((strip) => deflateSync(strip)) };
const plane = { tags: { ...greyTags, 258: [8, 8, 8], 262: [2], 277: [3], 278: [10], 284: [2] }, pieces: [] };

const tiffs: Record<string, TiffPages> = {
  'one-strip.tif': { pages: [{ tags: { ...greyTags, 278: [side] }, pieces: [grey] }] },
  'no-rows-per-strip.tif': { pages: [{ tags: greyTags, pieces: [grey] }] },
  'strips.tif': { pages: [inStrips] },
  'motorola.tif': { order: 'big', pages: [inStrips] },
  'tiles.tif': { pages: [{ tags: { ...greyTags, 322: [16], 323: [16] }, tiled: true, pieces: tiles }] },
  'planes.tif': { pages: [{ ...plane, pieces: [...strips(10), ...strips(10), ...strips(10)] }] },
  'big.tif': { big: true, pages: [inStrips] },
  'big-motorola-tiles.tif': {
    big: true,
    order: 'big',
    pages: [{ tags: { ...greyTags, 322: [16], 323: [16] }, tiled: true, pieces: tiles }],
  },
  'deflated.tif': { pages: [deflated] },
  '16-bits.tif': {
    pages: [{ tags: { ...greyTags, 258: [16], 278: [20] }, pieces: strips(20, Buffer.concat([grey, grey]), 2 * side) }],
  },
  '1-bit.tif': { pages: [{ tags: { ...greyTags, 258: [1], 278: [20] }, pieces: strips(20, grey, side / 8) }] },
};

async function files(): Promise<Record<string, Uint8Array>> {
  const vips = await Vips({ dynamicLibraries: [] });
  const image = vips.Image.newFromMemory(samples, side, side, 3, vips.BandFormat.uchar);
  const kinds: [name: string, suffix: string, options: Record<string, unknown>][] = [
    ['baseline.jpg', '.jpg', {}],
    ['progressive.jpg', '.jpg', { interlace: true }],
    ['lossy.webp', '.webp', { Q: 60 }],
    ['lossless.webp', '.webp', { lossless: true }],
    ['plain.png', '.png', {}],
    ['interlaced.png', '.png', { interlace: true }],
    ['plain.gif', '.gif', {}],
    ['written.tif', '.tif', {}],
    ['lzw.tif', '.tif', { compression: 'lzw' }],
    ['jpeg.tif', '.tif', { compression: 'jpeg' }],
  ];
  const written = Object.fromEntries(
    kinds.map(([name, suffix, options]) => [name, image.writeToBuffer(suffix, options).slice()]),
  );
  image.delete();
  vips.shutdown();
  const pixels = [...samples];
  const palette = Array.from({ length: 1024 }, (_, index) => (index % 4 === 3 ? 0 : index >> 2));
  return {
    ...written,
    'handmade.png': png({ width: side, height: side, bits: 8, colour: 'rgb', samples: pixels }),
    'true.bmp': bmp({ width: side, height: side, depth: 24, pixels }),
    'runs.bmp': bmp({
      width: side,
      height: side,
      depth: 8,
      compression: 1,
      extra: palette,
      pixels: [...strips(1).flatMap((row) => [...[...row].flatMap((level) => [1, level]), 0, 0]), 0, 1],
    }),
    ...Object.fromEntries(Object.entries(tiffs).map(([name, pages]) => [name, tiffPages(pages)])),
  };
}

/** 40 places of a file, its very end among them. */
function cuts(bytes: Uint8Array): Uint8Array[] {
  const places = Array.from({ length: 36 }, (_, k) => 1 + Math.floor((k * (bytes.length - 5)) / 36));
  return [...places, bytes.length - 4, bytes.length - 3, bytes.length - 2, bytes.length - 1].map((place) =>
    bytes.slice(0, place),
  );
}

describe('images that are cut off', () => {
  it('are refused at each of 40 places in every format, or read whole and said to be cut', async function () {
    this.timeout(120_000);
    for (const [name, bytes] of Object.entries(await files())) {
      const whole = await read(name, bytes);
      assert.deepEqual(whole.warnings, [], name);
      const pixels = await matrixOf(whole);
      assert.ok(new Set(pixels.flat()).size > 1, `${name} shows something`);
      for (const cut of cuts(bytes)) {
        const place = `${name}, ${cut.length} of ${bytes.length} bytes`;
        const outcome = await read(name, cut).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          await assertDataError(Promise.reject(outcome), new RegExp(`^${name}: .*(cut off|damaged)`), /anew/);
        } else {
          const dataset = outcome as Awaited<ReturnType<typeof read>>;
          assert.ok(/png|gif/.test(name), `${place}: it was read`);
          assert.match(dataset.warnings.join(), /The file is cut off behind its first picture/, place);
          assert.deepEqual(await matrixOf(dataset), pixels, place);
        }
      }
    }
  });

  it('are told where frames or pages behind the first are cut', async () => {
    const pages = tiffPages({ pages: [inStrips, deflated, inStrips] });
    assert.deepEqual((await read('a.tif', pages)).warnings, []);
    for (let length = pages.length - 4000; length < pages.length; length += 333) {
      assert.match(
        (await read('a.tif', pages.subarray(0, length))).warnings.join(),
        /cut off behind its first picture/,
      );
    }
    assert.doesNotMatch((await read('a.gif', gif)).warnings.join(), /cut off/);
    for (let length = gif.length - 16; length < gif.length; length++) {
      assert.match((await read('a.gif', gif.subarray(0, length))).warnings.join(), /cut off behind its first picture/);
    }
  });
});

describe('the directory of a TIFF', () => {
  const strip = { tags: { ...greyTags, 278: [10] }, pieces: strips(10) };
  const file = (pages: TiffPages['pages'][number]) => tiffPages({ pages: [pages] });
  /** The file with a value of one tag overwritten where its directory has it. */
  const changed = (tag: number, value: number, count?: number): Buffer => {
    const bytes = Buffer.from(file(strip));
    for (let at = 10; at < 10 + 12 * 9; at += 12) {
      if (bytes.readUInt16LE(at) === tag) {
        if (count !== undefined) bytes.writeUInt32LE(count, at + 4);
        bytes.writeUInt32LE(value, at + 8);
      }
    }
    return bytes;
  };

  it('gives the pixels that it describes', async () => {
    for (const pages of [tiffs['strips.tif'], tiffs['motorola.tif'], tiffs['tiles.tif'], tiffs['big.tif']]) {
      assert.ok(pages);
      const matrix = await matrixOf(await read('a.tif', tiffPages(pages)));
      assert.deepEqual(
        matrix.flat(),
        Array.from(grey, (level) => Math.fround(level / 255)),
      );
    }
  });

  it('is refused where strips are not there, too short, too few or without a length', async () => {
    const short = { ...strip, pieces: strip.pieces.map((piece, at) => (at === 2 ? piece.subarray(1) : piece)) };
    await assertDataError(read('a.tif', file(short)), /^a\.tif: .*strip 3 of 5 has 479 bytes, not 480/, /anew/);
    const few = { ...strip, pieces: strip.pieces.slice(0, 4) };
    await assertDataError(read('a.tif', file(few)), /^a\.tif: .*of its 5 strips it places 4/);
    const empty = { ...strip, pieces: strip.pieces.map((piece, at) => (at === 4 ? piece.subarray(0, 0) : piece)) };
    await assertDataError(read('a.tif', file(empty)), /strip 5 of 5 has 0 bytes, not 384/);
    const hollow = { tags: { ...greyTags, 259: [8], 278: [10] }, pieces: strip.pieces.map(() => Buffer.alloc(0)) };
    await assertDataError(read('a.tif', file(hollow)), /strip 1 of 5 has 0 bytes, not 1/);
    await assertDataError(read('a.tif', changed(273, 0, 1)), /of its 5 strips it places 1/);
    await assertDataError(read('a.tif', changed(279, 5, 0)), /tells the length of 0/);
    await assertDataError(read('a.tif', changed(273, 1 << 30, 5)), /directory is cut off/);
    await assertDataError(read('a.tif', changed(278, 0)), /impossible/);
    await assertDataError(read('a.tif', changed(256, 0)), /impossible/);
    const beyond = Buffer.from(file({ tags: { ...greyTags, 278: [side] }, pieces: [grey] }));
    await assertDataError(read('a.tif', beyond.subarray(0, 300)), /strip 1 of 1 .*cut off/);
  });

  it('is followed to all of its pages, but never round in a circle', async () => {
    const pages = Array.from({ length: 3000 }, () => strip);
    const many = tiffPages({ pages });
    assert.equal((await read('a.tif', many)).rows, pages.length);
    const circle = tiffPages({ pages: [strip, strip] });
    circle.writeUInt32LE(8, 8 + 2 * (2 + 12 * 9) + 4);
    assert.equal((await read('a.tif', circle)).rows, 2);
  });
});

describe('images that would not fit into memory', () => {
  const growth = async (work: () => Promise<void>): Promise<number> => {
    const before = process.memoryUsage().rss;
    await work();
    return process.memoryUsage().rss - before;
  };

  it('are refused by the bytes that their header promises, before any is taken', async function () {
    this.timeout(60_000);
    await read('warm.gif', gif);
    const header = Buffer.alloc(13);
    const pngOf = (width: number, height: number, bits: number, colour: number): Buffer => {
      const bytes = png({ width: 1, height: 1, bits: 8, colour: 'grey', samples: [0] });
      bytes.copy(header, 0, 16, 29);
      header.writeUInt32BE(width, 0);
      header.writeUInt32BE(height, 4);
      header[8] = bits;
      header[9] = colour;
      return pngWithHeader(bytes, header);
    };
    const wide = Buffer.from(gif);
    wide.writeUInt16LE(65535, 6);
    wide.writeUInt16LE(65535, 8);
    wide.writeUInt16LE(65535, 30);
    wide.writeUInt16LE(65535, 32);
    const frame = Buffer.from(gif);
    frame.writeUInt16LE(60000, 30);
    frame.writeUInt16LE(60000, 32);
    const bombs: [name: string, bytes: Buffer, size: string][] = [
      ['a.png', pngOf(50_000, 50_000, 8, pngColour.rgb), '50000×50000 pixels of 3 × 8 bits take 10,000 MB'],
      ['b.png', pngOf(9000, 9000, 16, pngColour.rgba), '9000×9000 pixels of 4 × 16 bits take 648 MB'],
      ['c.png', pngOf(100_001, 1000, 1, pngColour.grey), '100001×1000 pixels of 1 × 8 bits take 401 MB'],
      ['a.gif', wide, '65535×65535 pixels'],
      ['b.gif', frame, '60000×60000 pixels'],
      ['a.webp', animatedWebp(16_000, 16_000), '16000×16000 pixels of 4 × 8 bits take 1,024 MB'],
      [
        'a.tif',
        tiffPages({ pages: [{ tags: { ...greyTags, 256: [50_000], 257: [50_000] }, pieces: [grey] }] }),
        '50000×50000 pixels',
      ],
      [
        'b.tif',
        tiffPages({ big: true, pages: [{ tags: { ...greyTags, 256: [2 ** 31], 257: [2 ** 31] }, pieces: [grey] }] }),
        '2147483648×2147483648',
      ],
      [
        'c.tif',
        tiffPages({ pages: [{ tags: { ...greyTags, 277: [60_000], 256: [1000], 257: [1000] }, pieces: [grey] }] }),
        '60000 × 8 bits',
      ],
      [
        'd.tif',
        tiffPages({
          pages: [
            { tags: { ...greyTags, 259: [8], 322: [65_536], 323: [65_536] }, tiled: true, pieces: [deflateSync(grey)] },
          ],
        }),
        '65536×65536 pixels',
      ],
      [
        'a.bmp',
        bmp({ width: 60_000, height: 60_000, depth: 8, compression: 1, extra: [0, 0, 0, 0], pixels: [0, 1] }),
        '60000×60000 pixels',
      ],
      [
        'b.bmp',
        bmp({ width: 12_000, height: 12_000, depth: 4, compression: 2, extra: [0, 0, 0, 0], pixels: [0, 1] }),
        '12000×12000 pixels of 3 × 8 bits take 576 MB',
      ],
    ];
    const taken = await growth(async () => {
      for (const [name, bytes, size] of bombs) {
        const outcome = await read(name, bytes).then(
          ({ rows, columns }) => `${rows} × ${columns}`,
          (error: unknown) => error,
        );
        assert.ok(outcome instanceof DataError, `${name}: ${String(outcome)}`);
        assert.match(outcome.message, new RegExp(`^${name}: .*${size}.*more than the 400 MB.*scale`));
      }
    });
    assert.ok(taken < 150e6, `${taken} bytes were taken`);
    assert.equal((await read('warm.gif', gif)).rows, 2);
  });
});
