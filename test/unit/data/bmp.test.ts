import assert from 'node:assert/strict';
import { bmp } from './images';
import { assertDataError, matrixOf, read } from './reading';

async function levels(bytes: Uint8Array): Promise<number[][]> {
  const dataset = await read('a.bmp', bytes);
  assert.ok(dataset.reading.kind === 'image' && dataset.reading.format === 'BMP');
  return (await matrixOf(dataset)).map((row) => row.map((value) => Math.round(value * 255)));
}

/** Palette entries of grey levels: blue, green, red, unused. */
const greys = (...grey: number[]) => grey.flatMap((level) => [level, level, level, 0]);

describe('reading bitmaps', () => {
  it('reads 24 bits a pixel, from the bottom up, rows padded to four bytes', async () => {
    const red = [0, 0, 255];
    const green = [0, 255, 0];
    const blue = [255, 0, 0];
    const white = [255, 255, 255];
    const pixels = [...red, ...green, 0, 0, ...blue, ...white, 0, 0];
    assert.deepEqual(await levels(bmp({ width: 2, height: 2, depth: 24, pixels })), [
      [29, 255],
      [76, 150],
    ]);
    assert.deepEqual(await levels(bmp({ width: 2, height: -2, depth: 24, pixels })), [
      [76, 150],
      [29, 255],
    ]);
  });

  it('reads 1, 4 and 8 bits a pixel by the palette', async () => {
    assert.deepEqual(
      await levels(bmp({ width: 3, height: 1, depth: 1, extra: greys(10, 200), pixels: [0b01000000, 0, 0, 0] })),
      [[10, 200, 10]],
    );
    assert.deepEqual(
      await levels(bmp({ width: 3, height: 1, depth: 4, extra: greys(1, 2, 3), pixels: [0x20, 0x10, 0, 0] })),
      [[3, 1, 2]],
    );
    assert.deepEqual(
      await levels(bmp({ width: 2, height: 1, depth: 8, extra: greys(7, 8, 9), pixels: [2, 0, 0, 0] })),
      [[9, 7]],
    );
  });

  it('reads 16 and 32 bits a pixel, with and without masks', async () => {
    // 5 bits a colour: white, then red.
    assert.deepEqual(await levels(bmp({ width: 2, height: 1, depth: 16, pixels: [0xff, 0x7f, 0x00, 0x7c] })), [
      [255, 76],
    ]);
    // Masks of 5, 6 and 5 bits: green only.
    const masks565 = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
    assert.deepEqual(
      await levels(
        bmp({ width: 2, height: 1, depth: 16, compression: 3, extra: masks565, pixels: [0xe0, 0x07, 0xff, 0xff] }),
      ),
      [[150, 255]],
    );
    assert.deepEqual(await levels(bmp({ width: 1, height: 1, depth: 32, pixels: [0, 0, 255, 99] })), [[76]]);
    // Masks in the order red, green, blue, alpha, from the lowest byte up: black, four fifths transparent, over white.
    const rgba = [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255];
    assert.deepEqual(
      await levels(bmp({ width: 1, height: 1, depth: 32, compression: 6, extra: rgba, pixels: [0, 0, 0, 51] })),
      [[204]],
    );
  });

  it('reads run-length encoded pixels, with runs, literals, jumps and line ends', async () => {
    const eight = [3, 1, 0, 0, 0, 3, 2, 0, 1, 0, 0, 1];
    assert.deepEqual(
      await levels(bmp({ width: 3, height: 2, depth: 8, compression: 1, extra: greys(10, 20, 30), pixels: eight })),
      [
        [30, 10, 20],
        [20, 20, 20],
      ],
    );
    const four = [3, 0x12, 0, 2, 1, 0, 1, 0x20, 0, 1];
    assert.deepEqual(
      await levels(bmp({ width: 5, height: 1, depth: 4, compression: 2, extra: greys(10, 20, 30), pixels: four })),
      [[20, 30, 20, 10, 30]],
    );
  });

  it('reads the header of OS/2', async () => {
    const bytes = Buffer.concat([
      Buffer.from('BM\0\0\0\0\0\0\0\0\x20\0\0\0', 'latin1'),
      Buffer.from([12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 1, 0]),
      Buffer.from([5, 5, 5, 250, 250, 250]),
      Buffer.from([0b01000000, 0, 0, 0]),
    ]);
    assert.deepEqual(await levels(bytes), [[5, 250]]);
  });

  it('refuses what is damaged or too large, before it takes memory', async () => {
    const good = bmp({ width: 2, height: 1, depth: 24, pixels: [1, 2, 3, 4, 5, 6, 0, 0] });
    await assertDataError(read('a.bmp', good.subarray(0, good.length - 1)), /^a\.bmp: .*pixels are cut off/);
    await assertDataError(read('a.bmp', good.subarray(0, 40)), /header is cut off/);
    const huge = Buffer.from(good);
    huge.writeInt32LE(2_000_000_000, 18);
    await assertDataError(read('a.bmp', huge), /2000000000×1 pixels/);
    const odd = Buffer.from(good);
    odd.writeUInt16LE(7, 28);
    await assertDataError(read('a.bmp', odd), /7 bits a pixel/);
    await assertDataError(
      read('a.bmp', bmp({ width: 0, height: 1, depth: 24, pixels: [] })),
      /a size of 0×1 is impossible/,
    );
  });

  it('refuses a picture of more pixels than its run lengths can hold', async () => {
    const declared = (width: number, height: number, pixels: number[], depth = 8, compression = 1) =>
      read('a.bmp', bmp({ width, height, depth, compression, extra: greys(0, 255), pixels }));
    await assertDataError(
      declared(10_000, 10_000, [0, 1]),
      /^a\.bmp: .*10000×10000 pixels, more than the 2 bytes.*save/,
    );
    await assertDataError(declared(10_000, 10_000, [0, 1], 4, 2), /10000×10000 pixels/);
    // One colour throughout, as short as runs can say it, is a picture.
    const line = [...Array.from({ length: 39 }, () => [255, 1]).flat(), 55, 1, 0, 0];
    const full = await declared(10_000, 500, [...Array.from({ length: 500 }, () => line).flat(), 0, 1]);
    assert.deepEqual([full.rows, full.columns], [500, 10_000]);
    // So is a small one of which little is drawn.
    assert.equal((await declared(1000, 1000, [255, 1, 0, 1])).rows, 1000);
  });
});
