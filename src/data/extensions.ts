/** Extensions of the files that can be read, in lower case. Any of them may be followed by that of gzip. */
export const tableExtensions = ['.csv', '.tsv', '.tab', '.txt'] as const;
/** Of a document a line, as JSON. */
export const linesExtension = '.jsonl';
/** Files that hold a matrix of numbers: whatever their name, how they begin says what they are. */
export const matrixFormats = {
  numpy: { extension: '.npy', begins: '\x93NUMPY' },
  'matrix-market': { extension: '.mtx', begins: '%%MatrixMarket' },
} as const satisfies Record<string, { extension: `.${string}`; begins: string }>;
export type MatrixFormat = keyof typeof matrixFormats;
export const matrixExtensions: readonly string[] = Object.values(matrixFormats).map(({ extension }) => extension);
export const imageExtensions = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.bmp', '.gif'] as const;
export const packedExtension = '.gz';

/** All of them, in the order in which they are offered. */
export const extensions: readonly string[] = [
  ...tableExtensions,
  linesExtension,
  ...matrixExtensions,
  packedExtension,
  ...imageExtensions,
];
