import { isInfinite, isMissing, parseNumber, parsePlain, parseUnusual, type Decimal } from './number';

/** What stands around the digits of a number: a currency, a per cent sign, a unit. */
export interface Affix {
  prefix: string;
  suffix: string;
}

/** How the cells of a column write what they mean. */
export type Notation = { kind: 'plain' } | { kind: 'truth' } | ({ kind: 'affix' } & Affix);

/** What a cell is by itself. A bound such as `<0.5` says that there was a number, and not which. */
export type CellKind = 'number' | 'missing' | 'bound' | 'text';

/** Pairs of words for true and false. */
const truthPairs: readonly (readonly [string, string])[] = [
  ['true', 'false'],
  ['yes', 'no'],
  ['t', 'f'],
  ['y', 'n'],
];
const truths = new Map(truthPairs.flatMap(([yes, no]) => [[yes, 1] as const, [no, 0] as const]));

/**
 * Texts that stand for a missing number in spreadsheets, statistics programs and laboratories. They count as that in a
 * column of numbers alone, and are told, unlike the few of `isMissing`, which mean nothing else anywhere.
 */
const missingWords = new Set([
  '.',
  '..',
  '...',
  '--',
  '---',
  '–',
  '—',
  '*',
  '**',
  ':',
  '(null)',
  '<na>',
  'nat',
  'nil',
  'none',
  'nul',
  'n.a.',
  'n.a',
  'n.d.',
  'n.d',
  'n/d',
  'nd',
  'n.v.',
  'k.a.',
  'null',
  '\\n',
  'missing',
  'unknown',
  'unk',
  'undefined',
  'undef',
  'not available',
  'not applicable',
  'not detected',
  'no data',
  'tba',
  'tbd',
  '#div/0!',
  '#null!',
  '#num!',
  '#ref!',
  '#value!',
  '#name?',
  '#n/a!',
  '#error!',
  '#nv',
  '#wert!',
  '-nan',
  '1.#ind',
  '1.#qnan',
  '-1.#ind',
]);

/** Whether a trimmed cell is one of the words by which people and programs mark a missing number. */
export function isMissingWord(cell: string): boolean {
  return cell.length <= 14 && missingWords.has(cell.toLowerCase());
}

const bound = /^[<>≤≥]=?\s*([+-]?[\d.,]+(?:e[+-]?\d+)?)$/i;

/** The number of a bound such as `<0.5`, and its side; undefined for what is none. */
export function boundIn(cell: string, decimal: Decimal): { value: number; below: boolean } | undefined {
  const digits = bound.exec(cell)?.[1];
  if (digits === undefined) return undefined;
  const value = parseNumber(digits, decimal);
  return Number.isNaN(value) ? undefined : { value, below: /^[<≤]/.test(cell) };
}

/** Units that may stand at a number without a blank between. */
const attachedUnits = new Set(
  (
    '% ‰ ° °c °f ′ ″ \' " kg g mg µg ug ng t lb lbs oz km m cm mm µm um nm mi ft in yd s ms µs us ns sec secs min mins h hr hrs d ' +
    'px pt hz khz mhz ghz v kv mv a ma w kw mw gw kwh wh mwh j kj kcal cal n pa hpa kpa mpa bar mbar psi ml cl dl l ' +
    'ppm ppb k db rpm mph kmh km/h m/s kb mb gb tb b bp x rs kr kč zł ft² m² m2 km² km2 m³ m3 mg/l g/l mg/dl mmol/l kg/m³ kg/m2 ' +
    'usd eur gbp chf jpy'
  ).split(' '),
);

