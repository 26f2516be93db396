import type { ReadReport } from './reading-report';
import type { Dataset, RowBlock, SparseDataset, TableOptions } from './dataset';

/** The choices that read the same file as `reading` says; undefined where there are none. */
export function sameChoices(reading: ReadReport): TableOptions | undefined {
  if (reading.kind === 'long') {
    const { row, column, value, weight } = reading;
    const { delimiter, header, encoding, skip } = reading;
    return {
      delimiter,
      header,
      encoding,
      ...(skip !== undefined && { skip }),
      long: { row, column, value, ...(weight === undefined ? {} : { weight }) },
    };
  }
  if (reading.kind === 'text') {
    return { ...reading.layout, text: reading.options };
  }
  if (reading.kind === 'array') {
    return undefined;
  }
  if (reading.kind === 'image' || reading.kind === 'images') {
    return reading.as === undefined ? undefined : { image: reading.as };
  }
  const layout = layoutOf(reading);
  if (reading.leftOut.length === 0) {
    return layout;
  }
  return {
    ...layout,
    columns: reading.features,
    ...(reading.label === undefined ? {} : { label: reading.label }),
  };
}

/** How a table is laid out and its cells are understood, whichever of its columns are used. */
function layoutOf(reading: Extract<ReadReport, { kind: 'table' }>): TableOptions {
  const { delimiter, header, encoding, skip, missing, detectionLimit } = reading;
  return {
    delimiter,
    header,
    encoding,
    ...(skip !== undefined && { skip }),
    ...(missing && { missing }),
    ...(detectionLimit && { detectionLimit }),
  };
}

/** The choices that read another file's columns of the same names, all of which must be there; of a table without names, all. */
export function sameColumns(reading: ReadReport, names: readonly string[] | undefined): TableOptions | undefined {
  if (reading.kind === 'text') {
    const { header } = reading.layout ?? {};
    return {
      // A column that is known by its number has no name to say whether the first row is data.
      ...(header !== undefined && { header }),
      text: { ...reading.options, ...(names && { vocabulary: [...names] }) },
    };
  }
  if (reading.kind === 'long') {
    const { long } = sameChoices(reading) ?? {};
    return long && { long };
  }
  if (reading.kind !== 'table') {
    return sameChoices(reading);
  }
  const { missing, detectionLimit } = reading;
  return {
    ...(missing && { missing }),
    ...(detectionLimit && { detectionLimit }),
    ...(reading.header && { columns: reading.features, exact: true }),
  };
}

/**
 * The dataset with its columns in the order of `names`, which are the names that it has in some order; a sparse one may lack
 * some, and entries of columns that are not among them are left out, which a warning tells.
 */
export function inOrder(dataset: Dataset, names: readonly string[] | undefined): Dataset {
  if ('entries' in dataset) {
    return names === undefined ? dataset : amongColumns(dataset, names);
  }
  const { columnLabels, columns } = dataset;
  if (names === undefined || columnLabels === undefined || names.length !== columns) {
    return dataset;
  }
  const placeOf = new Map(columnLabels.map((name, place) => [name, place]));
  const order = names.map((name) => placeOf.get(name) ?? -1);
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
  const { narrow } = dataset;
  /** Where the narrow columns come to, and which of them comes first. */
  const places = (narrow ?? []).map((column, k) => ({ to: order.indexOf(column), k })).sort((a, b) => a.to - b.to);
  const kept = places.map(({ k }) => k);
  return {
    ...dataset,
    columnLabels: [...names],
    ...(narrow && { narrow: places.map(({ to }) => to) }),
    async *blocks() {
      for await (const { values, observed, weights, remainders, ...place } of dataset.blocks()) {
        const block: RowBlock = {
          ...place,
          values: permuted(values),
          ...(remainders && { remainders: remaindersInOrder(remainders, kept) }),
        };
        yield {
          ...block,
          ...(observed && { observed: permuted(observed) }),
          ...(weights && { weights: permuted(weights) }),
        };
      }
    },
  };
}

const remaindersInOrder = (remainders: Float32Array, order: readonly number[]): Float32Array =>
  remainders.map((_, at) => {
    const row = Math.floor(at / order.length);
    return remainders[row * order.length + order[at % order.length]!]!;
  });

function amongColumns(dataset: SparseDataset, names: readonly string[]): SparseDataset {
  const { entries, columnLabels = [] } = dataset;
  const placeOf = new Map(names.map((name, place) => [name, place]));
  const places = columnLabels.map((name) => placeOf.get(name));
  const kept = Uint32Array.from({ length: entries.values.length }, (_, at) => at)
    .filter((at) => places[entries.columns[at]!] !== undefined)
    .sort((a, b) => entries.rows[a]! - entries.rows[b]! || places[entries.columns[a]!]! - places[entries.columns[b]!]!);
  const strange = entries.values.length - kept.length;
  const { weights } = entries;
  const chosen = (values: Float32Array): Float32Array =>
    Float32Array.from({ length: kept.length }, (_, k) => values[kept[k]!]!);
  return {
    ...dataset,
    columns: names.length,
    columnLabels: [...names],
    missing: dataset.rows * names.length - kept.length,
    warnings:
      strange === 0
        ? dataset.warnings
        : [
            ...dataset.warnings,
            `${strange === 1 ? '1 entry is' : `${strange} entries are`} of columns that the result does not know, and ${strange === 1 ? 'was' : 'were'} left out.`,
          ],
    entries: {
      rows: kept.map((at) => entries.rows[at]!),
      columns: kept.map((at) => places[entries.columns[at]!]!),
      values: chosen(entries.values),
      ...(weights && { weights: chosen(weights) }),
    },
  };
}
