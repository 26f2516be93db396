import { resultLimits } from '../model/result-limits';
import { DataError } from '../data/dataset';
import { decodeNpy, NpyError, type NpyArray } from '../data/formats/npy';
import { unpackTexts } from './texts';
import type { ZipArchive } from '../data/formats/zip';

/** What NumPy's header may add to an array's elements. */
const headerAllowance = 1 << 17;

export const remedy = 'save it again, or factorize the data anew';

interface ArrayType<A extends NpyArray> {
  new (length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** The arrays of a factors file, each of the type and shape that the description requires. */
export class FactorsArrays {
  constructor(
    private readonly archive: ZipArchive,
    /** Of the file, for messages. */
    private readonly name: string,
  ) {}

  /**
   * Reads an array of one type and shape; of a shape given without lengths, only the number of axes is checked. Nothing
   * is allocated before the entry's size has been held against the shape.
   */
  read<A extends NpyArray>(
    file: string,
    shape: readonly number[] | 'vector',
    type: ArrayType<A>,
    most: number = resultLimits.elements,
  ): A {
    const { name } = this;
    const elements = shape === 'vector' ? most : shape.reduce((product, length) => product * length, 1);
    if (elements > most) {
      throw new DataError(`${name}: ${file} is said to have more than ${most} elements; ${remedy}.`);
    }
    let found;
    try {
      found = decodeNpy(this.archive.unpack(file, headerAllowance + type.BYTES_PER_ELEMENT * elements));
    } catch (error) {
      if (error instanceof NpyError) {
        throw new DataError(`${name}: ${file} cannot be read, since ${error.message}; ${remedy}.`, { cause: error });
      }
      throw error;
    }
    const fits =
      shape === 'vector'
        ? found.shape.length === 1
        : found.shape.length === shape.length && shape.every((length, axis) => found.shape[axis] === length);
    if (!fits || !(found.array instanceof type)) {
      const wanted = shape === 'vector' ? 'one axis' : `the shape ${shape.join('×')}`;
      throw new DataError(
        `${name}: ${file} must have ${wanted} and elements of ${type.name.replace('Array', '')}, but has the shape ${found.shape.join('×')} and ${found.array.constructor.name.replace('Array', '')}; ${remedy}.`,
      );
    }
    return found.array;
  }

  /** Reads numbers that are all finite. */
  finite(file: string, shape: readonly number[]): Float32Array {
    const array = this.read(file, shape, Float32Array);
    const wrong = placeOfNonFinite(file, array, shape);
    if (wrong !== undefined) throw new DataError(`${this.name}: ${wrong}; ${remedy}.`);
    return array;
  }

  texts(list: string): string[] {
    const bytes = this.read(`${list}.npy`, 'vector', Uint8Array, resultLimits.textBytes);
    const texts = unpackTexts({ bytes, ends: this.read(`${list}_ends.npy`, 'vector', Uint32Array) });
    if (texts === undefined) {
      throw new DataError(`${this.name}: ${list}.npy and ${list}_ends.npy hold no list of texts; ${remedy}.`);
    }
    return texts;
  }
}

/** Says where an array has a number that is none or infinite; undefined where it has none. */
export function placeOfNonFinite(
  file: string,
  array: Float32Array | Float64Array,
  shape: readonly number[],
): string | undefined {
  for (let at = 0; at < array.length; at++) {
    const value = array[at]!;
    if (Number.isFinite(value)) continue;
    const columns = shape[1] ?? 1;
    const place =
      shape.length === 1 ? `place ${at + 1}` : `row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
    return `${file} holds ${value} in ${place}, where only finite numbers can be`;
  }
  return undefined;
}
