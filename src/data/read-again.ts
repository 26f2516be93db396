import type { ReadReport } from '../factorization/factorization';
import type { Dataset, RowBlock, TableOptions } from './dataset';

/** The choices that read the same file as `reading` says; undefined where the reader chooses so by itself. */
export function sameChoices(reading: ReadReport): TableOptions | undefined {
  if (reading.kind !== 'table' || reading.leftOut.length === 0) {
    return undefined;
  }
  return { columns: reading.features, ...(reading.label === undefined ? {} : { label: reading.label }) };
}

/** The choices that read another file's columns of the same names, all of which must be there; of a table without names, all. */
export function sameColumns(reading: ReadReport): TableOptions | undefined {
  return reading.kind === 'table' && reading.header ? { columns: reading.features, exact: true } : undefined;
}

/** The dataset with its columns in the order of `names`, which are the names that it has in some order. */
export function inOrder(dataset: Dataset, names: readonly string[] | undefined): Dataset {
  const { columnLabels, columns } = dataset;
  if (names === undefined || columnLabels === undefined || names.length !== columns) {
    return dataset;
  }
  const order = names.map((name) => columnLabels.indexOf(name));
  if (order.every((from, to) => from === to)) {
    return dataset;
  }
  const permuted = <A extends Float32Array | Uint8Array>(array: A): A => {
    const result = array.slice() as A;
    for (let start = 0; start < array.length; start += columns) {
      order.forEach((from, to) => (result[start + to] = array[start + from] ?? 0));
    }
    return result;
  };
  return {
    ...dataset,
    columnLabels: [...names],
    async *blocks() {
      for await (const { values, observed, weights, ...place } of dataset.blocks()) {
        const block: RowBlock = { ...place, values: permuted(values) };
        yield {
          ...block,
          ...(observed && { observed: permuted(observed) }),
          ...(weights && { weights: permuted(weights) }),
        };
      }
    },
  };
}
