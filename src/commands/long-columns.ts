import type { LongColumns } from '../data/reading-report';

/**
 * The columns that a text names for a table with an entry a line: row, column, value and perhaps weight, separated by
 * commas. An empty text says that the table is an ordinary one.
 */
export function parseLongColumns(text: string): { columns: LongColumns | undefined } | { problem: string } {
  if (text.trim() === '') return { columns: undefined };
  const [row = '', column = '', value = '', weight, ...more] = text.split(',').map((name) => name.trim());
  if (more.length > 0 || [row, column, value, weight].includes('')) {
    return {
      problem: 'Name three columns, or four with that of a weight, separated by commas, e.g. user,item,rating.',
    };
  }
  return { columns: { row, column, value, ...(weight !== undefined && { weight }) } };
}

/** The text that names such columns. */
export const longText = ({ row, column, value, weight }: LongColumns): string =>
  [row, column, value, ...(weight === undefined ? [] : [weight])].join(',');
