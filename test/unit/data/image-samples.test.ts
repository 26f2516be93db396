// What the samples of TIFFs mean, against what their bytes were made from.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { readReportSchema } from '../../../src/data/reading-report';
import { readAs } from '../../../src/untrusted/schema';
import { readDataset } from '../../../src/data/read';
import { pagesText, rangeText, samplesText } from '../../../src/wording/reading';
import { testData } from '../../support/repository';
import { gif, png, tiffPages, type TiffPages } from './images';
import { assertDataError, matrixOf, read } from './reading';

const kinds = {
  uint8: [8, 1, 'setUint8'],
  int8: [8, 2, 'setInt8'],
  uint16: [16, 1, 'setUint16'],
  int16: [16, 2, 'setInt16'],
  uint32: [32, 1, 'setUint32'],
  int32: [32, 2, 'setInt32'],
  uint64: [64, 1, 'setBigUint64'],
  int64: [64, 2, 'setBigInt64'],
  float32: [32, 3, 'setFloat32'],
  float64: [64, 3, 'setFloat64'],
} as const;
type Kind = keyof typeof kinds;

function bytesOf(kind: Kind, values: readonly number[], little: boolean): Buffer {
  const [bits, , set] = kinds[kind];
  const view = new DataView(new ArrayBuffer((values.length * bits) / 8));
  values.forEach((value, at) => {
    const place = (at * bits) / 8;
    if (set === 'setBigUint64' || set === 'setBigInt64') view[set](place, BigInt(value), little);
    else view[set](place, value, little);
  });
  return Buffer.from(view.buffer);
}

interface Made {
  kind: Kind;
  width: number;
  height: number;
  bands?: number;
  /** Pixel by pixel. */
  values: readonly number[];
  tags?: Record<number, readonly number[]>;
  deflated?: boolean;
  separate?: boolean;
}

function page({ kind, width, height, bands = 1, values, tags = {}, deflated, separate }: Made, little = true) {
  const [bits, format] = kinds[kind];
  const repeated = (value: number): number[] => new Array<number>(bands).fill(value);
  const planes = separate ? repeated(0).map((_, band) => values.filter((__, at) => at % bands === band)) : [values];
  return {
    tags: {
      ...{ 256: [width], 257: [height], 258: repeated(bits), 259: [deflated ? 8 : 1], 262: [bands === 3 ? 2 : 1] },
      ...{ 277: [bands], 278: [height], 284: [separate ? 2 : 1], 339: repeated(format) },
      ...tags,
    },
    pieces: planes.map((plane) => {
      const bytes = bytesOf(kind, plane, little);
      return deflated ? deflateSync(bytes) : bytes;
    }),
  } satisfies TiffPages['pages'][number];
}

const made = (picture: Made): Buffer => tiffPages({ pages: [page(picture)] });

/** The numbers of an array from 0 to 1, as float32. */
function unit(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite);
  const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
  return values.map((value) => (Number.isFinite(value) ? (value - least) / (greatest - least) : NaN));
}

function assertClose(actual: readonly number[], expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  actual.forEach((value, at) => {
    const other = expected[at] as number;
    assert.ok(
      Object.is(value, other) || Math.abs(value - other) < 1e-6 * Math.max(1, Math.abs(other)),
      `${what}: ${value} at ${at}, not ${other}`,
    );
  });
}

const flat = async (...args: Parameters<typeof read>): Promise<number[]> =>
  (await matrixOf(await read(...args))).flat();

const numbers: Record<Exclude<Kind, 'uint8' | 'uint16'>, number[]> = {
  int8: [-128, 0, 5, 127, -1, 64],
  int16: [-1000, 0, 5, 30000, 200, -1],
  uint32: [0, 4_000_000_000, 7, 70_000, 3_000_000_000, 1],
  int32: [-2_000_000_000, 0, 7, 2_000_000_000, -1, 1],
  uint64: [0, 2 ** 50, 7, 2 ** 33, 1, 2 ** 51],
  int64: [-(2 ** 50), 2 ** 50, 7, -1, 0, 2 ** 33],
  float32: [-1.5, 0, 2.25, 1000, 3, 0.125],
  float64: [-1.5, 1e300, 2.25, -1e299, 3, 1e298],
};

