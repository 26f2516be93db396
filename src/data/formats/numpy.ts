import { DataError, type DenseDataset } from '../dataset';
import { npyHeader, NpyError } from './npy';
import type { OpenSource } from '../source';
import { bytesOf, datasetOf } from './whole';

type ReadNumber = (view: DataView, at: number, little: boolean) => number;

/** Types of numbers in NumPy's letters, with their size in bytes. */
const types: Readonly<Record<string, { name: string; bytes: number; read: ReadNumber }>> = {
  f2: { name: 'float16', bytes: 2, read: (view, at, little) => fromHalf(view.getUint16(at, little)) },
  f4: { name: 'float32', bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { name: 'float64', bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { name: 'int8', bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { name: 'int16', bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { name: 'int32', bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { name: 'int64', bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u1: { name: 'uint8', bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { name: 'uint16', bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  u4: { name: 'uint32', bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  u8: { name: 'uint64', bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  b1: { name: 'bool', bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
};

/**
 * Reads a NumPy array as X: two axes are rows and columns, of one axis each number is a row, of more the first is the rows
 * and the rest are laid side by side, as for images. NaN is missing.
 * @throws DataError when it is damaged, empty, or holds no numbers
 */
export async function readNumpy(source: OpenSource): Promise<DenseDataset> {
  const bytes = await bytesOf(source);
  let header;
  try {
    header = npyHeader(bytes);
  } catch (error) {
    if (!(error instanceof NpyError)) throw error;
    throw new DataError(`${source.name}: the array cannot be read, since ${error.message}; save it again.`, {
      cause: error,
    });
  }
  const { description, fortran, shape, start } = header;
  const type = types[description.slice(1)];
  if (type === undefined) {
    throw new DataError(
      `${source.name}: elements of type ${description} are no numbers that are read; save the array with .astype('float64').`,
    );
  }
  const [rows = 1, ...rest] = shape;
  const columns = rest.reduce((product, length) => product * length, 1);
  if (rows * columns === 0) throw new DataError(`${source.name}: the array is empty; save one that holds numbers.`);
  if (bytes.length - start !== rows * columns * type.bytes) {
    throw new DataError(
      `${source.name}: the array's shape (${shape.join(', ')}) does not fit its ${bytes.length - start} bytes; save it again.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const little = !description.startsWith('>');
  const values = new Float32Array(rows * columns);
  const place = fortran && shape.length > 1 ? placesOfFortran(shape) : undefined;
  for (let at = 0; at < values.length; at++) {
    values[place === undefined ? at : place(at)] = type.read(view, at * type.bytes, little);
  }
  const remarks =
    shape.length > 2 ? [`The array's shape is ${shape.join(' × ')}; all axes but the first became columns.`] : [];
  return datasetOf(source, 'NumPy array', type.name, { rows, columns, values }, remarks);
}

/** Where the element that comes at a place in Fortran's order, first axis fastest, stands in C's order. */
function placesOfFortran(shape: readonly number[]): (at: number) => number {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  return (at) => {
    let rest = at;
    let place = 0;
    shape.forEach((length, axis) => {
      place += (rest % length) * strides[axis]!;
      rest = Math.floor(rest / length);
    });
    return place;
  };
}

/** IEEE 754's binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
