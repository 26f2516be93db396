import { availableMemory } from '../memory/available';
import type { RowBlock } from './dataset';

/** Bytes that must be left beside a block: below this the system is about to end some process without a word. */
const reserve = 1 << 26;

/** Values of one block, so that growing never copies more than this. */
const blockValues = 1 << 20;

interface StoredBlock {
  start: number;
  count: number;
  capacity: number;
  values: Float32Array;
  observed: Uint8Array | undefined;
  remainders: Float32Array | undefined;
}

/** Grows a matrix row by row in blocks, with a mask only where something is missing. */
export class BlockStore {
  private readonly blocks: StoredBlock[] = [];
  private current: StoredBlock | undefined;
  private offset = 0;
  private readonly placeOf: number[] = [];
  rows = 0;

  /**
   * @param free tells how many bytes this process may still take
   * @param narrow columns of which what float32 rounds off is kept as well
   */
  constructor(
    public columns: number,
    private readonly free: () => number = availableMemory,
    private readonly narrow: readonly number[] = [],
  ) {
    narrow.forEach((column, k) => (this.placeOf[column] = k));
  }

  /** Begins the next row; {@link set} and {@link miss} then fill it. @throws RangeError when memory runs out */
  addRow(): void {
    let block = this.current;
    if (block === undefined || block.count === block.capacity) {
      block = this.addBlock(block);
    }
    this.offset = block.count * this.columns;
    block.count++;
    this.rows++;
  }

  /** Sets an entry of the present row. */
  set(column: number, value: number): void {
    const block = this.current;
    if (block === undefined) return;
    block.values[this.offset + column] = value;
    const place = this.narrow.length === 0 ? undefined : this.placeOf[column];
    if (place === undefined || block.remainders === undefined) return;
    block.remainders[(block.count - 1) * this.narrow.length + place] = value - Math.fround(value);
  }

  /** Marks an entry of the present row as missing; its value stays 0. */
  miss(column: number): void {
    const block = this.current;
    if (block !== undefined) {
      block.observed ??= new Uint8Array(block.values.length).fill(1);
      block.observed[this.offset + column] = 0;
    }
  }

  /** The narrow columns among those kept, as places among these; their remainders stand so in the blocks. */
  narrowAmong(keep: readonly number[]): number[] {
    return keep.flatMap((column, to) => (this.placeOf[column] === undefined ? [] : [to]));
  }

  /** Keeps the given columns, in increasing order, and lets go of the rest and of spare room. */
  finish(keep: readonly number[]): RowBlock[] {
    const columns = this.columns;
    const width = this.narrow.length;
    const kept = keep.flatMap((column) => this.placeOf[column] ?? []);
    const finished: RowBlock[] = [];
    // Taken out one by one, so that at no time two copies of the whole matrix are held.
    for (let block = this.blocks.shift(); block !== undefined; block = this.blocks.shift()) {
      const length = block.count * keep.length;
      // In place, as a kept column never moves to the right.
      for (const array of keep.length === columns ? [] : [block.values, block.observed]) {
        for (let row = 0, to = 0; array !== undefined && row < block.count; row++) {
          for (const column of keep) {
            array[to++] = array[row * columns + column] ?? 0;
          }
        }
      }
      const observed = block.observed === undefined ? undefined : trim(block.observed, length);
      const { start, count, remainders } = block;
      const result: RowBlock = {
        start,
        count,
        values: trim(block.values, length),
        ...(remainders &&
          kept.length > 0 && {
            remainders: Float32Array.from(
              { length: count * kept.length },
              (_, at) => remainders[Math.floor(at / kept.length) * width + kept[at % kept.length]!]!,
            ),
          }),
      };
      const whole = observed === undefined || observed.every((entry) => entry === 1);
      finished.push(whole ? result : { ...result, observed });
    }
    this.current = undefined;
    this.columns = keep.length;
    return finished;
  }

  private addBlock(previous: StoredBlock | undefined): StoredBlock {
    const most = Math.max(1, Math.floor(blockValues / Math.max(1, this.columns)));
    const capacity = Math.min(most, previous === undefined ? 64 : 4 * previous.capacity);
    const bytes = 4 * capacity * this.columns;
    if (bytes + reserve > this.free()) {
      throw new RangeError(`no memory for a block of ${bytes} bytes after ${this.rows} rows`);
    }
    const block: StoredBlock = {
      start: this.rows,
      count: 0,
      capacity,
      values: new Float32Array(capacity * this.columns),
      observed: undefined,
      remainders: this.narrow.length === 0 ? undefined : new Float32Array(capacity * this.narrow.length),
    };
    this.blocks.push(block);
    this.current = block;
    return block;
  }
}

function trim<A extends Float32Array | Uint8Array>(array: A, length: number): A {
  return (array.length === length ? array : array.slice(0, length)) as A;
}
