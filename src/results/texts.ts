import { utf8Length } from '../model/result-limits';

/** Texts as two arrays: their UTF-8 bytes one after another, and where in these each one ends. */
export interface PackedTexts {
  bytes: Uint8Array;
  ends: Uint32Array;
}

/** About so many bytes are decoded at once: decoding each text by itself takes ten times as long. */
const runBytes = 1 << 16;

/** Half of a surrogate pair that stands alone has no form in UTF-8 and becomes U+FFFD. */
export function packTexts(texts: readonly string[]): PackedTexts {
  const bytes = Buffer.alloc(utf8Length(texts));
  const ends = new Uint32Array(texts.length);
  let at = 0;
  texts.forEach((text, index) => {
    at += bytes.write(text, at);
    ends[index] = at;
  });
  return { bytes, ends };
}

/** @returns undefined where the ends are not in order or a text is no UTF-8 */
export function unpackTexts({ bytes, ends }: PackedTexts): string[] | undefined {
  let last = 0;
  for (const end of ends) {
    if (end < last) return undefined;
    last = end;
  }
  if (last !== bytes.length) return undefined;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  try {
    for (let first = 0, start = 0; first < ends.length;) {
      let next = first + 1;
      while (next < ends.length && ends[next]! - start <= runBytes) next++;
      const stop = ends[next - 1]!;
      const run = decoder.decode(bytes.subarray(start, stop));
      const plain = run.length === stop - start;
      for (let index = first, from = start; index < next; index++) {
        const end = ends[index]!;
        // Where every byte is a character, places in the bytes are places in the text.
        texts.push(plain ? run.slice(from - start, end - start) : decoder.decode(bytes.subarray(from, end)));
        from = end;
      }
      first = next;
      start = stop;
    }
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  return texts;
}
