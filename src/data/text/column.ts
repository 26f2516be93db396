import type { Dataset, TableOptions } from '../dataset';
import { ColumnFinder } from '../table/columns';
import type { TextOptions, SourceIdentity } from '../reading-report';
import type { NumberedRow } from '../table/rows';
import { layoutOf, type TableLayout } from '../table/layout';
import { DocumentTerms } from './document-terms';

/** Makes a document of each row's cell in one column of a table. */
export class TextColumnBuilder {
  private readonly documents: DocumentTerms;
  private readonly column: number;
  private readonly layout: TableLayout;
  private headerRowsLeft: number;

  /**
   * @param sample the first rows, header included; they are to be added all the same
   * @param from name of the column, or its number from 1
   * @throws DataError when there is no such column
   */
  constructor(
    file: string,
    private readonly delimiter: string,
    sample: readonly NumberedRow[],
    from: string,
    private readonly options: TextOptions,
    private readonly asked: Pick<TableOptions, 'header' | 'skip'>,
  ) {
    this.documents = new DocumentTerms(file);
    // A name that is looked for by its letters can only stand in the first row.
    const byNumber = /^\d+$/.test(from.trim());
    const { header = byNumber ? undefined : true, skip } = asked;
    this.layout = layoutOf(sample, delimiter, { header, skip });
    this.headerRowsLeft = this.layout.headerRows;
    const { names } = this.layout.named;
    this.column = new ColumnFinder(names, file).find(from);
  }

  add({ cells, line }: NumberedRow): void {
    if (line <= this.layout.skipped) return;
    if (this.headerRowsLeft > 0) {
      this.headerRowsLeft--;
      return;
    }
    this.documents.add(cells[this.column] ?? '');
  }

  /** @throws DataError when no document holds a word, or no term is left */
  finish(source: SourceIdentity, encoding: string, warnings: readonly string[]): Dataset {
    const { skip } = this.asked;
    return this.documents.finish(this.options, source, [...warnings, ...this.layout.warnings], {
      encoding,
      delimiter: this.delimiter,
      header: this.layout.headerRows > 0,
      ...(skip !== undefined && { skip }),
    });
  }
}
