import type { ImageOptions, ReadReport } from '../factorization/factorization';

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
