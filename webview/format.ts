import { almostAll, percentDigits } from '../src/wording/percent';

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A whole number with thousands separators. */
export function formatCount(count: number): string {
  return grouped.format(count);
}

/** A count with its noun: 1 row, 2 rows. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Formats by their number of digits: making one takes longer than all else that is written in a frame. */
const significant = new Map<number, Intl.NumberFormat>();

function significantDigits(maximumSignificantDigits: number): Intl.NumberFormat {
  const known = significant.get(maximumSignificantDigits);
  if (known) return known;
  const made = new Intl.NumberFormat('en', { maximumSignificantDigits });
  significant.set(maximumSignificantDigits, made);
  return made;
}

/** A number to `digits` significant digits, in powers of ten where it would be long. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (magnitude >= 1e7 || magnitude < 1e-4) {
    const [mantissa = '', exponent = '0'] = magnitude.toExponential(digits - 1).split('e');
    return `${sign}${mantissa.replace(/\.?0+$/, '')}e${exponent.replace('+', '').replace('-', '−')}`;
  }
  const whole = Math.max(digits, Math.floor(Math.log10(magnitude)) + 1);
  return sign + significantDigits(whole).format(magnitude);
}

/** A fraction as per cent; less than the whole is never 100. */
export function formatPercent(fraction: number): string {
  const digits = percentDigits(fraction);
  return digits === undefined ? almostAll : `${formatNumber(fraction * 100, digits)} %`;
}