const prefixPattern = /^(?:[A-Za-z]{0,3}\p{Sc}|(?:[A-Z]{3}|Rs\.?|kr\.?|Fr\.?)(?=[\s\d]))\s*/u;
const numberPattern = /^[+\-−]?(?:\d[\d.,'’\u00A0\u202F]*|[.,]\d+)(?:[eE][+-]?\d+)?/;
const unitAfterBlank = /^[\p{L}µ°%‰][\p{L}\p{N}µ°%/²³·^*.-]{0,11}$/u;

/**
 * Takes a trimmed cell apart into a number and what stands around it.
 * @returns undefined where nothing does, or the rest is no affix
 */
export function splitAffix(cell: string): { number: string; affix: Affix } | undefined {
  const inside = /^\(\s*([^()+\-−]+?)\s*\)$/.exec(cell)?.[1];
  if (inside !== undefined) {
    const split = splitAffix(inside);
    return split && { ...split, number: `-${split.number}` };
  }
  const sign = /^[+\-−]/.exec(cell)?.[0] ?? '';
  const unsigned = cell.slice(sign.length);
  const prefix = prefixPattern.exec(unsigned)?.[0] ?? '';
  const rest = unsigned.slice(prefix.length);
  const digits = numberPattern.exec(rest)?.[0];
  if (digits === undefined || (sign !== '' && /^[+\-−]/.test(digits))) return undefined;
  // `1. Male` is the first of some kinds, not one Male.
  if (/[.,]$/.test(digits)) return undefined;
  const after = rest.slice(digits.length);
  const suffix = after.trim();
  if (prefix === '' && suffix === '') return undefined;
  const fits =
    suffix === '' ||
    attachedUnits.has(suffix.toLowerCase()) ||
    /^\p{Sc}$/u.test(suffix) ||
    (after !== suffix && unitAfterBlank.test(suffix));
  return fits ? { number: sign + digits, affix: { prefix: prefix.trim(), suffix } } : undefined;
}

/** What a trimmed cell is, whatever its column holds besides. */
export function cellKind(cell: string, decimal: Decimal): CellKind {
  // Nearly every cell of a table of numbers is this one kind, and no other sign of one is looked for in it.
  if (!Number.isNaN(parsePlain(cell, decimal))) return 'number';
  if (isMissing(cell) || isMissingWord(cell)) return 'missing';
  if (!Number.isNaN(parseUnusual(cell, decimal)) || isInfinite(cell)) return 'number';
  if (boundIn(cell, decimal) !== undefined) return 'bound';
  if (cell.length > 1 && truths.has(cell.toLowerCase())) return 'number';
  const split = splitAffix(cell);
  return split !== undefined && !Number.isNaN(parseNumber(split.number, decimal)) ? 'number' : 'text';
}

/**
 * How a column writes its cells: one notation that all of them share, or `plain`.
 * @param cells trimmed, without the missing ones
 */
export function notationOf(cells: readonly string[], decimal: Decimal): Notation {
  const present = cells.filter((cell) => !isMissingWord(cell));
  if (present.length === 0) return { kind: 'plain' };
  if (present.every((cell) => truths.has(cell.toLowerCase())) && speakOfTruth(present)) return { kind: 'truth' };
  let shared: Affix | undefined;
  for (const cell of present) {
    // Nothing is nothing in any unit.
    if (cell === '0' || boundIn(cell, decimal) !== undefined) continue;
    const split = splitAffix(cell);
    if (split === undefined || Number.isNaN(parseNumber(split.number, decimal))) return { kind: 'plain' };
    shared ??= split.affix;
    if (shared.prefix !== split.affix.prefix || shared.suffix !== split.affix.suffix) return { kind: 'plain' };
  }
  return shared === undefined ? { kind: 'plain' } : { kind: 'affix', ...shared };
}

/** Letters alone are true and false only in company: a column of `n` says nothing of the kind, nor one of `t` and `n`. */
function speakOfTruth(cells: readonly string[]): boolean {
  const words = new Set(cells.map((cell) => cell.toLowerCase()));
  return truthPairs.some(([yes, no]) => {
    const ofPair = [...words].every((word) => word === yes || word === no);
    return ofPair && (yes.length > 1 || words.size === 2);
  });
}

/** The number that a trimmed cell writes in a notation; NaN where it writes none. */
export function numberAs(cell: string, notation: Notation, decimal: Decimal): number {
  switch (notation.kind) {
    case 'plain':
      return NaN;
    case 'truth':
      return truths.get(cell.toLowerCase()) ?? NaN;
    case 'affix': {
      const split = splitAffix(cell);
      return split?.affix.prefix === notation.prefix && split.affix.suffix === notation.suffix
        ? parseNumber(split.number, decimal)
        : NaN;
    }
  }
}

/** Digits and what may separate them, and nothing else: a number in some way of writing that is not understood. */
export function looksLikeNumber(cell: string): boolean {
  return /^[+\-−(]?\s*\d[\d.,'’\s\u00A0\u202F]*[)%\-−]?$/u.test(cell);
}
