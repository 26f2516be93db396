import { oneLine } from '../../untrusted/text';
import { DataError } from '../dataset';

/** The names of a table's columns, made different from each other. */
export interface ColumnNames {
  names: string[];
  /** A sentence for the user where names had to change. */
  warnings: string[];
}

/** Names for columns: the header's where it has one, else `column N`; a name met again gets ` (2)`, ` (3)` … */
export function columnNames(header: readonly string[] | undefined, count: number): ColumnNames {
  const taken = new Set((header ?? []).map((cell) => cell.trim()));
  const met = new Set<string>();
  const repeated = new Set<string>();
  /** The last number that a name got: those below it are taken for good. */
  const copies = new Map<string, number>();
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const given = (header?.[index] ?? '').trim();
    const wanted = given === '' ? `column ${index + 1}` : given;
    let name = wanted;
    for (let copy = copies.get(wanted) ?? 1; met.has(name) || (name !== given && taken.has(name));) {
      name = `${wanted} (${++copy})`;
      copies.set(wanted, copy);
    }
    if (given !== '' && name !== given) {
      repeated.add(given);
    }
    met.add(name);
    names.push(name);
  }
  const warnings =
    repeated.size === 0
      ? []
      : [`Several columns have the same name (${list([...repeated])}); the later ones got a number in brackets.`];
  return { names, warnings };
}

/** The names of a table's columns, to find those that are asked for among them. */
export class ColumnFinder {
  private readonly exact = new Map<string, number>();
  private readonly inAnyCase = new Map<string, number[]>();

  /** @param file name, for messages */
  constructor(
    private readonly names: readonly string[],
    private readonly file: string,
  ) {
    names.forEach((name, index) => {
      if (!this.exact.has(name)) this.exact.set(name, index);
      const lower = name.toLowerCase();
      const alike = this.inAnyCase.get(lower);
      if (alike === undefined) this.inAnyCase.set(lower, [index]);
      else alike.push(index);
    });
  }

  has(name: string): boolean {
    return this.exact.has(name);
  }

  /**
   * Finds a column the user asked for: by its exact name, else by its name in any case, else by its number from 1.
   * @returns its index from 0
   * @throws DataError that lists near matches
   */
  find(wanted: string): number {
    const { names, file } = this;
    const exact = this.exact.get(wanted);
    if (exact !== undefined) {
      return exact;
    }
    const lower = wanted.trim().toLowerCase();
    const alike = this.inAnyCase.get(lower) ?? [];
    const [only] = alike;
    if (only !== undefined) {
      if (alike.length > 1) {
        const spellings = list(alike.map((index) => names[index] ?? ''));
        throw new DataError(`${file}: "${wanted}" could be any of ${spellings}; give the exact spelling.`);
      }
      return only;
    }
    if (/^\d+$/.test(lower)) {
      const number = Number(lower);
      if (number >= 1 && number <= names.length) {
        return number - 1;
      }
      throw new DataError(`${file}: there is no column ${lower}; the columns go from 1 to ${names.length}.`);
    }
    const near = nearMatches(lower, names);
    throw new DataError(
      near.length > 0
        ? `${file}: there is no column "${wanted}"; did you mean ${list(near, 'or')}?`
        : `${file}: there is no column "${wanted}"; the columns are ${list(names)}.`,
    );
  }

  /**
   * Finds columns by their names to the letter.
   * @returns their indices from 0, in the order of `wanted`
   * @throws DataError that lists those that are not there
   */
  findExactly(wanted: readonly string[]): number[] {
    const absent = wanted.filter((name) => !this.has(name));
    if (absent.length > 0) {
      const [subject, these] = absent.length === 1 ? ['the column', 'it'] : ['the columns', 'them'];
      throw new DataError(
        `${this.file}: ${subject} ${list(absent)} ${absent.length === 1 ? 'is' : 'are'} not there, though the result has ${these}; add ${these}, or rename the columns as they were.`,
      );
    }
    return wanted.flatMap((name) => this.exact.get(name) ?? []);
  }
}

function nearMatches(wanted: string, names: readonly string[]): string[] {
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => {
      const lower = name.toLowerCase();
      const contained = wanted !== '' && (lower.includes(wanted) || wanted.includes(lower));
      return { name, distance: Math.min(editDistance(wanted, lower), contained ? 1 : Infinity) };
    })
    .filter((match) => match.distance <= allowed)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((match) => match.name);
}

/** Levenshtein's distance: insertions, deletions and substitutions. Of long names only the beginnings are compared. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64);
  const b = right.slice(0, 64);
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** Names in quotation marks, the first few of many: `"a", "b" and 17 more`. */
export function list(names: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  const shown = names.slice(0, 6).map((name) => quote(name));
  if (names.length > 6) {
    return `${shown.slice(0, 5).join(', ')} and ${names.length - 5} more`;
  }
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} ${conjunction} ${last}`;
}

/** Text from a file in quotation marks, on one line and cut to a readable length. */
export function quote(text: string): string {
  const line = oneLine(text);
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`;
}
