// Text from a file or the system, made harmless for whoever reads it. Names, labels and cells come from strangers.

/**
 * Controls of terminals, and the characters of Unicode's property Bidi_Control (UAX #9) with their deprecated kin: they
 * reorder what follows them, so that a name or a sentence reads as another.
 */
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\u206a-\u206f\p{Bidi_Control}]/gu;

/** The text with each control character as a replacement character; tabs and line ends stay. */
export function visible(text: string): string {
  return text.replace(controls, '\ufffd');
}

/** The same on one line: line ends with the spaces round them become a space, and so do tabs. */
export function oneLine(text: string): string {
  // Each run of spaces is looked at once: a pattern with the line end in its midst takes minutes for a megabyte of them.
  return visible(text.replace(/\s+/g, (run) => (/[\r\n\u2028\u2029]/.test(run) ? ' ' : run.replaceAll('\t', ' '))));
}

/**
 * A label for where there is no markup, as on a canvas: between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE, so that
 * one written from right to left does not reorder its neighbours.
 */
export function isolated(label: string): string {
  return `\u2068${oneLine(label)}\u2069`;
}

/**
 * JSON for a line of a terminal. What `JSON.stringify` leaves as it is, a terminal may obey: C1 controls and those of
 * direction are written as escapes, which read back as the same text.
 */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value).replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
