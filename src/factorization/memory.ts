import type { Dataset } from '../data/dataset';
import { SettingsError } from './errors';
import type { ReadReport } from './factorization';
import type { Model } from './model';

/**
 * Arrays of X's size beside X itself that a job makes at least where the loss has it look at every entry; with the
 * squared loss it takes products with X. (Measured with 31 million entries: 3 with Huber's loss, 9 with the
 * Kullback–Leibler divergence, 10 with the logistic loss, of which most hold what depends on X alone.)
 */
const arraysOfStep = 3;

/** Bytes that a factorization of these data takes at its height at least, beside what reading them holds. */
export function leastBytes(dataset: Dataset, { loss }: Model): number {
  if ('entries' in dataset) return 0;
  const { rows, columns, missing, weights } = dataset;
  // X, its mask and its weights.
  const given = 1 + (missing > 0 ? 1 : 0) + (missing > 0 || weights !== undefined ? 1 : 0);
  return 4 * rows * columns * (given + (loss.kind === 'squared' ? 0 : arraysOfStep));
}

/**
 * Refuses what cannot fit, before anything is allocated: else the system would end the process without a word.
 *
 * @param free bytes that this process may still take
 * @throws SettingsError naming the data, their size, what that takes, and the remedy
 */
export function checkMemory(dataset: Dataset, model: Model, free: number = process.availableMemory()): void {
  const needed = leastBytes(dataset, model);
  if (needed <= free) return;
  const { rows, columns, source, reading } = dataset;
  const [row, column] = reading.kind === 'text' ? ['documents', 'terms'] : ['rows', 'columns'];
  const count = (value: number): string => value.toLocaleString('en');
  throw new SettingsError(
    `${source.name}: ${count(rows)} ${row} × ${count(columns)} ${column} take at least ${gigabytes(needed)} of memory to factorize, and ${gigabytes(free)} are free; ${remedyOf(reading)}.`,
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function remedyOf(reading: ReadReport): string {
  switch (reading.kind) {
    case 'text':
      return 'leave out rare terms with a higher --min-df or common ones with a lower --max-df, or take fewer documents';
    case 'table':
    case 'long':
    case 'array':
      return 'choose fewer columns or a part of the file';
    case 'image':
    case 'images':
      return reading.as?.as === 'patches'
        ? 'take fewer patches with a larger stride, such as --patch 8,8'
        : 'scale the images down or take patches of them';
  }
}
