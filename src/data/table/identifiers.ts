/** What a column that names things looks like, so that it is not taken for measurements. Name and form must both say so. */

/** Names of identifiers, each as a word of its own: `id`, `user_id`, `Customer ID`, `userId`, `zip code`, `PLZ`. */
const identifierWords = new Set(
  (
    'id ids uid uuid guid pid rid sid oid identifier zip zipcode postcode postal plz isbn issn ean upc sku ssn iban phone telephone ' +
    'fax fips geoid gvkey cusip isin cas barcode'
  ).split(' '),
);
/** Words that name an identifier where they stand last, or alone: `house number`, `Serial`, but not `number of rooms`. */
const lastWords = new Set('no nr num number nummer serial key code rank ranking row line case sample'.split(' '));
/** An index is a measure as often as a place in a list: it is one where nothing else is said of it. */
const aloneWords = new Set(['index', 'idx']);
const dateWords = new Set('date day datum fecha datetime timestamp yyyymmdd'.split(' '));

/** What a column's name says its cells are; undefined where it says nothing of the kind. */
export function namedKind(name: string): 'identifier' | 'date' | undefined {
  if (/^\s*(?:#|№|n°|nº)\s*$/i.test(name)) return 'identifier';
  const words = name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  if (
    words.some((word) => identifierWords.has(word)) ||
    lastWords.has(words.at(-1) ?? '') ||
    aloneWords.has(words.join(' '))
  ) {
    return 'identifier';
  }
  return words.some((word) => dateWords.has(word)) ? 'date' : undefined;
}

/** Whether a number reads as a day, such as 20240131. */
export function isCompactDate(value: number): boolean {
  const [year, month, day] = [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100];
  return Number.isInteger(value) && year >= 1800 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}
