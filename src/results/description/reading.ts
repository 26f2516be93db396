import type {
  ImageOptions,
  ImageSamples,
  ReadReport,
  SampleRange,
  TextLayout,
  TextOptions,
} from '../../data/reading-report';
import { stopWordChoices } from '../../data/text/options';
import type { Advice, LongColumns } from '../../data/dataset';
import {
  complete,
  finite,
  flag,
  integer,
  listOf,
  object,
  oneOf,
  text,
  texts,
  variant,
  type Check,
  type Fields,
} from '../schema';

const imageOptions = variant<'as', ImageOptions>('as', {
  gray: () => ({ as: 'gray' }),
  channels: () => ({ as: 'channels' }),
  patches: (fields) =>
    complete<Extract<ImageOptions, { as: 'patches' }>>({
      as: 'patches',
      size: fields.get('size', integer(1)),
      stride: fields.optional('stride', integer(1)),
    }),
});

const textOptions = object((fields) =>
  complete<TextOptions>({
    from: fields.optional('from', text),
    minimum: fields.get('minimum', finite(0)),
    maximum: fields.get('maximum', finite(0)),
    stopWords: fields.get('stopWords', oneOf(...stopWordChoices)),
    vocabulary: fields.optional('vocabulary', texts()),
  }),
);

const textLayout = object((fields) =>
  complete<TextLayout>({
    encoding: fields.get('encoding', text),
    delimiter: fields.optional('delimiter', text),
    header: fields.optional('header', flag),
    skip: fields.optional('skip', integer(0)),
  }),
);

/** How a table's file is laid out, whatever its lines mean. */
const layout = (fields: Fields) => ({
  delimiter: fields.get('delimiter', text),
  encoding: fields.get('encoding', text),
  decimal: fields.get('decimal', oneOf('.', ',')),
  header: fields.get('header', flag),
});

/** The samples of an image file. In files written before they could be other than one page of unsigned ones, the rest is absent. */
const samples = (fields: Fields) => ({
  format: fields.get('format', text),
  bands: fields.get('bands', integer(1)),
  bits: fields.get('bits', integer(1)),
  sample: fields.optional('sample', oneOf('signed', 'float')),
  pages: fields.optional('pages', integer(1)),
});

const range: Check<SampleRange> = (value, place) => {
  const [least = NaN, greatest = NaN] = listOf(finite(), 2)(value, place);
  return [least, greatest];
};

const longColumns = object((fields) =>
  complete<LongColumns>({
    row: fields.get('row', text),
    column: fields.get('column', text),
    value: fields.get('value', text),
    weight: fields.optional('weight', text),
  }),
);

/** What the file suggests to do otherwise. */
export const advice = object((fields) =>
  complete<Advice>({
    text: fields.get('text', text),
    action: fields.get('action', text),
    choice: fields.object('choice', (choice) =>
      complete<Advice['choice']>({
        long: choice.optional('long', longColumns),
        missing: choice.optional('missing', listOf(text)),
        exclude: choice.optional('exclude', listOf(text)),
      }),
    ),
  }),
);

/** How the file was read. */
export const reading = variant<'kind', ReadReport>('kind', {
  table: (fields) =>
    complete<Extract<ReadReport, { kind: 'table' }>>({
      kind: 'table',
      ...layout(fields),
      features: fields.get('features', texts()),
      label: fields.optional('label', text),
      leftOut: fields.get(
        'leftOut',
        listOf(object((column) => ({ column: column.get('column', text), reason: column.get('reason', text) }))),
      ),
      skip: fields.optional('skip', integer(0)),
      missing: fields.optional('missing', listOf(text)),
      detectionLimit: fields.optional('detectionLimit', oneOf('missing', 'half')),
    }),
  long: (fields) =>
    complete<Extract<ReadReport, { kind: 'long' }>>({
      kind: 'long',
      ...layout(fields),
      row: fields.get('row', text),
      column: fields.get('column', text),
      value: fields.get('value', text),
      weight: fields.optional('weight', text),
      leftOut: fields.get('leftOut', texts()),
      skip: fields.optional('skip', integer(0)),
    }),
  array: (fields) => ({ kind: 'array', format: fields.get('format', text), type: fields.get('type', text) }),
  image: (fields) =>
    complete<Extract<ReadReport, { kind: 'image' }>>({
      kind: 'image',
      width: fields.get('width', integer(1)),
      height: fields.get('height', integer(1)),
      ...samples(fields),
      as: fields.optional('as', imageOptions),
      range: fields.optional('range', range),
    }),
  text: (fields) =>
    complete<Extract<ReadReport, { kind: 'text' }>>({
      kind: 'text',
      options: fields.get('options', textOptions),
      layout: fields.optional('layout', textLayout),
      language: fields.optional('language', text),
      distinct: fields.get('distinct', integer(1)),
    }),
  images: (fields) =>
    complete<Extract<ReadReport, { kind: 'images' }>>({
      kind: 'images',
      as: fields.get('as', imageOptions),
      count: fields.get('count', integer(1)),
      width: fields.get('width', integer(1)),
      height: fields.get('height', integer(1)),
      file: fields.optional(
        'file',
        object((file) => complete<ImageSamples>(samples(file))),
      ),
      range: fields.optional('range', range),
    }),
});
