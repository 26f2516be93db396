import { namesOf, type Field, type SettingWords } from '../../src/model/fields';
import { weightIn } from '../../src/model/presets';
import { automatic, solverIdsOf, solverSetting } from '../../src/model/solvers';
import { vocabulary, type Vocabulary } from '../../src/model/vocabulary';

/** A setting as the manifest declares it. */
export interface Property {
  type: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  enum?: string[];
  enumDescriptions?: string[];
  default: unknown;
  scope: string;
  order: number;
  markdownDescription: string;
}

export type Properties = Record<string, Property>;

/** The editor's settings that the records declare, in order. */
export function settingsOf(words: Vocabulary = vocabulary): Properties {
  const { solvers, presets, stopping, run } = words;
  const named: [name: string, property: Omit<Property, 'order'>][] = [
    ...fieldSettings([stopping, run]),
    [
      solverSetting.name,
      {
        type: 'string',
        enum: solverIdsOf(solvers),
        enumDescriptions: [
          automatic.detail,
          ...Object.values(solvers).map(({ label, detail }) =>
            detail === '.' ? `${label}.` : `${label}${detail.startsWith('with ') ? ', ' : ': '}${detail}`,
          ),
        ],
        default: automatic.id,
        scope: 'resource',
        markdownDescription: solverSetting.words,
      },
    ],
    ...fieldSettings(Object.values(solvers).map(({ options }) => options ?? {})),
    ...Object.values(presets).flatMap(({ weight, model }): [string, Omit<Property, 'order'>][] =>
      weight
        ? [
            [
              weight.setting,
              {
                type: 'number',
                minimum: 0,
                default: weightIn(model, weight),
                scope: 'resource',
                markdownDescription: weight.words,
              },
            ],
          ]
        : [],
    ),
  ];
  return Object.fromEntries(
    named.map(([name, property], at) => {
      const { markdownDescription, ...shape } = property;
      return [`factorlens.${name}`, { ...shape, order: at + 1, markdownDescription }];
    }),
  );
}

/**
 * The settings of the manifest: those of the records, and after them those that it has of its own, which say how files are
 * read.
 */
export function configurationOf(present: Properties, words: Vocabulary = vocabulary): Properties {
  const declared = settingsOf(words);
  const others = Object.entries(present).filter(([name]) => isOfReading(name));
  const count = Object.keys(declared).length;
  return {
    ...declared,
    ...Object.fromEntries(others.map(([name, property], at) => [name, { ...property, order: count + at + 1 }])),
  };
}

/** What the manifest has beside the records: how files are read. */
const isOfReading = (name: string): boolean => /^factorlens\.(delimiter|header|text\..*)$/.test(name);

const fieldSettings = (
  several: readonly Readonly<Record<string, Field>>[],
): [name: string, property: Omit<Property, 'order'>][] =>
  several.flatMap((fields) =>
    Object.values(fields).flatMap((field): [string, Omit<Property, 'order'>][] =>
      field.setting ? [[field.setting.name, propertyOf(field, field.setting)]] : [],
    ),
  );

function propertyOf(field: Field, { words, least }: SettingWords): Omit<Property, 'order'> {
  const rest = { scope: 'resource', markdownDescription: words };
  switch (field.kind) {
    case 'number': {
      const minimum = least ?? field.least;
      return {
        type: field.whole ? 'integer' : 'number',
        ...(minimum !== undefined && { minimum }),
        ...(field.above !== undefined && { exclusiveMinimum: field.above }),
        ...(field.most !== undefined && { maximum: field.most }),
        default: field.default,
        ...rest,
      };
    }
    case 'choice':
      return {
        type: 'string',
        enum: namesOf(field),
        enumDescriptions: Object.values(field.names),
        default: field.default,
        ...rest,
      };
    case 'flag':
      return { type: 'boolean', default: field.default, ...rest };
    case 'mark':
      return { type: 'boolean', default: false, ...rest };
  }
}
