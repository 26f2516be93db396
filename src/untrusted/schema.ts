import * as v from 'valibot';

/**
 * Schemas of values that come from elsewhere and may be anything: a description in a stranger's file, a message of a page,
 * what was remembered. A schema is declared once, where what it describes is at home; its type is inferred from it.
 *
 * The message of each schema is what its value must be, as in `a list of 3`; the place of what is not so is added by {@link readAs}.
 */
export type Schema<T> = v.GenericSchema<unknown, T>;

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

/** A value that is longer than it may be. */
export class FieldLimitError extends FieldError {}

const limits: readonly string[] = ['max_length', 'max_entries'];

/**
 * What a schema makes of a value.
 * @param root what the value is called, such as `settings`
 * @throws FieldError naming the first place, such as `settings.solver.rate`, that is absent or not what it must be
 */
export function readAs<T>(schema: Schema<T>, value: unknown, root = ''): T {
  const { issues, output } = v.safeParse(schema, value, { abortEarly: true });
  if (issues === undefined) return output;
  const [{ type, path = [], message }] = issues;
  const place = path.reduce((above, { key }) => {
    if (typeof key === 'number') return `${above}[${key}]`;
    // What a stranger named is quoted, and not at any length.
    const name = String(key);
    if (!/^\w{1,40}$/.test(name)) return `${above}[${JSON.stringify(name.slice(0, 40))}]`;
    return above === '' ? name : `${above}.${name}`;
  }, root);
  throw new (limits.includes(type) ? FieldLimitError : FieldError)(place === '' ? 'the whole' : place, message);
}

/** The same where no more is to be told; undefined for a value that is none of the schema. */
export function valid<T>(schema: Schema<T>, value: unknown): T | undefined {
  const { issues, output } = v.safeParse(schema, value, { abortEarly: true });
  return issues === undefined ? output : undefined;
}

/** Characters of a text that is none of a list that grows with the data: a name, a reason, a warning. */
export const maxTextLength = 2 ** 20;

export const text = v.pipe(v.string('text'), v.maxLength(maxTextLength, `text of at most ${maxTextLength} characters`));

export const flag = v.boolean('true or false');

/** JSON writes no −0. */
const withoutSignOfZero = v.transform((value: number) => value + 0);

/** Any number; JSON has no NaN and infinities, so these stand there as text. */
export const number = v.pipe(
  v.union([v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])], 'a number'),
  v.transform(Number),
  withoutSignOfZero,
);

/** A finite number not below `least`. */
/* @__NO_SIDE_EFFECTS__ */
export function finite(least = -Infinity) {
  const wanted = least === -Infinity ? 'a finite number' : `a finite number of at least ${least}`;
  return v.pipe(v.number(wanted), v.finite(wanted), v.minValue(least, wanted), withoutSignOfZero);
}

/* @__NO_SIDE_EFFECTS__ */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER) {
  const wanted = `a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(wanted),
    v.safeInteger(wanted),
    v.minValue(least, wanted),
    v.maxValue(most, wanted),
    withoutSignOfZero,
  );
}

/* @__NO_SIDE_EFFECTS__ */
export function oneOf<const T extends string | number>(allowed: readonly T[]) {
  return v.picklist(allowed, `one of ${allowed.join(', ')}`);
}

/** Whether a value has fields, whatever they are; a list has none. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anyObject = v.custom<Record<string, unknown>>(isObject, 'an object');

/** An object of some fields; others are dropped. One that may be absent is an {@link optional}. */
/* @__NO_SIDE_EFFECTS__ */
export function object<Entries extends v.ObjectEntries>(entries: Entries) {
  // Only a field that is absent comes to this message: it must be what its own schema says.
  return v.pipe(
    anyObject,
    v.object(entries, ({ path }) => wantedBy(entries[String(path?.[0].key)])),
  );
}

/** What a value must be, by what its schema says of none. */
export function wantedBy(schema: v.ObjectEntries[string] | undefined): string {
  return (schema && v.safeParse(schema, undefined).issues?.[0].message) ?? '';
}

export const optional = v.exactOptional;

/** The union of kinds of objects that the field `Tag` tells apart. */
type Variants<Tag extends string, Kinds extends Readonly<Record<string, v.ObjectEntries>>> = {
  [K in keyof Kinds]: Flat<{ [T in Tag]: K } & v.InferOutput<v.ObjectSchema<Kinds[K], undefined>>>;
}[keyof Kinds];

type Flat<T> = { [K in keyof T]: T[K] };

/** An object of one of several kinds, which the field `tag` tells apart. Of each kind the fields beside that one. */
/* @__NO_SIDE_EFFECTS__ */
export function variant<Tag extends string, const Kinds extends Readonly<Record<string, v.ObjectEntries>>>(
  tag: Tag,
  kinds: Kinds,
): Schema<Variants<Tag, Kinds>> {
  const options: unknown = Object.entries(kinds).map(([kind, entries]) => {
    const all: v.ObjectEntries = { [tag]: v.literal(kind), ...entries };
    return v.object(all, ({ path }) => wantedBy(all[String(path?.[0].key)]));
  });
  const one: unknown = v.variant(tag, options as v.VariantOptions<Tag>, `one of ${Object.keys(kinds).join(', ')}`);
  return v.pipe(anyObject, one as v.GenericSchema<Record<string, unknown>, Variants<Tag, Kinds>>);
}

/** A list, never longer than `most`: its length is judged before what is in it. */
/* @__NO_SIDE_EFFECTS__ */
export function listOf<const Item extends v.GenericSchema>(item: Item, most = Infinity) {
  return v.pipe(
    v.custom<unknown[]>(Array.isArray, 'a list'),
    v.maxLength(most, `a list of at most ${most}`),
    v.array(item),
  );
}

/** Something that is wrong: the names and numbers down to it, and what must be there. */
interface Wrong {
  at: readonly (string | number)[];
  wanted: string;
}

/** What parts of a value have to do with each other, where each by itself is right. */
/* @__NO_SIDE_EFFECTS__ */
export function agreeing<T>(wrongIn: (value: T) => Wrong | undefined) {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    const wrong = dataset.typed ? wrongIn(dataset.value) : undefined;
    if (wrong === undefined) return;
    const { value: input } = dataset;
    const path = wrong.at.map((key) => ({ type: 'unknown', origin: 'value', input, key, value: undefined }) as const);
    addIssue({ message: wrong.wanted, path: path as [v.IssuePathItem, ...v.IssuePathItem[]] });
  });
}

/** A list of texts that grows with the data, of a given length where one is given: of millions too, it is looked through and not copied. */
/* @__NO_SIDE_EFFECTS__ */
export function texts(length?: number) {
  return v.pipe(
    v.custom<string[]>(
      (value) => Array.isArray(value) && (length === undefined || value.length === length),
      length === undefined ? 'a list' : `a list of ${length}`,
    ),
    agreeing((list) => {
      const wrong = list.findIndex((entry) => typeof entry !== 'string');
      return wrong < 0 ? undefined : { at: [wrong], wanted: 'text' };
    }),
  );
}

/** An object used as a dictionary of texts, of at most so many entries and any names, `__proto__` as well. */
/* @__NO_SIDE_EFFECTS__ */
export function dictionary(most: number) {
  return v.pipe(
    v.custom<Record<string, string>>(isObject, 'an object'),
    v.maxEntries(most, `an object of at most ${most} fields`),
    agreeing((entries) => {
      const wrong = Object.keys(entries).find((name) => !v.is(text, entries[name]));
      return wrong === undefined ? undefined : { at: [wrong], wanted: 'text' };
    }),
  );
}
