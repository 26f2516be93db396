/**
 * NumPy's array file format, versions 1.0 and 2.0 (numpy.lib.format): a magic string, a Python dictionary literal with
 * type, order and shape, then the raw elements. Little-endian machines only, which is every one that Node.js runs on
 * in practice.
 */

export type NpyArray = Float32Array | Float64Array | Int32Array | Uint32Array | BigInt64Array | Uint8Array;

/** A file that is not an array of the kinds that are read. The message says what is wrong, without a file's name. */
export class NpyError extends Error {
  override readonly name = 'NpyError';
}

const magic = '\x93NUMPY';

/** Rows of Python's dictionary literal, as NumPy itself writes and reads them. */
const headerPattern =
  /^\{'descr': '([<>|=]?\w+)', 'fortran_order': (True|False), 'shape': \(((?:\d{1,15}(?:, ?\d{1,15})*,?)?)\),? ?\}\s*$/;

/** Headers longer than this are not NumPy's, whose longest for plain arrays takes a few hundred bytes. */
const headerLimit = 1 << 16;

/**
 * Writes an array in version 1.0, row-major.
 * @param shape whose product is the number of elements
 */
export function encodeNpy(array: NpyArray, shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== array.length) {
    throw new RangeError(`An array of ${array.length} elements does not have the shape (${shape.join(', ')}).`);
  }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descriptionOf(array)}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The elements begin at a multiple of 64 bytes, so that the file can be mapped into memory.
  const start = 64 * Math.ceil((10 + header.length + 1) / 64);
  const bytes = new Uint8Array(start + array.byteLength);
  writeLatin1(bytes, 0, `${magic}\x01\x00`);
  new DataView(bytes.buffer).setUint16(8, start - 10, true);
  writeLatin1(bytes, 10, `${header.padEnd(start - 11)}\n`);
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start);
  return bytes;
}

/** What stands in front of an array's elements. */
export interface NpyHeader {
  /** NumPy's type of the elements, such as `<f4`. */
  description: string;
  fortran: boolean;
  shape: number[];
  /** Where the elements begin, in bytes. */
  start: number;
}

/** @throws NpyError when it is no array, or its header is damaged or cut off */
export function npyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 10 || latin1(bytes, 0, 6) !== magic) {
    throw new NpyError('it is not a NumPy array');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] ?? 0;
  if (major !== 1 && major !== 2) {
    throw new NpyError(`version ${major} of NumPy's format is unknown`);
  }
  const headerStart = major === 1 ? 10 : 12;
  if (bytes.length < headerStart) {
    throw new NpyError('its header is cut off');
  }
  const headerLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = headerStart + headerLength;
  if (headerLength > headerLimit || start > bytes.length) {
    throw new NpyError('its header is cut off');
  }
  const match = headerPattern.exec(latin1(bytes, headerStart, start));
  if (match === null) {
    throw new NpyError('its header is not understood');
  }
  const [, description = '', fortran, tuple = ''] = match;
  const shape = tuple.split(',').flatMap((length) => (length.trim() === '' ? [] : [Number(length)]));
  return { description, fortran: fortran === 'True', shape, start };
}

/**
 * Reads an array; its elements are a copy.
 * @throws NpyError when it is damaged, cut off, of another type, or in Fortran's order
 */
export function decodeNpy(bytes: Uint8Array): { array: NpyArray; shape: number[] } {
  const { description, fortran, shape, start } = npyHeader(bytes);
  const type = types[description];
  if (type === undefined) {
    throw new NpyError(`elements of type ${description} are not read`);
  }
  if (fortran && shape.length > 1) {
    throw new NpyError("it is in Fortran's order (numpy.ascontiguousarray turns it)");
  }
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== count * type.bytes) {
    throw new NpyError(`its shape (${shape.join(', ')}) does not fit its ${bytes.length - start} bytes`);
  }
  // A copy, since elements must be aligned; by the constructor, since a Buffer's own slice() makes none.
  return { array: type.from(new Uint8Array(bytes.subarray(start)).buffer), shape };
}

const types: Record<string, { bytes: number; from(buffer: ArrayBuffer): NpyArray }> = {
  '<f4': { bytes: 4, from: (buffer) => new Float32Array(buffer) },
  '<f8': { bytes: 8, from: (buffer) => new Float64Array(buffer) },
  '<i4': { bytes: 4, from: (buffer) => new Int32Array(buffer) },
  '<u4': { bytes: 4, from: (buffer) => new Uint32Array(buffer) },
  '<i8': { bytes: 8, from: (buffer) => new BigInt64Array(buffer) },
  '|u1': { bytes: 1, from: (buffer) => new Uint8Array(buffer) },
};

function descriptionOf(array: NpyArray): string {
  if (array instanceof Float32Array) {
    return '<f4';
  }
  if (array instanceof Float64Array) {
    return '<f8';
  }
  if (array instanceof Int32Array) {
    return '<i4';
  }
  if (array instanceof Uint32Array) {
    return '<u4';
  }
  return array instanceof BigInt64Array ? '<i8' : '|u1';
}

function writeLatin1(bytes: Uint8Array, start: number, text: string): void {
  for (let index = 0; index < text.length; index++) {
    bytes[start + index] = text.charCodeAt(index);
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (const byte of bytes.subarray(start, Math.min(end, start + headerLimit))) text += String.fromCharCode(byte);
  return text;
}
