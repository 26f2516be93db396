import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, NpyError, type NpyArray } from '../../../src/data/formats/npy';
import { python } from './python';

const arrays: [string, NpyArray, number[]][] = [
  ['<f4', Float32Array.of(0.1, -2, 1e-40, Infinity, 5, 6), [2, 3]],
  ['<f8', Float64Array.of(Math.PI, -0), [2]],
  ['<i4', Int32Array.of(-1, 2, 2147483647), [3, 1]],
  ['<i8', BigInt64Array.of(-1n, 9007199254740993n), [2]],
  ['|u1', Uint8Array.of(0, 255, 7, 8), [1, 2, 2]],
  ['<f4', new Float32Array(0), [0, 4]],
];

describe('NumPy array files', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'factorlens-npy-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('that we write are what NumPy reads', () => {
    const files = arrays.map(([, array, shape], index) => {
      const file = join(folder, `ours${index}.npy`);
      writeFileSync(file, encodeNpy(array, shape));
      return file;
    });
    const found = python(
      `import sys, json, numpy
arrays = [numpy.load(file) for file in sys.argv[1:]]
print(json.dumps([[a.dtype.str, list(a.shape), a.tobytes().hex()] for a in arrays]))`,
      ...files,
    );
    const expected = arrays.map(([type, array, shape]) => [
      type,
      shape,
      Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex'),
    ]);
    assert.deepEqual(found, expected);
  });

  it('that NumPy writes are read, in versions 1 and 2', () => {
    python(
      `import sys, json, numpy
from numpy.lib import format
for version in (1, 2):
    for name, a in dict(f4=numpy.array([[1.5, -2], [3, 4]], 'f4'), f8=numpy.array([0.1]), i8=numpy.arange(3), u1=numpy.zeros((2, 0), 'u1'), scalar=numpy.array(7, 'i4')).items():
        with open(f'{sys.argv[1]}/{name}-{version}.npy', 'wb') as f: format.write_array(f, a, version=(version, 0))
print(json.dumps(None))`,
      folder,
    );
    for (const version of [1, 2]) {
      const load = (name: string) => decodeNpy(readFileSync(join(folder, `${name}-${version}.npy`)));
      assert.deepEqual(load('f4'), { array: Float32Array.of(1.5, -2, 3, 4), shape: [2, 2] });
      assert.deepEqual(load('f8'), { array: Float64Array.of(0.1), shape: [1] });
      assert.deepEqual(load('i8'), { array: BigInt64Array.of(0n, 1n, 2n), shape: [3] });
      assert.deepEqual(load('u1'), { array: new Uint8Array(0), shape: [2, 0] });
      assert.deepEqual(load('scalar'), { array: Int32Array.of(7), shape: [] });
    }
  });

  it('of other types or in Fortran’s order are refused', () => {
    python(
      `import sys, json, numpy
numpy.save(f'{sys.argv[1]}/fortran.npy', numpy.asfortranarray(numpy.zeros((2, 3))))
numpy.save(f'{sys.argv[1]}/big.npy', numpy.zeros(3, '>f4'))
numpy.save(f'{sys.argv[1]}/text.npy', numpy.array(['a']))
numpy.save(f'{sys.argv[1]}/objects.npy', numpy.array([None, {}], dtype=object), allow_pickle=True)
print(json.dumps(None))`,
      folder,
    );
    const load = (name: string) => () => decodeNpy(readFileSync(join(folder, `${name}.npy`)));
    assert.throws(load('fortran'), /Fortran/);
    assert.throws(load('big'), /type >f4/);
    assert.throws(load('text'), /type <U1/);
    assert.throws(load('objects'), /type \|O/);
  });

  it('that are cut off anywhere are refused', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2, 3), [3]);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => decodeNpy(bytes.subarray(0, length)), NpyError);
    }
  });

  it('keep the same elements wherever they lie in memory', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2, 3), [3]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    assert.deepEqual(decodeNpy(shifted.subarray(3)).array, Float32Array.of(1, 2, 3));
  });

  it('are not made with a shape that does not fit', () => {
    assert.throws(() => encodeNpy(Float32Array.of(1, 2, 3), [2, 2]), RangeError);
  });
});
