import { matrixToCsv, numbers } from '../data/factors-csv';
import { encodeNpy } from '../data/npy';
import type { NamedMatrix, UseResult } from '../factorization/use/kinds';
import { resolveOutput, writeWhole } from './output';
import type { AskedUse } from './uses';

/** An asked use whose output is known to be writable. */
export interface UseOutput extends AskedUse {
  /** Where `out` is, links followed. */
  target?: string;
}

/** @throws UsageError when an output cannot be written, or is the input */
export function outputsOf(input: string, uses: readonly AskedUse[]): Promise<UseOutput[]> {
  return Promise.all(
    uses.map(async (use) => (use.out === undefined ? use : { ...use, target: await resolveOutput(input, use.out) })),
  );
}

/** Writes each result that is a matrix or a list of rows to its file. @throws UsageError when one cannot be written */
export async function writeUses(results: readonly UseResult[], outputs: readonly UseOutput[]): Promise<void> {
  for (const [index, result] of results.entries()) {
    const target = outputs[index]?.target;
    const matrix = matrixOf(result);
    if (target !== undefined && matrix !== undefined) await writeWhole(target, encode(matrix, target));
  }
}

function matrixOf(result: UseResult): NamedMatrix | undefined {
  switch (result.kind) {
    case 'transform':
      return result.W;
    case 'fill':
    case 'reconstruct':
      return result.matrix;
    case 'anomalies':
      return {
        rows: result.rows.length,
        columns: 2,
        values: Float32Array.from(result.rows.flatMap(({ index, error }) => [index + 1, error])),
        rowLabels: result.rows.map(({ index, label }) => label ?? String(index + 1)),
        columnLabels: ['number', 'error'],
      };
    case 'nearest':
      return undefined;
  }
}

function encode({ rows, columns, values, rowLabels, columnLabels }: NamedMatrix, target: string): Uint8Array {
  return target.toLowerCase().endsWith('.npy')
    ? encodeNpy(values, [rows, columns])
    : matrixToCsv('row', rowLabels ?? numbers(rows), columnLabels ?? numbers(columns), values);
}
