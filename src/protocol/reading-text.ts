import type { ImageOptions } from '../factorization/factorization';

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
