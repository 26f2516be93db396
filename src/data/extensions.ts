/** Extensions of the files that can be read, in lower case. Any of them may be followed by that of gzip. */
export const tableExtensions = ['.csv', '.tsv', '.tab', '.txt'] as const;
/** Of a document a line, as JSON. */
export const linesExtension = '.jsonl';
/** Of files that hold a matrix of numbers. */
export const matrixExtensions = ['.npy', '.mtx'] as const;
export const imageExtensions = ['.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.bmp', '.gif'] as const;
export const packedExtension = '.gz';
