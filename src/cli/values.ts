import { namesOf, type Field, type NumberField, type Value } from '../model/fields';
import { UsageError } from './errors';
import { suggest } from './suggest';

/** Readers of option values. Each error names the option, what was given and what is wanted. */

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export interface Range {
  minimum: number;
  maximum: number;
  /** The minimum itself is not allowed. */
  above?: boolean;
  /** The maximum itself is not allowed. */
  below?: boolean;
}

/** Options as they were written, by their names. */
export type Given = Readonly<Partial<Record<string, string>>>;

/** Further than this no number is meant. */
const far = 1e30;

const rangeOf = ({ whole, least, above, below, most }: NumberField): Range => ({
  minimum: above ?? least ?? (whole ? Number.MIN_SAFE_INTEGER : -far),
  maximum: below ?? most ?? (whole ? Number.MAX_SAFE_INTEGER : far),
  above: above !== undefined,
  below: below !== undefined,
});

/** The value of a field. */
export function valueOf(field: Field, option: string, text: string): Value {
  switch (field.kind) {
    case 'number':
      return numberOf(field, option, text);
    case 'choice':
      return choice(option, text, namesOf(field));
    case 'flag':
    case 'mark':
      return choice(option, text, ['yes', 'no']) === 'yes';
  }
}

export const numberOf = (field: NumberField, option: string, text: string): number =>
  (field.whole ? integer : number)(option, text, rangeOf(field));

export function number(option: string, text: string, { minimum, maximum, above, below }: Range): number {
  const value = decimal.test(text.trim()) ? Number(text) : NaN;
  const tooSmall = above ? value <= minimum : value < minimum;
  const tooLarge = below ? value >= maximum : value > maximum;
  if (!Number.isFinite(value) || tooSmall || tooLarge) {
    const most = below ? `less than ${maximum}` : `${above ? 'at most ' : ''}${maximum}`;
    const range = above ? `greater than ${minimum}, ${most}` : `from ${minimum} to ${most}`;
    throw new UsageError(`--${option} wants a number ${range}, not "${text}".`);
  }
  return value;
}

export function integer(option: string, text: string, range: Range): number {
  const value = decimal.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isInteger(value) || value < range.minimum || value > range.maximum) {
    throw new UsageError(`--${option} wants a whole number from ${range.minimum} to ${range.maximum}, not "${text}".`);
  }
  return value;
}

/** One number for both factors, or two separated by a comma: first W's, then H's. */
export function pair(option: string, text: string, field: NumberField): { W: number; H: number } {
  const parts = text.split(',');
  const [first, second = first] = parts;
  if (first === undefined || second === undefined || parts.length > 2) {
    throw new UsageError(
      `--${option} wants one number for both factors or two, W's and H's, separated by a comma, not "${text}".`,
    );
  }
  return { W: numberOf(field, option, first), H: numberOf(field, option, second) };
}

export function choice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === text.toLowerCase());
  if (found === undefined) {
    const meant = suggest(text, choices);
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    throw new UsageError(`--${option} wants one of ${choices.join(', ')}, not "${text}".${hint}`);
  }
  return found;
}

/** Names separated by commas; one that itself holds a comma is put in double quotes, doubled inside. */
export function names(option: string, text: string): string[] {
  const found: string[] = [];
  const one = /\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(,|$)/y;
  while (one.lastIndex <= text.length) {
    const match = one.exec(text);
    const name = match?.[1]?.replaceAll('""', '"') ?? match?.[2]?.trim();
    if (name === undefined || name === '') {
      throw new UsageError(
        `--${option} wants column names separated by commas, with double quotes around one that holds a comma, not ${JSON.stringify(text)}.`,
      );
    }
    found.push(name);
    if (match?.[3] === '') {
      break;
    }
  }
  return found;
}