describe('samples that have no black and white of their own', () => {
  for (const [kind, values] of Object.entries(numbers) as [Kind, number[]][]) {
    it(`of ${kind} go from the least to the greatest, in every layout, and say so`, async () => {
      const layouts: Record<string, Buffer> = {
        plain: made({ kind, width: 3, height: 2, values }),
        deflated: made({ kind, width: 3, height: 2, values, deflated: true }),
        'most significant first': tiffPages({
          order: 'big',
          pages: [page({ kind, width: 3, height: 2, values }, false)],
        }),
        'big TIFF': tiffPages({ big: true, order: 'big', pages: [page({ kind, width: 3, height: 2, values }, false)] }),
      };
      for (const [layout, bytes] of Object.entries(layouts)) {
        assertClose(await flat('a.tif', bytes), unit(values), layout);
      }
      const dataset = await read('a.tif', layouts['plain'] as Buffer);
      assert.ok(dataset.reading.kind === 'image');
      const { bits, sample = 'unsigned', range } = dataset.reading;
      const [bitsOf, format] = kinds[kind];
      assert.deepEqual([bits, sample], [bitsOf, ['unsigned', 'signed', 'float'][format - 1]]);
      assert.deepEqual(range, [Math.min(...values), Math.max(...values)]);
      assert.match(
        dataset.warnings.join(),
        /no black and white of their own: .*, the least, became 0, and .*, the greatest, 1\./,
      );
      // White at the least number turns them round.
      const turned = made({ kind, width: 3, height: 2, values, tags: { 262: [0] } });
      assertClose(
        await flat('a.tif', turned),
        unit(values).map((value) => 1 - value),
        'white is zero',
      );
      // Colours share one range, whether pixel by pixel or plane by plane.
      for (const separate of [false, true]) {
        const bytes = made({ kind, width: 1, height: 2, bands: 3, values, separate });
        const [one, two] = await matrixOf(await read('a.tif', bytes, { image: { as: 'channels' } }));
        assertClose([...(one ?? []), ...(two ?? [])], unit(values), separate ? 'planes' : 'pixels');
        const [r = 0, g = 0, b = 0, ...other] = unit(values);
        const [r2 = 0, g2 = 0, b2 = 0] = other;
        const luma = [0.299 * r + 0.587 * g + 0.114 * b, 0.299 * r2 + 0.587 * g2 + 0.114 * b2];
        (await flat('a.tif', bytes)).forEach((grey, at) => assert.ok(Math.abs(grey - (luma[at] ?? 0)) < 1e-4));
      }
    });
  }

  it('are missing where they are no finite numbers, also in patches', async () => {
    for (const kind of ['float32', 'float64'] as const) {
      const values = [NaN, 2, 4, Infinity, 3, 2, -Infinity, 4, 2];
      const bytes = made({ kind, width: 3, height: 3, values });
      const dataset = await read('a.tif', bytes);
      assert.equal(dataset.missing, 3);
      assert.deepEqual((await matrixOf(dataset)).flat(), [NaN, 0, 1, NaN, 0.5, 0, NaN, 1, 0]);
      assert.match(dataset.warnings.join(' '), /3 entries are missing, where the image has no finite number\./);
      const patches = await read('a.tif', bytes, { image: { as: 'patches', size: 2 } });
      assert.deepEqual(await matrixOf(patches), [
        [NaN, 0, NaN, 0.5],
        [0, 1, 0.5, 0],
        [NaN, 0.5, NaN, 1],
        [0.5, 0, 1, 0],
      ]);
      const none = made({ kind, width: 2, height: 1, values: [NaN, Infinity] });
      await assertDataError(read('a.tif', none), /^a\.tif: no sample of the image is a finite number; choose/);
      const flatOnes = await read('a.tif', made({ kind, width: 2, height: 1, values: [5, 5] }));
      assert.deepEqual(await matrixOf(flatOnes), [[0, 0]]);
      assert.match(flatOnes.warnings.join(), /All samples are 5, which became 0\./);
    }
  });

  it('are refused by name where no number can be made of them', async () => {
    const of = (tags: Record<number, readonly number[]>, kind: Kind = 'float32', bands = 1) =>
      read('a.tif', made({ kind, width: 4, height: 4, bands, values: new Array<number>(16 * bands).fill(1), tags }));
    await assertDataError(
      of({ 339: [6], 258: [64], 256: [2] }),
      /^a\.tif: its samples are complex numbers.*; save their magnitude/,
    );
    await assertDataError(of({ 339: [5], 258: [32] }), /complex/);
    await assertDataError(
      of({ 258: [12], 339: [1] }),
      /^a\.tif: its 1 × 12 bits.*cannot be read; save it with 8, 16 or 32/,
    );
    await assertDataError(of({ 262: [32803] }, 'uint16'), /^a\.tif: its samples are the mosaic of a camera/);
    await assertDataError(of({ 262: [8] }, 'uint8', 3), /^a\.tif: its CIELab colours of 8 bits/);
    await assertDataError(of({ 262: [5] }, 'float32', 4), /^a\.tif: its CMYK colours of 32 bits \(float\)/);
    await assertDataError(of({ 258: [8, 16, 8] }, 'uint8', 3), /^a\.tif: its samples are of different kinds or sizes/);
    await assertDataError(of({ 317: [3], 259: [8] }, 'float64'), /64 bits are stored as differences/);
  });

  it('are those of 1, 2 and 4 bits otherwise', async () => {
    const bits = (depth: number, pixels: number[]) =>
      tiffPages({
        pages: [
          {
            tags: { 256: [4], 257: [1], 258: [depth], 259: [1], 262: [1], 277: [1], 278: [1] },
            pieces: [Buffer.from(pixels)],
          },
        ],
      });
    assertClose(await flat('a.tif', bits(1, [0b0101_0000])), [0, 1, 0, 1], '1 bit');
    assertClose(await flat('a.tif', bits(2, [0b00_01_10_11])), [0, 1 / 3, 2 / 3, 1], '2 bits');
    assertClose(await flat('a.tif', bits(4, [0x0f, 0x3c])), [0, 1, 0.2, 0.8], '4 bits');
    const dataset = await read('a.tif', bits(1, [0]));
    assert.ok(dataset.reading.kind === 'image');
    assert.deepEqual([dataset.reading.bits, dataset.warnings], [1, []]);
  });
});

