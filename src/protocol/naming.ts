/** What the name of a saved factorization ends in; the inspector opens such files. */
export const factorsExtension = '.factors.npz';

/**
 * Name of the file that holds the factors of a source: `digits.csv` → `digits.csv.factors.npz`. The source's own
 * extension stays, so that `digits.csv` and `digits.png` in one folder do not overwrite each other's factors.
 */
export function factorsFileName(sourceName: string): string {
  return `${sourceName}${factorsExtension}`;
}

/** Names of what separates the cells of a table, for who cannot write a tab; ' ' stands for any run of spaces and tabs. */
export const namedDelimiters: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  space: ' ',
  bar: '|',
};
