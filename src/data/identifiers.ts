/** What a column that names things looks like, so that it is not taken for measurements. Name and form must both say so. */

/** Names of identifiers, each as a word of its own: `id`, `user_id`, `Customer ID`, `userId`, `zip code`, `PLZ`. */
const identifierWords = new Set(
  'id ids uid uuid guid identifier zip zipcode postcode postal plz isbn issn ean sku ssn iban phone telephone fax'.split(
    ' ',
  ),
);
const dateWords = new Set('date day datum fecha datetime timestamp yyyymmdd'.split(' '));

/** What a column's name says its cells are; undefined where it says nothing of the kind. */
export function namedKind(name: string): 'identifier' | 'date' | undefined {
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  if (words.some((word) => identifierWords.has(word))) {
    return 'identifier';
  }
  return words.some((word) => dateWords.has(word)) ? 'date' : undefined;
}

/** Whether a number reads as a day, such as 20240131. */
export function isCompactDate(value: number): boolean {
  const [year, month, day] = [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100];
  return Number.isInteger(value) && year >= 1800 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
