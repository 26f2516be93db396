import type { LongColumns } from '../data/dataset';

/** A column of a table, as far as its beginning tells. */
export interface PeekedColumn {
  name: string;
  kind: 'numbers' | 'text';
  /** Whether it would be a feature of the table, rather than name the rows or be left out. */
  feature: boolean;
  /** Different cells. */
  distinct: number;
  /** Its first cell that is not empty. */
  example: string;
  /** Whether its cells are sentences rather than names. */
  prose: boolean;
}

/** What the beginning of a file says of it, so that questions about the job can be put well. */
export type Peek =
  | {
      kind: 'table';
      columns: PeekedColumn[];
      /** Rows that were looked at, and whether these are all. */
      rows: number;
      whole: boolean;
      /** The lines are sentences, and each may be a document. */
      prose: boolean;
      /** The columns by which each line is one entry of a matrix, where it looks like that. */
      long?: LongColumns;
    }
  /** JSON lines, and their fields of text. */
  | { kind: 'lines'; fields: string[] };
