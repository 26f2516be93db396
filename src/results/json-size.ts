const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/** A list or an object takes about so many times what a short text does. */
const containerParts = 8;

export interface JsonLimits {
  /** Texts, names and commas, and lists and objects eightfold: what a parser allocates grows with these. */
  parts: number;
  /** Names in one object. */
  names: number;
  /** Lists and objects within each other. */
  depth: number;
}

/**
 * Whether JSON text keeps within limits, found in one pass that makes nothing of it: a parser makes fifty bytes of each
 * `{}` before anything in it can be judged. Text that is no JSON is for the parser to refuse.
 * @returns what there is too much of; undefined where it keeps within them
 */
export function beyond(json: Uint8Array, { parts, names, depth }: JsonLimits): keyof JsonLimits | undefined {
  let counted = 0;
  let open = 0;
  /** Names so far in each list or object that is open. */
  const named = new Uint32Array(depth + 1);
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case quote:
        counted++;
        at = endOfText(json, at);
        break;
      case openingBrace:
      case openingBracket:
        counted += containerParts;
        if (++open > depth) return 'depth';
        named[open] = 0;
        break;
      case colon:
        named[open] = (named[open] ?? 0) + 1;
        if (named[open]! > names) return 'names';
        continue;
      case closingBrace:
      case closingBracket:
        open--;
        break;
      case comma:
        counted++;
        break;
      default:
        continue;
    }
    if (counted > parts) return 'parts';
  }
  return undefined;
}

/** The place of the quotation mark that ends the text that begins at `start`, or the end of all. */
function endOfText(json: Uint8Array, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === backslash) at++;
    else if (json[at] === quote) return at;
  }
  return json.length;
}
