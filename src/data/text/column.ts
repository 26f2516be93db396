import type { SourceIdentity } from '../../factorization/factorization';
import { ColumnFinder, columnNames } from '../columns';
import type { Dataset, TextOptions } from '../dataset';
import type { NumberedRow } from '../rows';
import { DocumentTerms } from './document-terms';

/** Makes a document of each row's cell in one column of a table whose first row names the columns. */
export class TextColumnBuilder {
  private readonly documents: DocumentTerms;
  private readonly column: number;
  private headerPending = true;

  /**
   * @param sample the first rows, header included; they are to be added all the same
   * @throws DataError when there is no such column
   */
  constructor(
    file: string,
    sample: readonly NumberedRow[],
    from: string,
    private readonly options: TextOptions,
  ) {
    this.documents = new DocumentTerms(file);
    const [first] = sample;
    const { names } = columnNames(first?.cells, first?.cells.length ?? 0);
    this.column = new ColumnFinder(names, file).find(from);
  }

  add({ cells }: NumberedRow): void {
    if (this.headerPending) {
      this.headerPending = false;
      return;
    }
    this.documents.add(cells[this.column] ?? '');
  }

  /** @throws DataError when no document holds a word, or no term is left */
  finish(source: SourceIdentity, warnings: readonly string[]): Dataset {
    return this.documents.finish(this.options, source, warnings);
  }
}
