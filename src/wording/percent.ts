/** What is nearer than this to the whole is told as more than that: numbers of float32 say no more. */
const rounding = 1e-9;

/**
 * Significant digits in which a part of something is told as per cent: more than usual where these would round what is
 * less than the whole up to 100. Undefined where no number of digits is of use.
 */
export function percentDigits(part: number, defaultDigits = 3): number | undefined {
  if (part > 1 - rounding && part < 1) return undefined;
  let digits = defaultDigits;
  if (part > 0 && part < 1) while (Number((100 * part).toPrecision(digits)) >= 100) digits++;
  return digits;
}

/** What stands for a part that no digits tell from the whole. */
export const almostAll = `more than ${100 * (1 - rounding)} %`;

/** A part of something as per cent: `99.97 %`. Less than the whole is never 100, and more than nothing never 0. */
export function percentText(part: number, defaultDigits = 3): string {
  const digits = percentDigits(part, defaultDigits);
  return digits === undefined ? almostAll : `${Number((100 * part).toPrecision(digits))} %`;
}
