import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { encodeNpy } from '../../../src/data/formats/npy';
import { assertDataError, matrixOf, read } from './reading';

/** An array in NumPy's format with elements in any type and order. */
function npy(descr: string, fortran: boolean, shape: readonly number[], elements: Uint8Array): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0] ?? 0},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${tuple}), }`;
  const header = `${text.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([header.length, 0]),
    Buffer.from(header),
    elements,
  ]);
}

function elements(
  bytes: number,
  values: readonly number[],
  set: (view: DataView, at: number, value: number) => void,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  values.forEach((value, k) => set(view, k * bytes, value));
  return new Uint8Array(view.buffer);
}

describe('files of numbers, told by their content', () => {
  const numbers = [1, 2, 3, 4, 5, 6];
  const kinds: [descr: string, bytes: number, set: (view: DataView, at: number, value: number) => void][] = [
    ['<f8', 8, (view, at, value) => view.setFloat64(at, value, true)],
    ['>f8', 8, (view, at, value) => view.setFloat64(at, value)],
    ['<f4', 4, (view, at, value) => view.setFloat32(at, value, true)],
    ['>i2', 2, (view, at, value) => view.setInt16(at, value)],
    ['<i8', 8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
    ['<u4', 4, (view, at, value) => view.setUint32(at, value, true)],
    ['|u1', 1, (view, at, value) => view.setUint8(at, value)],
    ['|i1', 1, (view, at, value) => view.setInt8(at, value)],
    // 1 to 6 as binary16.
    [
      '<f2',
      2,
      (view, at, value) => view.setUint16(at, [0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600][value] ?? 0, true),
    ],
  ];
  for (const [descr, bytes, set] of kinds) {
    it(`are NumPy arrays of ${descr}, in either order`, async () => {
      const rowMajor = await read('x.npy', npy(descr, false, [2, 3], elements(bytes, numbers, set)));
      assert.deepEqual(await matrixOf(rowMajor), [
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const columnMajor = await read('x.npy', npy(descr, true, [2, 3], elements(bytes, numbers, set)));
      assert.deepEqual(await matrixOf(columnMajor), [
        [1, 3, 5],
        [2, 4, 6],
      ]);
    });
  }

  it('are NumPy arrays of one axis and of three', async () => {
    assert.deepEqual(await matrixOf(await read('x.npy', encodeNpy(new Float64Array([1, NaN, 3]), [3]))), [
      [1],
      [NaN],
      [3],
    ]);
    const images = await read('x.npy', encodeNpy(Float32Array.from(numbers), [3, 1, 2]));
    assert.deepEqual(await matrixOf(images), [
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    assert.match(images.warnings.join(), /3 × 1 × 2; all axes but the first became columns/);
  });

  it('are NumPy arrays that cannot be read, which is said', async () => {
    await assertDataError(read('x.npy', npy('<U3', false, [1], new Uint8Array(12))), /^x\.npy: elements of type <U3/);
    await assertDataError(read('x.npy', npy('<f8', false, [9, 9], new Uint8Array(8))), /does not fit its 8 bytes/);
    await assertDataError(read('x.npy', npy('<f8', false, [0, 3], new Uint8Array(0))), /empty/);
    await assertDataError(read('x.npy', 'a,b\n1,2\n'), /must begin as one does/);
  });

  it('are tables and arrays compressed by gzip, whatever their name', async () => {
    const table = gzipSync('s,x\na,1\nb,2.5\n');
    for (const name of ['t.csv.gz', 't.CSV.GZ', 't.csv']) {
      assert.deepEqual(await matrixOf(await read(name, table)), [[1], [2.5]]);
    }
    assert.deepEqual(await matrixOf(await read('x.npy.gz', gzipSync(encodeNpy(Float32Array.from([1, 2]), [1, 2])))), [
      [1, 2],
    ]);
    // Of several members all are read; what stands behind them is passed over.
    const twice = Buffer.concat([table, gzipSync('c,4\n'), Buffer.alloc(300_000)]);
    const whole = await read('t.csv.gz', twice);
    assert.deepEqual(await matrixOf(whole), [[1], [2.5], [4]]);
    assert.equal(whole.source.bytes, twice.length);
    await assertDataError(read('t.csv.gz', table.subarray(0, table.length - 9)), /damaged or cut off/);
    const bent = Uint8Array.from(table);
    bent[bent.length - 5] = (bent[bent.length - 5] ?? 0) ^ 255;
    await assertDataError(read('t.csv.gz', bent), /damaged or cut off/);
  });

  it('are Matrix Market files, whatever their name', async () => {
    const coordinate = '%%MatrixMarket matrix coordinate real general\n% note\n3 3 4\n1 1 2.5\n2 3 1\n3 2 4\n1 1 7\n';
    for (const name of ['m.mtx', 'm.txt', 'm.csv']) {
      const dataset = await read(name, coordinate);
      assert.deepEqual(await matrixOf(dataset), [
        [9.5, 0, 0],
        [0, 0, 1],
        [0, 4, 0],
      ]);
      assert.match(dataset.warnings.join(), /does not list are zeros.*1 entry is listed more than once/);
    }
    const dense = '%%MatrixMarket matrix array integer general\n2 3\n1\n2\n3\n4\n5\n6\n';
    assert.deepEqual(await matrixOf(await read('m.mtx', dense)), [
      [1, 3, 5],
      [2, 4, 6],
    ]);
    const symmetric = '%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n';
    assert.deepEqual(await matrixOf(await read('m.mtx', symmetric)), [
      [1, 1],
      [1, 0],
    ]);
    const skew = '%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n';
    assert.deepEqual(await matrixOf(await read('m.mtx', skew)), [
      [0, -1, -2],
      [1, 0, -3],
      [2, 3, 0],
    ]);
  });

  it('are Matrix Market files with a fault, whose line is named', async () => {
    const head = '%%MatrixMarket matrix coordinate real general\n';
    await assertDataError(read('m.mtx', `${head}2 2 2\n1 1 5\n`), /ends after 1 of 2 entries/);
    await assertDataError(read('m.mtx', `${head}2 2 1\n3 1 5\n`), /"3 1 5" names no place.*line 3/);
    await assertDataError(read('m.mtx', `${head}999999 999999 1\n1 1 5\n`), /do not fit into memory/);
    await assertDataError(read('m.mtx', head.replace('real', 'complex')), /its numbers are "complex"/);
  });
});
