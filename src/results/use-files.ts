import type { NamedMatrix, UseResult } from '../model/uses';
import { matrixToCsv, numbers } from './csv';
import { encodeNpy } from '../data/formats/npy';

/**
 * What a result's use gives as the content of a file: a NumPy array where the file's name ends in `.npy`, else a
 * comma-separated text with labels.
 * @returns undefined for a use that is told and not written
 */
export function encodeUse(result: UseResult, fileName: string): Uint8Array | undefined {
  const matrix = matrixOf(result);
  if (matrix === undefined) return undefined;
  const { rows, columns, values, rowLabels, columnLabels } = matrix;
  return fileName.toLowerCase().endsWith('.npy')
    ? encodeNpy(values, [rows, columns])
    : matrixToCsv('row', rowLabels ?? numbers(rows), columnLabels ?? numbers(columns), values);
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
        values: Float32Array.from({ length: 2 * result.rows.length }, (_, at) => {
          const row = result.rows[at >> 1];
          return (at % 2 === 0 ? (row?.index ?? NaN) + 1 : row?.error) ?? NaN;
        }),
        rowLabels: result.rows.map(({ index, label }) => label ?? String(index + 1)),
        columnLabels: ['number', 'error'],
      };
    case 'nearest':
      return undefined;
  }
}
