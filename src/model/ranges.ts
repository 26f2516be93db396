import type { NumberField } from './fields';

/** What numbers a field allows. */
type Range = Pick<NumberField, 'whole' | 'least' | 'above' | 'below' | 'most'>;

/** Whether a number lies where a field wants it; what is typed by a person is held to the field's sensible most as well. */
export function holds(field: Range, value: number, typed = false): boolean {
  const { whole, least = -Infinity, above = -Infinity, below = Infinity, most = Infinity } = field;
  return (
    (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= least &&
    value > above &&
    value < below &&
    (!typed || value <= most)
  );
}

/** What a number must be, e.g. `a whole number of at least 1`. */
export function wanted({ whole, least, above, below, most }: Range, typed = false): string {
  const noun = whole ? 'a whole number' : 'a number';
  const limit = typed ? most : undefined;
  if (below !== undefined) return `${noun} from ${least ?? 0} to less than ${below}`;
  if (above !== undefined) return `${noun} above ${above}${limit === undefined ? '' : `, at most ${limit}`}`;
  if (least === undefined) return limit === undefined ? noun : `${noun} of at most ${limit}`;
  return limit === undefined ? `${noun} of at least ${least}` : `${noun} from ${least} to ${limit}`;
}

/** What is wrong with a number, and the remedy; undefined where nothing is. */
export function problemOf(field: NumberField, value: number, noun = field.noun): string | undefined {
  if (holds(field, value)) return undefined;
  const example = field.example === undefined ? '' : `, such as ${field.example}`;
  return `The ${noun} is ${value}; give ${wanted(field)}${example}.`;
}
