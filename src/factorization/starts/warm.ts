import type { SourceIdentity } from '../../data/reading-report';
import type { Dataset } from '../../data/dataset';
import { SettingsError } from '../errors';
import type { Factors } from '../factors';

/** The factors that runs go on from when they start from a file. */
export interface WarmStart extends Factors {
  /** Base name of the file, for messages. */
  name: string;
  rows: number;
  columns: number;
  rank: number;
  /** The data that they came from. */
  source: SourceIdentity;
  columnLabels?: string[];
}

/**
 * Whether factors from a file are of these data. Sizes are checked when the start is made.
 * @returns what the user should know: that the data have other rows or numbers by now
 * @throws SettingsError when the columns are others
 */
export function checkWarmStart(warm: WarmStart, { source, columnLabels }: Dataset): string[] {
  if (warm.columnLabels && columnLabels && warm.columnLabels.length === columnLabels.length) {
    const other = columnLabels.findIndex((name, column) => name !== warm.columnLabels?.[column]);
    if (other >= 0) {
      throw new SettingsError(
        `${warm.name} holds factors of other columns: its column ${other + 1} is "${warm.columnLabels[other]}", and that of ${source.name} is "${columnLabels[other]}"; start from a result of the same columns.`,
      );
    }
  }
  return warm.source.sha256 === source.sha256 && warm.source.bytes === source.bytes
    ? []
    : [
        `${warm.name} came from ${warm.source.name} as it was then, which is not what ${source.name} holds now: its factors were only where the runs began.`,
      ];
}
