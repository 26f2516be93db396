import type { LongColumns } from '../data/reading-report';
import * as vscode from 'vscode';
import { askOne } from '../editor/ask';
import type { Peek, PeekedColumn } from '../data/peek';

/** How the steps of the picker are counted. */
export interface Counted {
  title: string;
  step: number;
  totalSteps: number;
}

type TablePeek = Extract<Peek, { kind: 'table' }>;

const ordinary = 'ordinary';
const idOf = ({ name }: PeekedColumn): string => `column ${name}`;

/**
 * Asks which columns of a table name the row and the column of a rating and hold it, what fits being chosen beforehand.
 * @param last the columns that were named last
 * @returns no columns for a table with a row a user; `back` to go back; undefined when the user leaves
 */
export async function askColumns(
  counted: Counted,
  peek: TablePeek,
  last: LongColumns | undefined,
): Promise<{ long?: LongColumns } | 'back' | undefined> {
  const names = new Set(peek.columns.map(({ name }) => name));
  const known = last && [last.row, last.column, last.value].every((name) => names.has(name)) ? last : peek.long;
  for (;;) {
    const row = await askOne({
      ...counted,
      placeholder: 'Rows: the column that says who rates',
      items: [
        {
          id: ordinary,
          label: 'A Row a User',
          detail: `The table is the matrix already: ${peek.columns.length} columns of ratings, empty where there is none.`,
        },
        { id: '', label: 'A rating a line: rows by', kind: vscode.QuickPickItemKind.Separator },
        ...peek.columns.map((column) => itemOf(column, peek)),
      ],
      last: known ? `column ${known.row}` : ordinary,
    });
    if (row === undefined || row === 'back') return row;
    if (row === ordinary) return {};
    const others = peek.columns.filter((column) => idOf(column) !== row);
    const column = await askOne({
      ...counted,
      placeholder: 'Columns: the column that says what is rated',
      items: others.map((other) => itemOf(other, peek)),
      last: known ? `column ${known.column}` : '',
    });
    if (column === undefined) return undefined;
    if (column === 'back') continue;
    const values = others.filter((other) => idOf(other) !== column && other.kind === 'numbers');
    const value = await askOne({
      ...counted,
      placeholder: 'Values: the column of the ratings themselves',
      items: values.map((other) => itemOf(other, peek)),
      last: known ? `column ${known.value}` : '',
    });
    if (value === undefined) return undefined;
    if (value === 'back') continue;
    const nameOf = (id: string): string => peek.columns.find((known) => idOf(known) === id)?.name ?? '';
    return { long: { row: nameOf(row), column: nameOf(column), value: nameOf(value) } };
  }
}

function itemOf(column: PeekedColumn, { rows, whole }: TablePeek): vscode.QuickPickItem & { id: string } {
  const different = `${column.distinct.toLocaleString('en')} different`;
  const where = whole ? `in ${rows.toLocaleString('en')} rows` : `in the first ${rows.toLocaleString('en')} rows`;
  return {
    id: idOf(column),
    label: column.name,
    description: `${column.kind === 'numbers' ? 'Numbers' : 'Text'}, ${different} ${where}`,
    detail: `Such as ${column.example}`,
  };
}
