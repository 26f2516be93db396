/** So many of something. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? noun : plural}`;
}

/** Short without losing what was asked: six significant digits at most. */
export function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}
