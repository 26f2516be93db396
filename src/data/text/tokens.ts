/** Letters, digits and marks in a row, two at least: scikit-learn's usual pattern, for every alphabet. */
const word = /[\p{L}\p{M}\p{N}_]{2,}/gu;

/** Scripts that are written without spaces between words. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** The words of the Unicode standard (UAX #29), and with dictionaries where there are no spaces. Slower than the pattern. */
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** The words of a text in lower case, in Unicode's composed form, so that one word has one spelling. */
export function tokensOf(text: string): string[] {
  const plain = text.normalize('NFC').toLowerCase();
  if (!unspaced.test(plain)) {
    return plain.match(word) ?? [];
  }
  return Array.from(segmenter.segment(plain)).flatMap(({ segment, isWordLike }) =>
    isWordLike === true && (unspaced.test(segment) || segment.length > 1) ? [segment] : [],
  );
}
