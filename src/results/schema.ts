import { resultLimits } from '../model/result-limits';

/** Checks of values that came from a file and may be anything. Each takes the value and its place, e.g. `source.bytes`. */

/** A value that is not what its place requires. */
export class FieldError extends Error {
  override readonly name = 'FieldError';

  constructor(
    readonly place: string,
    readonly expected: string,
  ) {
    super(`${place} must be ${expected}`);
  }
}

/** A value that is longer than a result may hold. */
export class FieldLimitError extends FieldError {}

export type Check<T> = (value: unknown, place: string) => T;

/** The fields of an object, each to be checked in its turn. */
export class Fields {
  private readonly fields: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly place: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FieldError(place === '' ? 'the description' : place, 'an object');
    }
    // Own fields only: a name such as `constructor` finds nothing inherited.
    this.fields = new Map(Object.entries(value));
  }

  get<T>(name: string, check: Check<T>): T {
    return check(this.fields.get(name), this.place === '' ? name : `${this.place}.${name}`);
  }

  /** Undefined when the field is absent. */
  optional<T>(name: string, check: Check<T>): T | undefined {
    return this.fields.has(name) ? this.get(name, check) : undefined;
  }

  object<T>(name: string, read: (fields: Fields) => T): T {
    return this.get(name, object(read));
  }
}

export function object<T>(read: (fields: Fields) => T): Check<T> {
  return (value, place) => read(new Fields(value, place));
}

export const text: Check<string> = (value, place) => {
  if (typeof value !== 'string') {
    throw new FieldError(place, 'text');
  }
  if (value.length > resultLimits.textLength) {
    throw new FieldLimitError(place, `text of at most ${resultLimits.textLength} characters`);
  }
  return value;
};

export const flag: Check<boolean> = (value, place) => {
  if (typeof value !== 'boolean') {
    throw new FieldError(place, 'true or false');
  }
  return value;
};

const notFinite: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

/** Any number; JSON has no NaN and infinities, so these stand there as text. */
export const number: Check<number> = (value, place) => {
  const result = typeof value === 'string' && Object.hasOwn(notFinite, value) ? notFinite[value] : value;
  if (typeof result !== 'number') {
    throw new FieldError(place, 'a number');
  }
  // JSON writes no −0.
  return result + 0;
};

/** A finite number not below `least`. */
export function finite(least = -Infinity): Check<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
      throw new FieldError(place, least === -Infinity ? 'a finite number' : `a finite number of at least ${least}`);
    }
    return value + 0;
  };
}

export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
      throw new FieldError(place, `a whole number from ${least} to ${most}`);
    }
    return value + 0;
  };
}

export function oneOf<T extends string | number>(...allowed: readonly T[]): Check<T> {
  return (value, place) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) {
      throw new FieldError(place, `one of ${allowed.join(', ')}`);
    }
    return found;
  };
}

/** A list, of a given length where one is given, and never longer than `most`. */
export function listOf<T>(check: Check<T>, length?: number, most = Infinity): Check<T[]> {
  return (value, place) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
      throw new FieldError(place, length === undefined ? 'a list' : `a list of ${length}`);
    }
    if (value.length > most) {
      throw new FieldLimitError(place, `a list of at most ${most}`);
    }
    return value.map((entry: unknown, index) => check(entry, `${place}[${index}]`));
  };
}

/** A list of texts that grows with the data: of millions too, it is checked without a word for the place of each. */
export function texts(length?: number): Check<string[]> {
  return (value, place) => {
    const wrong = Array.isArray(value) ? value.findIndex((entry) => typeof entry !== 'string') : -1;
    if (wrong >= 0) {
      throw new FieldError(`${place}[${wrong}]`, 'text');
    }
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
      throw new FieldError(place, length === undefined ? 'a list' : `a list of ${length}`);
    }
    return value as string[];
  };
}

/** An object used as a dictionary, of at most so many entries. */
export function dictionaryOf<T>(check: Check<T>, most: number): Check<Record<string, T>> {
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FieldError(place, 'an object');
    }
    const entries = Object.entries(value);
    if (entries.length > most) {
      throw new FieldLimitError(place, `an object of at most ${most} fields`);
    }
    // fromEntries defines fields and never assigns, so `__proto__` is a name like any other.
    return Object.fromEntries(
      entries.map(([key, entry]) => [key, check(entry, `${place}[${JSON.stringify(key.slice(0, 40))}]`)]),
    );
  };
}

/** Every field of T has to be given; an optional one may be undefined. */
export type Complete<T> = {
  [K in keyof Required<T>]: T extends Record<K, T[K]> ? T[K] : T[K] | undefined;
};

/**
 * An object of all its fields, less those that are undefined. A field that is added to T, an optional one too, does not
 * compile until it is read.
 */
export function complete<T extends object>(fields: Complete<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** An object of one of several kinds, told apart by the field `tag`. Each kind has its reader, or it does not compile. */
export function variant<Tag extends string, T extends Record<Tag, string>>(
  tag: Tag,
  readers: { [K in T[Tag]]: (fields: Fields) => Extract<T, Record<Tag, K>> },
): Check<T> {
  const kinds = Object.keys(readers) as T[Tag][];
  return object((fields) => readers[fields.get(tag, oneOf(...kinds))](fields));
}
