import { DataError } from '../dataset';
import { isMissing, parseNumber } from './number';
import { RowReader, type Layout } from './rows';

const candidates = [',', '\t', ';', '|'];

/** Rows that are looked at. */
const rowsJudged = 100;

/** What a run of spaces is worth beside a true delimiter: it must fit much better to win. */
const spaceWeight = 0.8;

/** What the extension's own delimiter gains: only near-ties turn on it. */
const extensionWeight = 1.05;

/**
 * Guesses the delimiter from several rows: the one that cuts most of them into the same number of cells, of which
 * most are numbers, or text free of the other delimiters; among equals, the one that cuts out more numbers. A run of
 * spaces competes only when it does so almost without exception. Quotation marks are honoured.
 * @param sample the beginning of the file
 * @param whole whether the sample is the whole file, so that its last row is complete
 * @param extension of the file's name in lower case, with its dot
 * @returns ',' where each row is one cell whatever the delimiter
 */
export function guessDelimiter(sample: string, options: { whole: boolean; extension: string }): string {
  // Comments in front follow no table's layout.
  const uncommented = sample.replace(/^(?:\s*(?:#|%|!|\/\/)[^\r\n]*(?:\r\n?|\n|$))+/, '');
  const text = uncommented.trim() === '' ? sample : uncommented;
  let best = { delimiter: ',', score: 0, numbers: 0, width: 1 };
  for (const delimiter of [...candidates, ' ']) {
    const rows = sampleRows(text, { delimiter, preview: rowsJudged }, options.whole);
    const judged = judge(rows, delimiter);
    if (judged === undefined) {
      continue;
    }
    const expected = ['.tsv', '.tab'].includes(options.extension) ? '\t' : options.extension === '.csv' ? ',' : '';
    const score = judged.score * (delimiter === expected ? extensionWeight : 1);
    const tied = score === best.score;
    const moreNumbers = judged.numbers > best.numbers || (judged.numbers === best.numbers && judged.width > best.width);
    if (score > best.score || (tied && moreNumbers)) best = { ...judged, delimiter, score };
  }
  return best.delimiter;
}

function sampleRows(sample: string, layout: Layout, whole: boolean): string[][] {
  try {
    return new RowReader('sample', layout).push(sample, whole).map((row) => row.cells);
  } catch (error) {
    if (error instanceof DataError) {
      // Quotation marks that are out of order under this delimiter speak against it; if it is the right one after
      // all, reading the file reports them.
      return [];
    }
    throw error;
  }
}

interface Judgement {
  score: number;
  /** Cells that are numbers or missing. */
  numbers: number;
  width: number;
}

function judge(rows: string[][], delimiter: string): Judgement | undefined {
  const widths = new Map<number, number>();
  for (const cells of rows) {
    widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  }
  let width = 1;
  let most = 0;
  for (const [candidate, count] of widths) {
    if (count > most || (count === most && candidate > width)) {
      width = candidate;
      most = count;
    }
  }
  const consistency = most / rows.length;
  if (width < 2 || consistency < 0.5) {
    return undefined;
  }
  let cells = 0;
  let clean = 0;
  let numeric = 0;
  for (const row of rows) {
    if (row.length !== width) {
      continue;
    }
    for (const raw of row) {
      const cell = raw.trim();
      // Two delimiters in a row make an empty cell of any text, so it speaks for nothing.
      if (cell === '') continue;
      cells++;
      // A tab is no padding: what stands beside it was a cell of its own.
      if (delimiter !== '\t' && raw.includes('\t')) continue;
      if (isMissing(cell) || !Number.isNaN(parseNumber(cell, '.')) || !Number.isNaN(parseNumber(cell, ','))) {
        clean++;
        numeric++;
      } else if (!candidates.some((other) => other !== delimiter && cell.includes(other)) && !/\d\s+\d/.test(cell)) {
        clean++;
      }
    }
  }
  if (cells === 0 || (delimiter === ' ' && (consistency < 0.9 || numeric / cells < 0.25))) {
    return undefined;
  }
  const score = consistency ** 2 * (0.2 + (0.8 * clean) / cells);
  return { score: delimiter === ' ' ? spaceWeight * score : score, numbers: numeric, width };
}
