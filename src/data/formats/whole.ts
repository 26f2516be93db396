import { DataError, type DenseDataset } from '../dataset';
import type { OpenSource } from '../source';

/** All of a source's bytes, for formats that are not read in one pass. @throws DataError when they do not fit into memory */
export async function bytesOf(source: OpenSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.chunks()) {
    size += chunk.length;
    if (2 * size > process.availableMemory()) {
      throw new DataError(`${source.name}: the file does not fit into memory; take a part of it.`);
    }
    chunks.push(chunk.slice());
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * The dataset of a matrix that a file holds as numbers alone.
 * @param values rows×columns, row-major; what is not finite becomes missing, and is told unless it is NaN
 */
export function datasetOf(
  source: OpenSource,
  format: string,
  type: string,
  { rows, columns, values }: { rows: number; columns: number; values: Float32Array },
  remarks: readonly string[],
): DenseDataset {
  let missing = 0;
  let infinite = 0;
  let observed: Uint8Array | undefined;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isFinite(value)) continue;
    if (!Number.isNaN(value)) infinite++;
    observed ??= new Uint8Array(values.length).fill(1);
    observed[at] = 0;
    values[at] = 0;
    missing++;
  }
  if (missing === values.length) {
    throw new DataError(`${source.name}: no entry of the matrix is a finite number; choose one that holds numbers.`);
  }
  const warnings = [...remarks];
  if (infinite > 0) {
    warnings.push(
      `${infinite === 1 ? '1 entry is' : `${infinite} entries are`} infinite or too large for float32 and ${infinite === 1 ? 'counts' : 'count'} as missing.`,
    );
  }
  return {
    rows,
    columns,
    missing,
    source: source.identity(),
    reading: { kind: 'array', format, type },
    warnings,
    blocks: () => [{ start: 0, count: rows, values, ...(observed && { observed }) }],
  };
}
