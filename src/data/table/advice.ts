import type { Advice } from '../reading-report';
import { list, quote } from './columns';
import type { Column } from './column';

/** Names of columns by which one line of a file is one entry of a matrix: who, of what, how much. */
const rowWords =
  /^(?:user|customer|reader|person|member|reviewer|subject|client|patient|listener|player)s?(?:[ _-]?(?:id|no|key))?$/i;
const columnWords =
  /^(?:item|movie|film|product|book|song|track|artist|article|game|isbn|restaurant|business|anime|joke|gene|word|term|doc|document)s?(?:[ _-]?(?:id|no|key))?$/i;
const valueWords =
  /^(?:rating|ratings|score|stars|count|counts|plays|value|weight|overall|quantity|qty|n|freq|frequency|x)$/i;

/** What the file's layout suggests to do otherwise, each with the choice that does it. */
export function adviceOn(names: readonly string[], features: readonly Column[]): Advice[] {
  return [...longAdvice(names), ...missingAdvice(features), ...axisAdvice(features)];
}

/** The columns by whose names each line of a file is one entry of a matrix. */
export function longColumnsOf(names: readonly string[]): { row: string; column: string; value: string } | undefined {
  if (names.length > 6) return undefined;
  const split = (name: string): string => name.replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2');
  const row = names.find((name) => rowWords.test(split(name)));
  const column = names.find((name) => columnWords.test(split(name)));
  const value = names.find((name) => valueWords.test(name));
  return row === undefined || column === undefined || value === undefined ? undefined : { row, column, value };
}

function longAdvice(names: readonly string[]): Advice[] {
  const long = longColumnsOf(names);
  if (!long) return [];
  const { row, column, value } = long;
  return [
    {
      text: `Each line seems to be one entry of a matrix (${list([row, column, value])}), and was read as a row of it (--long ${[row, column, value].map(word).join(',')} makes a matrix of ${row} by ${column} instead).`,
      action: `Read as ${row} × ${column}`,
      choice: { long: { row, column, value } },
    },
  ];
}

function missingAdvice(features: readonly Column[]): Advice[] {
  const found = new Map<number, { count: number; names: string[] }>();
  for (const column of features) {
    for (const [value, count] of column.sentinels.found()) {
      const known = found.get(value) ?? { count: 0, names: [] };
      found.set(value, { count: known.count + count, names: [...known.names, column.name] });
    }
  }
  return [...found].map(([value, { count, names }]) => {
    const text = String(value);
    return {
      text: `${text} stands in ${count} cells of ${list(names)}, far from all other numbers, as if it meant that one is missing (--missing ${text} says so).`,
      action: `${text} Means Missing`,
      choice: { missing: [text] },
    };
  });
}

function axisAdvice(features: readonly Column[]): Advice[] {
  const axis = features.find((column) => column.axis?.isAxis(column.name) === true);
  // An axis alone is data.
  if (axis === undefined || features.length < 2) return [];
  return [
    {
      text: `Column ${quote(axis.name)} goes on in one direction from row to row, like an axis along which the others were measured, and is a feature (--exclude ${word(axis.name)} leaves it out).`,
      action: `Leave Out ${axis.name}`,
      choice: { exclude: [axis.name] },
    },
  ];
}

/** A name as the command line takes it. */
function word(name: string): string {
  return /^[\p{L}\p{N}_./-]+$/u.test(name) ? name : JSON.stringify(name);
}