describe('bands of a TIFF', () => {
  const of = (bands: number, photometric: number, values: number[], extra?: number[]) =>
    made({
      kind: 'uint8',
      width: values.length / bands,
      height: 1,
      bands,
      values,
      tags: { 262: [photometric], ...(extra && { 338: extra }) },
    });
  const bytes = async (...args: Parameters<typeof read>): Promise<number[]> =>
    (await flat(...args)).map((v) => v * 255);

  it('are opacity only where it is said', async () => {
    const rgbn = [100, 100, 100, 51, 200, 200, 200, 0];
    assertClose(await bytes('a.tif', of(4, 2, rgbn, [0])), [100, 200], 'unspecified');
    assertClose(await bytes('a.tif', of(4, 2, rgbn)), [100, 200], 'not told');
    // A fifth of 100 and four fifths of 255; then white.
    assertClose(await bytes('a.tif', of(4, 2, rgbn, [2])), [224, 255], 'opacity');
    // Already multiplied by it: 20 over four fifths of white.
    assertClose(await bytes('a.tif', of(4, 2, [20, 20, 20, 51], [1])), [224], 'associated opacity');
    assertClose(await bytes('a.tif', of(2, 1, [100, 51], [0])), [100], 'grey and another');
    assertClose(await bytes('a.tif', of(2, 1, [100, 51], [2])), [224], 'grey and opacity');
    assertClose(await bytes('a.tif', of(5, 2, [100, 100, 100, 9, 51], [0, 2])), [224], 'opacity last');
  });

  it('beyond the colours are left out of grey and stand by themselves in channels, as is said', async () => {
    const dataset = await read('a.tif', of(4, 2, [100, 100, 100, 51, 200, 200, 200, 0], [0]));
    assert.match(
      dataset.warnings.join(),
      /Of 4 bands the first 3 are the colours; the meaning of the other is not said, and it was left out/,
    );
    const channels = await read('a.tif', of(4, 2, [10, 20, 30, 40, 50, 60, 70, 80], [0]), {
      image: { as: 'channels' },
    });
    assertClose(
      (await matrixOf(channels)).flat().map((v) => v * 255),
      [10, 50, 20, 60, 30, 70, 40, 80],
      'channels',
    );
    assert.deepEqual(channels.warnings, []);
    const seven = of(
      7,
      1,
      Array.from({ length: 14 }, (_, at) => at),
      [0, 0, 0, 0, 0, 0],
    );
    const grey = await read('a.tif', seven);
    assertClose(
      (await matrixOf(grey)).flat().map((v) => v * 255),
      [0, 7],
      'seven bands',
    );
    assert.match(
      grey.warnings.join(),
      /Of 7 bands the first is the grey; the meaning of the others is not said, and they were left out/,
    );
    assert.equal((await read('a.tif', seven, { image: { as: 'channels' } })).columns, 14);
  });
});

