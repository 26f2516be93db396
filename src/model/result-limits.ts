import { maxTextLength } from '../untrusted/schema';

/**
 * How large a result may be. The file's writer and its reader hold to these numbers alike, and a job that would end in
 * a larger one is refused before it begins: what is written can always be read again.
 */
export const resultLimits = {
  /** Numbers in one array: W, H, a trace, the ends of labels. */
  elements: 2 ** 28,
  /** Bytes of one list of texts, such as the labels of the rows, as UTF-8. */
  textBytes: 2 ** 30,
  /** Bytes of a whole file, which is what a file can have to be read at once. */
  fileBytes: 2 ** 31 - 1,
  /** Characters of a text that is none of a list: a name, a reason, a warning. */
  textLength: maxTextLength,
  /** Things that a result tells one by one: warnings, ranks that were compared, operations on a device. */
  remarks: 10_000,
  /** Names in one object of the description. */
  names: 1000,
  /** Each has three arrays, and a zip archive has at most 65,535 entries. */
  restarts: 10_000,
} as const;

/** What decides on a result's size and is known before the work begins. */
export interface ResultSize {
  rows: number;
  columns: number;
  rank: number;
  restarts: number;
  rowLabels?: readonly string[];
  columnLabels?: readonly string[];
  /** Names and warnings that the result repeats. */
  texts?: readonly string[];
}

/** Bytes beside the factors and the labels: reports, a consensus, headers. */
const otherBytes = 1 << 24;

/** Why a result of this size could not be kept, and the remedy; undefined where it can be. */
export function refusesResult({
  rows,
  columns,
  rank,
  restarts,
  rowLabels = [],
  columnLabels = [],
  texts = [],
}: ResultSize): string | undefined {
  const { elements, textBytes, fileBytes } = resultLimits;
  if (restarts > resultLimits.restarts) {
    return `The number of restarts is ${restarts}; a result keeps up to ${resultLimits.restarts}, so give that many or fewer.`;
  }
  for (const [factor, lines, kind] of [
    ['W', rows, 'rows'],
    ['H', columns, 'columns'],
  ] as const) {
    if (lines * rank > elements) {
      return `${factor} would have ${lines} ${kind} × ${rank} components, and a result keeps up to ${elements} numbers; give a rank of at most ${Math.floor(elements / lines)} or fewer ${kind}.`;
    }
  }
  const labels = [
    { kind: 'rows', bytes: utf8Length(rowLabels) },
    { kind: 'columns', bytes: utf8Length(columnLabels) },
  ];
  const long = labels.find(({ bytes }) => bytes > textBytes);
  if (long) {
    return `The labels of the ${long.kind} take ${long.bytes} bytes, and a result keeps up to ${textBytes}; shorten them, or leave them out.`;
  }
  const longText = texts.find((text) => text.length > resultLimits.textLength);
  if (longText !== undefined) {
    return `A name or a warning beginning with ${JSON.stringify(longText.slice(0, 40))} has ${longText.length} characters, and a result keeps up to ${resultLimits.textLength}; shorten the name in the file.`;
  }
  const needed =
    4 * (rank * (rows + columns) + rowLabels.length + columnLabels.length) +
    labels.reduce((sum, { bytes }) => sum + bytes, 0);
  if (needed + otherBytes > fileBytes) {
    return `The result would take ${needed} bytes, and a file of factors holds up to ${fileBytes}; give a smaller rank, fewer rows or shorter labels.`;
  }
  return undefined;
}

/** Bytes of texts as UTF-8, one after another. */
export function utf8Length(texts: readonly string[]): number {
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}
