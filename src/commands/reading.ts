import type { TextOptions } from '../data/reading-report';
import { defaultText } from '../data/text/options';
import type { Peek } from '../data/peek';

/** A way to read a file, as the picker offers it. */
export interface ReadingChoice {
  id: string;
  label: string;
  detail: string;
  /** How it is read as text; absent for numbers. */
  text?: TextOptions;
}

const named = 4;

/**
 * The ways to read a file in which something is text, the likeliest first: numbers, a document a line, or the text of a
 * column. Empty where nothing is to be asked.
 */
export function readingChoices(peek: Peek | undefined): ReadingChoice[] {
  if (peek === undefined) return [];
  if (peek.kind === 'lines')
    return peek.fields.length > 1 || !peek.fields.includes('text') ? peek.fields.map(ofField) : [];
  const features = peek.columns.filter(({ feature }) => feature);
  const lines: ReadingChoice = {
    id: 'lines',
    label: 'Text, a Document a Line',
    detail: 'Counts the words of each line: components become topics.',
    text: defaultText,
  };
  const numbers: ReadingChoice = {
    id: 'numbers',
    label: 'Numbers',
    detail: `A row a line, of ${features.length === 1 ? 'the column' : `${features.length} columns`}: ${shown(features.map(({ name }) => name))}.`,
  };
  const texts = peek.columns.filter(({ kind, prose }) => kind === 'text' && (prose || features.length === 0));
  const choices = [
    ...(peek.prose ? [lines] : []),
    ...(features.length > 0 ? [numbers] : []),
    ...(peek.prose ? [] : texts.map(({ name, example }) => ofColumn(name, example))),
  ];
  return choices.some(({ text }) => text !== undefined) ? choices : [];
}

const shown = (names: readonly string[]): string =>
  names.length > named ? `${names.slice(0, named).join(', ')} and ${names.length - named} more` : names.join(', ');

const ofColumn = (name: string, example: string): ReadingChoice => ({
  id: `column ${name}`,
  label: `Text of ${name}`,
  detail: `Counts the words of each row, such as “${example}”: components become topics.`,
  text: { ...defaultText, from: name },
});

const ofField = (name: string): ReadingChoice => ({
  id: `column ${name}`,
  label: `Text of ${name}`,
  detail: `Counts the words of the field ${name} of each line: components become topics.`,
  text: { ...defaultText, from: name },
});

/**
 * The most that the rank of a table of numbers can be of use for, as far as its beginning tells; undefined where it does not, and
 * where each line may be an entry of a matrix: how large that is shows only once all of it is read.
 */
export function rankLimit(peek: Peek | undefined): { most: number; size: string } | undefined {
  if (peek?.kind !== 'table' || peek.long) return undefined;
  const columns = peek.columns.filter(({ feature }) => feature).length;
  if (columns === 0 || (!peek.whole && peek.rows < columns)) return undefined;
  return {
    most: Math.min(peek.rows, columns),
    size: peek.whole ? `${peek.rows} × ${columns} data` : `data of ${columns} columns`,
  };
}
