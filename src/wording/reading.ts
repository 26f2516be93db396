import type { ImageOptions, ImageSamples, ReadReport, SampleRange } from '../data/reading-report';

/** How an image became a matrix, worded for the user: completes "read as …". */
export function imageText(options: ImageOptions = { as: 'gray' }): string {
  switch (options.as) {
    case 'gray':
      return 'grey';
    case 'channels':
      return 'channels';
    case 'patches': {
      const { size, stride } = options;
      return `patches of ${size} × ${size}${stride === undefined ? '' : `, every ${stride} pixels`}`;
    }
  }
}

/** How text became a matrix, worded for the user. */
export function documentsText({ options, language, distinct }: Extract<ReadReport, { kind: 'text' }>): string {
  const { from, minimum, maximum } = options;
  return [
    from === undefined ? 'text' : `text of ${from}`,
    `terms in ${minimum} to ${maximum} of the documents, of ${distinct} different ones`,
    language === undefined ? 'no stop words' : `without the stop words of ${language}`,
  ].join(', ');
}

/** What a file of numbers without names was, worded for the user. */
export function arrayText({ format, type }: Extract<ReadReport, { kind: 'array' }>): string {
  return `${format}, ${type}`;
}
/** What the samples of an image file are, as "3 bands of 8 bits" or "one band of 32 bits, floating-point". */
export function samplesText({ bands, bits, sample }: ImageSamples): string {
  const kinds = { signed: ', signed', float: ', floating-point' } as const;
  return `${bands === 1 ? 'one band' : `${bands} bands`} of ${bits} ${bits === 1 ? 'bit' : 'bits'}${sample === undefined ? '' : kinds[sample]}`;
}

/** How many pages or frames there are and were read; nothing where there is one. */
export function pagesText(pages: number | undefined, read: number): string {
  if (pages === undefined || pages === 1) return '';
  return read === pages ? `, all ${pages} pages` : `, ${read === 1 ? 'the first' : read} of ${pages} pages`;
}

/** What became 0 and 1; nothing where samples have black and white of their own. */
export function rangeText(range: SampleRange | undefined): string {
  return range === undefined ? '' : `, scaled from ${shortly(range[0])} to ${shortly(range[1])}`;
}

const shortly = (value: number): string => String(Number(value.toPrecision(4)));