describe('the report on an image', () => {
  it('is worded with its pages, samples and range', () => {
    const samples = { format: 'TIFF', bands: 1, bits: 32, sample: 'float', pages: 4 } as const;
    assert.equal(samplesText(samples), 'one band of 32 bits, floating-point');
    assert.equal(pagesText(4, 4), ', all 4 pages');
    assert.equal(pagesText(4, 1), ', the first of 4 pages');
    assert.equal(pagesText(4, 3), ', 3 of 4 pages');
    assert.equal(pagesText(undefined, 1), '');
    assert.equal(rangeText([-0.5, 1234.5678]), ', scaled from -0.5 to 1235');
  });

  it('is read from results with and without what was added to it', () => {
    const former = { kind: 'image', format: 'PNG', width: 2, height: 3, bands: 3, bits: 8 };
    assert.deepEqual(readAs(readReportSchema, former, 'reading'), former);
    const image = { ...former, format: 'TIFF', sample: 'signed', pages: 2, range: [-3, 4] };
    assert.deepEqual(readAs(readReportSchema, image, 'reading'), image);
    const pages = { kind: 'images', as: { as: 'gray' }, count: 2, width: 2, height: 3 };
    assert.deepEqual(readAs(readReportSchema, pages, 'reading'), pages);
    const ofFile = { ...pages, file: { format: 'TIFF', bands: 1, bits: 64, sample: 'float', pages: 2 }, range: [0, 1] };
    assert.deepEqual(readAs(readReportSchema, ofFile, 'reading'), ofFile);
    assert.throws(() => readAs(readReportSchema, { ...image, range: [1] }, 'reading'));
  });
});

describe('planes of grey and further bands', () => {
  it('are kept apart, in every depth', async () => {
    for (const kind of ['uint8', 'uint16', 'float32', 'float64'] as const) {
      for (const bands of [2, 3, 5]) {
        // Each band counts from a number of its own.
        const values = Array.from({ length: 6 * bands }, (_, at) => 10 * (at % bands) + Math.floor(at / bands));
        const options = { image: { as: 'channels' } } as const;
        const [apart, together] = [true, false].map((separate) =>
          flat('a.tif', made({ kind, width: 2, height: 3, bands, values, separate, tags: { 262: [1] } }), options),
        );
        const [planes, pixels] = [(await apart) ?? [], (await together) ?? []];
        assert.deepEqual(planes, pixels, `${bands} bands of ${kind}`);
        assert.equal(new Set(planes).size, new Set(values).size);
      }
    }
    const values = [5, 1, 6, 2, 7, 3];
    const turned = made({ kind: 'uint8', width: 3, height: 1, bands: 2, values, separate: true, tags: { 262: [0] } });
    assertClose(
      (await flat('a.tif', turned)).map((v) => v * 255),
      [250, 249, 248],
      'white is zero',
    );
  });
});

