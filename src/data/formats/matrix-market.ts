import { quote } from '../table/columns';
import { DataError, type DenseDataset } from '../dataset';
import type { OpenSource } from '../source';
import { datasetOf } from './whole';

interface Shape {
  rows: number;
  columns: number;
  /** Entries that the file lists. */
  entries: number;
}

/**
 * Reads a matrix in the Matrix Market exchange format (Boisvert, Pozo and Remington 1996, NISTIR 5935): `coordinate` lists
 * what is not zero, `array` all numbers column by column. An entry that is listed twice is the sum, as SciPy has it.
 * @throws DataError naming the line when the file is not of that format, cut off, or too large
 */
export async function readMatrixMarket(source: OpenSource): Promise<DenseDataset> {
  const reader = new MatrixReader(source.name);
  const decoder = new TextDecoder('latin1');
  let rest = '';
  for await (const chunk of source.chunks()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) reader.add(line);
  }
  reader.add(rest);
  return reader.finish(source);
}

class MatrixReader {
  private number = 0;
  private coordinate = true;
  private field = 'real';
  private symmetry = 'general';
  private shape: Shape | undefined;
  private values = new Float32Array(0);
  private listed = 0;
  private row = 0;
  private column = 0;
  private repeated = 0;
  private surplus = 0;
  private given = new Uint8Array(0);

  constructor(private readonly name: string) {}

  add(line: string): void {
    this.number++;
    if (this.number === 1) {
      this.readBanner(line);
      return;
    }
    const text = line.trim();
    if (text === '' || text.startsWith('%')) return;
    if (this.shape === undefined) this.readShape(text);
    else this.readEntry(text, this.shape);
  }

  finish(source: OpenSource): DenseDataset {
    const { shape } = this;
    if (shape === undefined) throw this.fault('the line with the size is missing');
    if (this.listed < shape.entries) {
      throw this.fault(`the file ends after ${this.listed} of ${shape.entries} entries`);
    }
    const remarks: string[] = [];
    if (this.coordinate) remarks.push('Entries that the file does not list are zeros, and observed.');
    if (this.repeated > 0) {
      remarks.push(
        `${this.repeated === 1 ? '1 entry is' : `${this.repeated} entries are`} listed more than once; each is the sum.`,
      );
    }
    if (this.surplus > 0) {
      remarks.push(
        `The file lists ${this.surplus} more entries than the ${shape.entries} that it announces; ${this.surplus === 1 ? 'that one was' : 'those were'} left out.`,
      );
    }
    const { rows, columns } = shape;
    return datasetOf(source, 'Matrix Market', this.field, { rows, columns, values: this.values }, remarks);
  }

  private readBanner(line: string): void {
    const [, object = '', format = '', field = '', symmetry = ''] = line.trim().toLowerCase().split(/\s+/);
    if (object !== 'matrix' || !['coordinate', 'array'].includes(format)) {
      throw this.fault('only "matrix coordinate" and "matrix array" are read');
    }
    if (!['real', 'double', 'integer', 'unsigned-integer', 'pattern'].includes(field)) {
      throw this.fault(`its numbers are ${quote(field)}; real, integer and pattern are read`);
    }
    if (!['general', 'symmetric', 'skew-symmetric'].includes(symmetry)) {
      throw this.fault(`its symmetry is ${quote(symmetry)}; general, symmetric and skew-symmetric are read`);
    }
    this.coordinate = format === 'coordinate';
    this.field = field;
    this.symmetry = symmetry;
  }

  private readShape(text: string): void {
    const sizes = text.split(/\s+/).map(Number);
    const [rows = NaN, columns = NaN, entries] = sizes;
    const dense = this.symmetry === 'general' ? rows * columns : triangle(rows, this.symmetry === 'symmetric');
    const shape = { rows, columns, entries: this.coordinate ? (entries ?? NaN) : dense };
    const whole = Object.values(shape).every((size) => Number.isSafeInteger(size) && size >= 0);
    if (!whole || rows === 0 || columns === 0 || sizes.length !== (this.coordinate ? 3 : 2)) {
      throw this.fault(
        'the line with the size must hold the numbers of rows and columns, and of entries where they are listed',
      );
    }
    if (this.symmetry !== 'general' && rows !== columns) throw this.fault('a symmetric matrix must be square');
    if (5 * rows * columns > process.availableMemory()) {
      throw new DataError(
        `${this.name}: ${rows} × ${columns} numbers take ${((4 * rows * columns) / 1e9).toFixed(1)} GB, which do not fit into memory; take a part of the rows or columns.`,
      );
    }
    this.shape = shape;
    this.values = new Float32Array(rows * columns);
    if (this.coordinate) this.given = new Uint8Array(rows * columns);
    if (this.symmetry === 'skew-symmetric') this.row = 1;
  }

  private readEntry(text: string, shape: Shape): void {
    if (this.listed === shape.entries) {
      this.surplus++;
      return;
    }
    this.listed++;
    const numbers = text.split(/\s+/).map(Number);
    if (this.coordinate) {
      const [row = NaN, column = NaN, value = NaN] = this.field === 'pattern' ? [...numbers, 1] : numbers;
      const inside = row >= 1 && row <= shape.rows && column >= 1 && column <= shape.columns;
      if (!Number.isInteger(row) || !Number.isInteger(column) || !inside) {
        throw this.fault(`${quote(text)} names no place of a matrix of ${shape.rows} × ${shape.columns}`);
      }
      this.put(row - 1, column - 1, value);
      return;
    }
    this.put(this.row, this.column, numbers[0] ?? NaN);
    if (++this.row === shape.rows) {
      this.column++;
      this.row = this.symmetry === 'general' ? 0 : this.column + (this.symmetry === 'symmetric' ? 0 : 1);
    }
  }

  private put(row: number, column: number, value: number): void {
    const columns = this.shape?.columns ?? 0;
    const at = row * columns + column;
    if (this.coordinate) {
      if (this.given[at] === 1) this.repeated++;
      this.given[at] = 1;
    }
    this.values[at] = this.values[at]! + value;
    if (this.symmetry === 'general' || row === column) return;
    this.values[column * columns + row] = this.symmetry === 'symmetric' ? this.values[at] : -this.values[at];
  }

  private fault(what: string): DataError {
    return new DataError(`${this.name}: ${what} (line ${this.number} of a Matrix Market file); write it again.`);
  }
}

function triangle(size: number, diagonal: boolean): number {
  return (size * (size + (diagonal ? 1 : -1))) / 2;
}
