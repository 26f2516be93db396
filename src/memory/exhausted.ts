/**
 * What V8, the C++ runtime, ONNX Runtime, WebAssembly and the system say when memory runs out. A process that aborts
 * says it on its error stream; an allocation that fails without ending the process says it in its error.
 */
const words = [
  /heap out of memory/i,
  /Fatal process out of memory/i,
  /\bout of memory\b/i,
  /Array buffer allocation failed/i,
  /\bbad[_ ]alloc/i,
  /failed to allocate memory/i,
  /cannot allocate memory/i,
  /memory allocation (?:of \d+ bytes )?failed/i,
  /could not allocate/i,
  /\bENOMEM\b/,
];

/** Whether a message, or lines of output, tell of memory that ran out. */
export function tellsOfExhaustion(text: string): boolean {
  return words.some((pattern) => pattern.test(text));
}

/** What to do about it, as a sentence. */
export const memoryRemedies =
  'Fewer restarts, a smaller rank, or fewer rows or columns need less; closing other programs leaves more.';