describe('pages', () => {
  const grey = (values: number[], width = 2, tags: Record<number, readonly number[]> = {}) =>
    page({ kind: 'uint8', width, height: values.length / width, values, tags });

  it('of one size are read a page a row, as a folder of images is', async () => {
    const bytes = tiffPages({ pages: [grey([0, 51, 102, 153]), grey([255, 0, 0, 0]), grey([1, 2, 3, 4])] });
    const dataset = await read('a.tif', bytes);
    assert.deepEqual([dataset.rows, dataset.columns], [3, 4]);
    assertClose(
      (await matrixOf(dataset)).flat().map((v) => v * 255),
      [0, 51, 102, 153, 255, 0, 0, 0, 1, 2, 3, 4],
      'pages',
    );
    assert.deepEqual(dataset.rowLabels, ['page 1', 'page 2', 'page 3']);
    assert.deepEqual(dataset.drawing, { width: 2, height: 2, channels: 1 });
    assert.deepEqual(dataset.reading, {
      kind: 'images',
      as: { as: 'gray' },
      count: 3,
      width: 2,
      height: 2,
      file: { format: 'TIFF', bands: 1, bits: 8, pages: 3 },
    });
    const patches = await read('a.tif', bytes, { image: { as: 'patches', size: 2 } });
    assert.deepEqual(patches.rowLabels, ['page 1 0,0', 'page 2 0,0', 'page 3 0,0']);
    const turned = tiffPages({ pages: [grey([1, 2], 2, { 274: [3] }), grey([3, 4], 2, { 274: [3] })] });
    assertClose(
      (await flat('a.tif', turned)).map((v) => v * 255),
      [2, 1, 4, 3],
      'each page is turned by itself',
    );
  });

  it('share one range', async () => {
    for (const kind of ['float32', 'float64', 'int16'] as const) {
      const pages = [
        page({ kind, width: 2, height: 1, values: [1, 2] }),
        page({ kind, width: 2, height: 1, values: [3, 5] }),
      ];
      assert.deepEqual(await flat('a.tif', tiffPages({ pages })), [0, 0.25, 0.5, 1], kind);
    }
  });

  it('of different sizes or kinds are told of, and patches taken of all sizes', async () => {
    const sizes = tiffPages({ pages: [grey([1, 2, 3, 4]), grey([5, 6, 7, 8, 9, 10], 3)] });
    const one = await read('a.tif', sizes);
    assert.deepEqual([one.rows, one.columns], [2, 2]);
    assert.match(one.warnings.join(), /The file holds 2 pages of different sizes, of which the first was read/);
    assert.ok(one.reading.kind === 'image' && one.reading.pages === 2);
    const patches = await read('a.tif', sizes, { image: { as: 'patches', size: 2 } });
    assert.deepEqual(patches.rowLabels, ['page 1 0,0', 'page 2 0,0', 'page 2 1,0']);
    const mixed = tiffPages({ pages: [grey([1, 2]), page({ kind: 'uint16', width: 2, height: 1, values: [1, 2] })] });
    const first = await read('a.tif', mixed);
    assert.match(
      first.warnings.join(),
      /The file holds 2 pages of different kinds of samples, of which the first was read\./,
    );
    const small = await read('a.tif', tiffPages({ pages: [grey([1, 2, 3, 4]), grey([9], 1, { 254: [1] })] }));
    assert.match(small.warnings.join(), /smaller copies of its pages, which were left out: 1 of 2 pages\./);
  });

  it('of a file in a folder are rows of their own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-pages-'));
    try {
      writeFileSync(join(folder, 'a.png'), png({ width: 2, height: 1, bits: 8, colour: 'grey', samples: [1, 2] }));
      writeFileSync(join(folder, 'b.tif'), tiffPages({ pages: [grey([3, 4]), grey([5, 6])] }));
      const dataset = await readDataset({ kind: 'path', path: folder });
      assert.deepEqual(dataset.rowLabels, ['a.png', 'b.tif page 1', 'b.tif page 2']);
      assertClose(
        (await matrixOf(dataset)).flat().map((v) => v * 255),
        [1, 2, 3, 4, 5, 6],
        'rows',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that are frames of an animation are told of', async () => {
    const dataset = await read('a.gif', gif);
    assert.deepEqual(dataset.warnings, ['The file is an animation of 2 frames, of which the first was read.']);
    assert.ok(dataset.reading.kind === 'image' && dataset.reading.pages === 2);
    const still = await read('a.jpg', readFileSync(testData('china.jpg')));
    assert.deepEqual(still.warnings, []);
    assert.ok(still.reading.kind === 'image' && still.reading.pages === undefined);
  });
});
