import { UsageError } from './errors';
import { suggest } from './suggest';

/** Readers of option values. Each error names the option, what was given and what is wanted. */

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export interface Range {
  minimum: number;
  maximum: number;
  /** The minimum itself is not allowed. */
  above?: boolean;
}

export function number(option: string, text: string, { minimum, maximum, above }: Range): number {
  const value = decimal.test(text.trim()) ? Number(text) : NaN;
  const tooSmall = above ? value <= minimum : value < minimum;
  if (!Number.isFinite(value) || tooSmall || value > maximum) {
    const range = above ? `greater than ${minimum}, at most ${maximum}` : `from ${minimum} to ${maximum}`;
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
export function pair(option: string, text: string, range: Range): { W: number; H: number } {
  const parts = text.split(',');
  const [first, second = first] = parts;
  if (first === undefined || second === undefined || parts.length > 2) {
    throw new UsageError(
      `--${option} wants one number for both factors or two, W's and H's, separated by a comma, not "${text}".`,
    );
  }
  return { W: number(option, first, range), H: number(option, second, range) };
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
