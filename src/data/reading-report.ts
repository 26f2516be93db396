/** How images become a matrix: rows of grey pixels, of the channels side by side, or square patches. */
export type ImageOptions =
  | { as: 'gray' }
  | { as: 'channels' }
  /** `size`×`size` pixels; every `stride`-th place across and down, or, where absent, any place. */
  | { as: 'patches'; size: number; stride?: number };

/** How text becomes a document–term matrix. */
export interface TextOptions {
  /** The column of a table or the field of JSON lines that holds the text; absent where a line or a file is a document. */
  from?: string;
  /** Terms in fewer documents are left out: a number of them, or below 1 a part. */
  minimum: number;
  /** Terms in more documents are left out: a number of them, or up to 1 a part. */
  maximum: number;
  /** Words left out whatever they are in: those of a language, or of the one that the text seems to be in. */
  stopWords: 'auto' | 'none' | 'en' | 'de' | 'fr' | 'es';
  /** These terms and no others, in this order, whatever else is asked for. */
  vocabulary?: string[];
}

/** How a file was laid out whose lines or cells are text. */
export interface TextLayout {
  encoding: string;
  /** Of a table, what separates its cells and whether its first row names the columns; and, as asked, lines left out above it. */
  delimiter?: string;
  header?: boolean;
  skip?: number;
}

/** How the file was read: what the user must be able to see and to correct. */
export type ReadReport =
  | {
      kind: 'table';
      delimiter: string;
      encoding: string;
      decimal: '.' | ',';
      header: boolean;
      /** Columns that became features, in order. */
      features: string[];
      /** The text column whose cells name the rows. */
      label?: string;
      /** Columns left out, each with the reason. */
      leftOut: { column: string; reason: string }[];
      /** As asked: lines left out above the table, marks of what is missing, and what `<x` is. */
      skip?: number;
      missing?: string[];
      detectionLimit?: 'missing' | 'half';
    }
  | {
      /** A table with one line an observed entry. */
      kind: 'long';
      delimiter: string;
      encoding: string;
      decimal: '.' | ',';
      header: boolean;
      /** The columns that name an entry's row and column and hold its value and, where given, its weight. */
      row: string;
      column: string;
      value: string;
      weight?: string;
      /** Columns left out. */
      leftOut: string[];
      /** As asked: lines left out above the table. */
      skip?: number;
    }
  | {
      /** A matrix of numbers without names. */
      kind: 'array';
      /** What the file is, such as `NumPy array`. */
      format: string;
      /** What its numbers are there, such as `float64`. */
      type: string;
    }
  | ({
      kind: 'image';
      width: number;
      height: number;
      /** Grey where absent. */
      as?: ImageOptions;
      range?: SampleRange;
    } & ImageSamples)
  | {
      /** Documents as counts of their terms. */
      kind: 'text';
      options: TextOptions;
      /** How the file was laid out; absent of a folder of texts and of JSON lines, where nothing of it is in question. */
      layout?: TextLayout;
      /** Whose stop words were left out; absent where none were. */
      language?: string;
      /** Number of different terms before any was left out. */
      distinct: number;
    }
  | {
      /** A folder of images, or the pages of a file. */
      kind: 'images';
      as: ImageOptions;
      /** Number of images, and the size of the first. */
      count: number;
      width: number;
      height: number;
      /** Where they are the pages of one file, what that is. */
      file?: ImageSamples;
      range?: SampleRange;
    };

/** The samples of an image file. */
export interface ImageSamples {
  format: string;
  /** Bands of the file, e.g. 3 for RGB. */
  bands: number;
  /** Bits per sample of the file. */
  bits: number;
  /** Unsigned whole numbers where absent. */
  sample?: 'signed' | 'float';
  /** Pages or frames of the file, whether they are read or not; one where absent. */
  pages?: number;
}

/** The samples that became 0 and 1, where these have no black and white of their own. */
export type SampleRange = readonly [least: number, greatest: number];
