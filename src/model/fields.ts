/**
 * Fields of the records of this room: a number, one of some names, yes or no. Each has its range, its default and its words,
 * from which the command line, the editor's settings, checks, readers of files and texts are made.
 */

/** An option of the command line. */
export interface OptionWords {
  /** Without its dashes. */
  name: string;
  /** What stands for its value in the help. */
  value: string;
  /** Its line in the help; `{default}`, `{names}` and `{owners}` are filled in. */
  help: string;
}

/** A setting of the editor. */
export interface SettingWords {
  /** Below `factorlens.` */
  name: string;
  /** Markdown. */
  words: string;
  /** Where less than the field allows has no sense in the editor. */
  least?: number;
}

interface Words {
  /** As errors and texts call it. */
  noun: string;
  /** What it is, in a sentence without a full stop; where absent, what an option or a setting says has to do. */
  sentence?: string;
  option?: OptionWords;
  setting?: SettingWords;
}

export interface NumberField extends Words {
  kind: 'number';
  whole: boolean;
  /** The least it may be, or what it must be above. */
  least?: number;
  above?: number;
  /** What it must be below. */
  below?: number;
  /** More than this nobody means: it is refused where it is typed. The mathematics knows no such limit. */
  most?: number;
  default: number;
  /** A number that makes sense, for errors. */
  example?: number;
  /** The letter that stands for it in a formula. */
  symbol?: string;
  /** What it counts, one of it, as in `5 inner steps`; `each` and the like may follow. */
  counts?: string;
  /** Its unit, where that is the data's or the factor's. */
  unit?: 'X' | 'factor';
  /** The mark that says that it comes from the data; typed as `auto`, and 0 before it was found. */
  auto?: string;
}

export interface ChoiceField<Name extends string = string> extends Words {
  kind: 'choice';
  /** A sentence for every name, in the order in which they are offered. */
  names: Readonly<Record<Name, string>>;
  /** What stands for a name in a text, where it is not the name itself. */
  short?: Readonly<Partial<Record<Name, string>>>;
  default: Name;
}

export interface FlagField extends Words {
  kind: 'flag';
  default: boolean;
}

/** Something that is said of a value or is not: `true`, or absent. */
export interface MarkField extends Words {
  kind: 'mark';
  optional: true;
}

export type Field = NumberField | ChoiceField | FlagField | MarkField;
export type Fields = Readonly<Record<string, Field>>;

/** A number. */
export const number = (field: Omit<NumberField, 'kind' | 'whole'>): NumberField => ({
  kind: 'number',
  whole: false,
  ...field,
});

/** A whole number. */
export const whole = (field: Omit<NumberField, 'kind' | 'whole'>): NumberField => ({
  kind: 'number',
  whole: true,
  ...field,
});

/** One of some names, each with its sentence. */
export const choice = <Name extends string>(
  names: Readonly<Record<Name, string>>,
  field: Omit<ChoiceField<NoInfer<Name>>, 'kind' | 'names'>,
): ChoiceField<Name> => ({ kind: 'choice', names, ...field });

/** Yes or no. */
export const flag = (field: Omit<FlagField, 'kind'>): FlagField => ({ kind: 'flag', ...field });

/** Said, or absent. */
export const mark = (field: Words): MarkField => ({ kind: 'mark', optional: true, ...field });

/** A field that may be absent. */
export const optional = <F extends Field>(field: F): F & { optional: true } => ({ ...field, optional: true });

/** What a field may be. */
export type ValueOf<F> = F extends { kind: 'number' }
  ? number
  : F extends ChoiceField<infer Name>
    ? Name
    : F extends { kind: 'flag' }
      ? boolean
      : F extends { kind: 'mark' }
        ? true
        : never;

type OptionalKey<F> = { [K in keyof F]: F[K] extends { optional: true } ? K : never }[keyof F];

/** The type written out, for the reader of an error. */
export type Flat<T> = { [K in keyof T]: T[K] };

/** The values of some fields. */
export type OptionsOf<F> = Flat<
  { -readonly [K in Exclude<keyof F, OptionalKey<F>>]: ValueOf<F[K]> } & {
    -readonly [K in OptionalKey<F>]?: ValueOf<F[K]>;
  }
>;

/** The union that some records stand for: each its name under `Tag`, with the values of its options. */
export type VariantOf<Tag extends string, Records> = {
  [K in keyof Records]: Flat<{ [T in Tag]: K } & (Records[K] extends { options: infer F } ? OptionsOf<F> : unknown)>;
}[keyof Records];

/** Any value of any field. */
export type Value = number | string | boolean;

/** The names of a choice, in order. */
export const namesOf = <Name extends string>({ names }: Pick<ChoiceField<Name>, 'names'>): Name[] =>
  Object.keys(names) as Name[];

/** The values of some fields where nothing is asked for; of a field that may come from the data, that it does. */
export function defaultsOf<F extends Fields>(fields: F): OptionsOf<F> {
  const values: Record<string, Value> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'number' && field.auto !== undefined) values[field.auto] = true;
    if (field.kind !== 'mark' && !('optional' in field)) values[name] = field.default;
  }
  return values as OptionsOf<F>;
}

/** The record of that name. @throws RangeError where there is none */
export function recordOf<R>(records: Readonly<Record<string, R>>, name: string): R {
  const record = Object.hasOwn(records, name) ? records[name] : undefined;
  if (record === undefined) throw new RangeError(`There is no record ${name}.`);
  return record;
}

/** Fields that are of one kind. */
export const fieldsOf = <K extends Field['kind']>(
  fields: Fields | undefined,
  kind: K,
): [name: string, field: Extract<Field, { kind: K }>][] =>
  Object.entries(fields ?? {}).filter(
    (entry): entry is [string, Extract<Field, { kind: K }>] => entry[1].kind === kind,
  );
