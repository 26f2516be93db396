/** What an error of the file system means, and what helps besides another place. */
const meanings: Readonly<Record<string, readonly [reason: string, remedy?: string]>> = {
  ENOSPC: ['the disk is full', 'free some space'],
  EDQUOT: ['the quota of the disk is used up', 'free some space'],
  EFBIG: ['the file is larger than is allowed there'],
  EACCES: ['that is not permitted', 'change the permissions of the file and its folder'],
  EPERM: ['that is not permitted', 'change the permissions of the file and its folder'],
  EROFS: ['the file system is read-only'],
  ENOENT: ['its folder is not there', 'create the folder'],
  ENOTDIR: ['what should be its folder is a file'],
  EISDIR: ['a folder has that name'],
  ENAMETOOLONG: ['its name is too long'],
  ELOOP: ['its links lead round in a circle'],
  EBUSY: ['another program holds it', 'close that program'],
  ETXTBSY: ['another program runs it', 'close that program'],
  EXDEV: ['it lies on another file system than its folder'],
  EMFILE: ['too many files are open', 'close other programs'],
  ENFILE: ['too many files are open', 'close other programs'],
  EIO: ['the disk reports an error', 'check the disk'],
};

/** A file could not be written, or could not be if it were tried. What was there before is still there. */
export class FileWriteError extends Error {
  override readonly name = 'FileWriteError';
}

/** The error's code and what it means. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const meaning = meanings[code]?.[0];
  if (meaning !== undefined) return `${code}: ${meaning}`;
  return code === '' ? String(error instanceof Error ? error.message : error) : code;
}

/**
 * One sentence on a file that was not written.
 * @param elsewhere how another place is chosen, as an order to the user
 */
export function writeError(path: string, error: unknown, elsewhere = 'choose another place'): FileWriteError {
  if (error instanceof FileWriteError) return error;
  const remedy = meanings[codeOf(error)]?.[1];
  return new FileWriteError(
    `${path} could not be written (${reasonOf(error)}); ${remedy === undefined ? '' : `${remedy} or `}${elsewhere}.`,
    { cause: error },
  );
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
