import * as v from 'valibot';
import { finite, flag, integer, listOf, object, oneOf, optional, text, texts, variant } from '../untrusted/schema';
import { stopWordChoices } from './text/options';

/** How images become a matrix: rows of grey pixels, of the channels side by side, or square patches. */
export type ImageOptions = v.InferOutput<typeof imageOptions>;

const imageOptions = variant('as', {
  gray: {},
  channels: {},
  /** `size`×`size` pixels; every `stride`-th place across and down, or, where absent, any place. */
  patches: { size: integer(1), stride: optional(integer(1)) },
});

/** How text becomes a document–term matrix. */
export type TextOptions = v.InferOutput<typeof textOptions>;

const textOptions = object({
  /** The column of a table or the field of JSON lines that holds the text; absent where a line or a file is a document. */
  from: optional(text),
  /** Terms in fewer documents are left out: a number of them, or below 1 a part. */
  minimum: finite(0),
  /** Terms in more documents are left out: a number of them, or up to 1 a part. */
  maximum: finite(0),
  /** Words left out whatever they are in: those of a language, or of the one that the text seems to be in. */
  stopWords: oneOf(stopWordChoices),
  /** These terms and no others, in this order, whatever else is asked for. */
  vocabulary: optional(texts()),
});

/** How a file was laid out whose lines or cells are text. */
export type TextLayout = v.InferOutput<typeof textLayout>;

const textLayout = object({
  encoding: text,
  /** Of a table, what separates its cells and whether its first row names the columns; and, as asked, lines left out above it. */
  delimiter: optional(text),
  header: optional(flag),
  skip: optional(integer(0)),
});

/** How a table's file is laid out, whatever its lines mean. */
const layout = { delimiter: text, encoding: text, decimal: oneOf(['.', ',']), header: flag };

/** The samples of an image file. In files written before they could be other than one page of unsigned ones, the rest is absent. */
const samples = {
  format: text,
  /** Bands of the file, e.g. 3 for RGB. */
  bands: integer(1),
  /** Bits per sample of the file. */
  bits: integer(1),
  /** Unsigned whole numbers where absent. */
  sample: optional(oneOf(['signed', 'float'])),
  /** Pages or frames of the file, whether they are read or not; one where absent. */
  pages: optional(integer(1)),
};

const imageSamples = object(samples);
export type ImageSamples = v.InferOutput<typeof imageSamples>;

/** The samples that became 0 and 1, where these have no black and white of their own. */
export type SampleRange = v.InferOutput<typeof sampleRange>;

const sampleRange = v.pipe(v.strictTuple([finite(), finite()], 'a list of 2'), v.readonly());

/** How the file was read: what the user must be able to see and to correct. */
export type ReadReport = v.InferOutput<typeof readReportSchema>;

export const readReportSchema = variant('kind', {
  table: {
    ...layout,
    /** Columns that became features, in order. */
    features: texts(),
    /** The text column whose cells name the rows. */
    label: optional(text),
    /** Columns left out, each with the reason. */
    leftOut: listOf(object({ column: text, reason: text })),
    /** As asked: lines left out above the table, marks of what is missing, and what `<x` is. */
    skip: optional(integer(0)),
    missing: optional(listOf(text)),
    detectionLimit: optional(oneOf(['missing', 'half'])),
  },
  /** A table with one line an observed entry. */
  long: {
    ...layout,
    /** The columns that name an entry's row and column and hold its value and, where given, its weight. */
    row: text,
    column: text,
    value: text,
    weight: optional(text),
    /** Columns left out. */
    leftOut: texts(),
    /** As asked: lines left out above the table. */
    skip: optional(integer(0)),
  },
  /** A matrix of numbers without names. */
  array: {
    /** What the file is, such as `NumPy array`. */
    format: text,
    /** What its numbers are there, such as `float64`. */
    type: text,
  },
  image: {
    width: integer(1),
    height: integer(1),
    ...samples,
    /** Grey where absent. */
    as: optional(imageOptions),
    range: optional(sampleRange),
  },
  /** Documents as counts of their terms. */
  text: {
    options: textOptions,
    /** How the file was laid out; absent of a folder of texts and of JSON lines, where nothing of it is in question. */
    layout: optional(textLayout),
    /** Whose stop words were left out; absent where none were. */
    language: optional(text),
    /** Number of different terms before any was left out. */
    distinct: integer(1),
  },
  /** A folder of images, or the pages of a file. */
  images: {
    as: imageOptions,
    /** Number of images, and the size of the first. */
    count: integer(1),
    width: integer(1),
    height: integer(1),
    /** Where they are the pages of one file, what that is. */
    file: optional(imageSamples),
    range: optional(sampleRange),
  },
});

/** Which data were factorized, so that a saved result can be matched with its file. */
export type SourceIdentity = v.InferOutput<typeof sourceIdentitySchema>;

export const sourceIdentitySchema = object({
  /** Base name, e.g. `digits.csv`. */
  name: text,
  /** URI of the source, where it has one. */
  uri: optional(text),
  /** Size of the file in bytes. */
  bytes: integer(0),
  /** Hash of the file's bytes, lower-case hexadecimal. */
  sha256: v.pipe(text, v.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')),
});

/** How a row of X, or of H, is drawn as an image: pixel by pixel, the channels of a pixel together (1 grey, or 3: red, green, blue). */
export type Drawing = v.InferOutput<typeof drawingSchema>;

export const drawingSchema = object({ width: integer(1), height: integer(1), channels: oneOf<number>([1, 3]) });

/** The columns of a table that has one line an observed entry: names, or 1-based numbers. */
export type LongColumns = v.InferOutput<typeof longColumnsSchema>;

export const longColumnsSchema = object({ row: text, column: text, value: text, weight: optional(text) });

/** A way to read the file that may suit it better. */
export type Advice = v.InferOutput<typeof adviceSchema>;

export const adviceSchema = object({
  /** Why, and in brackets how on the command line: a full sentence. */
  text,
  /** What a button says that does it, in title case. */
  action: text,
  /** The choices that do it, beside those made already. */
  choice: object({
    long: optional(longColumnsSchema),
    missing: optional(listOf(text)),
    exclude: optional(listOf(text)),
  }),
});
