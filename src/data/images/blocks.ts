import type { RowBlock } from '../dataset';

/** Values of a block of rows. */
const blockValues = 1 << 20;

/** A matrix in memory as blocks of rows. @param parts rows of it, of which each part holds whole ones; NaN is missing */
export function blocksOf(parts: readonly Float32Array[], columns: number): () => Generator<RowBlock> {
  const most = Math.max(1, Math.floor(blockValues / columns));
  return function* () {
    let start = 0;
    for (const part of parts) {
      const rows = part.length / columns;
      for (let row = 0; row < rows; row += most) {
        const count = Math.min(most, rows - row);
        yield { start, count, ...observedOf(part.subarray(row * columns, (row + count) * columns)) };
        start += count;
      }
    }
  };
}

function observedOf(part: Float32Array): Pick<RowBlock, 'values' | 'observed'> {
  if (!part.some(Number.isNaN)) {
    return { values: part };
  }
  const values = part.slice();
  const observed = new Uint8Array(part.length).fill(1);
  part.forEach((value, at) => {
    if (Number.isNaN(value)) values[at] = observed[at] = 0;
  });
  return { values, observed };
}

/** How many values are missing, and a sentence on it. @param possible whether any may be */
export function aboutMissing(
  parts: readonly Float32Array[],
  possible: boolean,
): { missing: number; warnings: string[] } {
  const missing = possible
    ? parts.reduce((sum, part) => sum + part.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0), 0)
    : 0;
  return {
    missing,
    warnings:
      missing === 0
        ? []
        : [
            `${missing.toLocaleString('en')} ${missing === 1 ? 'entry is' : 'entries are'} missing, where the image has no finite number.`,
          ],
  };
}
