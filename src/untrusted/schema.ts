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

/** A schema of a number, with what it makes of a value: undefined for what is none. */
type NumberSchema = Schema<number> & { wanted: string; from: (value: unknown) => number | undefined };

const numberSchema = (wanted: string, from: NumberSchema['from']): NumberSchema => ({
  ...v.pipe(
    v.custom<number>((value) => from(value) !== undefined, wanted),
    v.transform((value) => from(value) as number),
  ),
  wanted,
  from,
});

/** JSON writes no −0, so none is read. */
const numberThat = (wanted: string, holds: (value: number) => boolean): NumberSchema =>
  numberSchema(wanted, (value) => (typeof value === 'number' && holds(value) ? value + 0 : undefined));

/** A finite number not below `least`. */
export const finite = (least = -Infinity): NumberSchema =>
  numberThat(
    least === -Infinity ? 'a finite number' : `a finite number of at least ${least}`,
    (value) => Number.isFinite(value) && value >= least,
  );

export const integer = (least: number, most = Number.MAX_SAFE_INTEGER): NumberSchema =>
  numberThat(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );

const notFinite: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** Any number; JSON has no NaN and infinities, so these stand there as text. */
export const number = numberSchema('a number', (value) =>
  typeof value === 'number' ? value + 0 : notFinite.includes(value) ? Number(value) : undefined,
);

export function oneOf<const T extends string | number>(allowed: readonly T[]) {
  return v.picklist(allowed, `one of ${allowed.join(', ')}`);
}

/** Whether a value has fields, whatever they are; a list has none. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const anyObject = v.custom<Record<string, unknown>>(isObject, 'an object');

/** An object of some fields; others are dropped. One that may be absent is an {@link optional}. */
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

/** A list, never longer than `most`: its length is judged before what is in it. Numbers, of which there may be many, are read in one go. */
export function listOf<Item extends v.GenericSchema>(item: Item, most = Infinity) {
  const entries: unknown = 'from' in item ? numbersOf(item as unknown as NumberSchema) : v.array(item);
  return v.pipe(
    v.custom<unknown[]>(Array.isArray, 'a list'),
    v.maxLength(most, `a list of at most ${most}`),
    entries as v.ArraySchema<Item, undefined>,
  );
}

const numbersOf = ({ wanted, from }: NumberSchema) =>
  v.rawTransform<unknown[], number[]>(({ dataset: { value: list }, addIssue, NEVER }) => {
    const numbers: number[] = [];
    for (const [index, value] of list.entries()) {
      const found = from(value);
      if (found === undefined) {
        addIssue({ message: wanted, path: pathOf(list, [index]) });
        return NEVER;
      }
      numbers.push(found);
    }
    return numbers;
  });

/** Something that is wrong: the names and numbers down to it, and what must be there. */
interface Wrong {
  at: readonly (string | number)[];
  wanted: string;
}

/** What parts of a value have to do with each other, where each by itself is right. */
export function agreeing<T>(wrongIn: (value: T) => Wrong | undefined) {
  return v.rawCheck<T>(({ dataset, addIssue }) => {
    const wrong = dataset.typed ? wrongIn(dataset.value) : undefined;
    if (wrong === undefined) return;
    addIssue({ message: wrong.wanted, path: pathOf(dataset.value, wrong.at) });
  });
}

const pathOf = (input: unknown, at: Wrong['at']) =>
  at.map((key) => ({ type: 'unknown', origin: 'value', input, key, value: undefined })) as unknown as [
    v.IssuePathItem,
    ...v.IssuePathItem[],
  ];

/** A list of texts that grows with the data, of a given length where one is given: of millions too, it is looked through and not copied. */
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
