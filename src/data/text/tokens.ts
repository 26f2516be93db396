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
  return Array.from(segmentsOf(plain)).flatMap(({ segment, isWordLike }) =>
    isWordLike === true && (unspaced.test(segment) || segment.length > 1) ? [segment] : [],
  );
}

/** Characters that are cut into words at a time. */
const windowLength = 256;

/**
 * The segments of a text, cut window by window: V8 gives every segment a copy of all the text that it was cut from, which for
 * a whole book is more than memory holds. A window ends at a blank where it can; else its last quarter is cut again with what
 * follows, since a dictionary may join it to that.
 */
function* segmentsOf(text: string): Generator<{ segment: string; isWordLike: boolean | undefined }> {
  for (let start = 0; start < text.length;) {
    const window = text.slice(start, start + windowLength);
    const whole = start + window.length === text.length;
    const blank = whole ? -1 : window.search(/\s\S*$/);
    const sure = whole ? window.length : blank > 0 ? blank : 0.75 * windowLength;
    let end = 0;
    for (const { segment, index, isWordLike } of segmenter.segment(blank > 0 ? window.slice(0, blank) : window)) {
      // The first is taken however long it is, or there would be no end.
      if (index > 0 && index >= sure) {
        break;
      }
      end = index + segment.length;
      yield { segment, isWordLike };
    }
    start += end;
  }
}
