// Where an address leads, told by its letters alone: nothing is touched, since to touch a network path is to answer it.
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The parts of a URI that say where it leads. */
export interface Place {
  scheme: string;
  authority: string;
  path: string;
}

const onWindows = process.platform === 'win32';

/** The place with no `.` and `..` left in its path, and on Windows with one kind of separator. */
export function normalized<P extends Place>({ scheme, authority, path }: P, windows = onWindows): Place {
  const slashes = scheme === 'file' && windows ? path.replaceAll('\\', '/') : path;
  // `posix.normalize` joins the two slashes that a network path begins with.
  const network = slashes.startsWith('//') ? '/' : '';
  return { scheme: scheme.toLowerCase(), authority, path: network + posix.normalize(slashes || '/') };
}

/**
 * Whether a place is not on this machine's own file systems: any scheme but `file`, another machine's share
 * (`file://server/share`, `\\server\share`), and a Windows path that names devices (`\\?\`, `\\.\`).
 */
export function isElsewhere(place: Place, windows = onWindows): boolean {
  const { scheme, authority, path } = normalized(place, windows);
  return scheme !== 'file' || authority !== '' || path.startsWith('//');
}

/** Whether a place lies in a folder, at any depth. A folder does not lie in itself. */
export function liesIn(place: Place, folder: Place, windows = onWindows): boolean {
  const [inner, outer] = [normalized(place, windows), normalized(folder, windows)];
  if (inner.scheme !== outer.scheme || inner.authority !== outer.authority) return false;
  const same = (path: string): string => (windows ? path.toLowerCase() : path);
  const root = outer.path.endsWith('/') ? outer.path : `${outer.path}/`;
  return same(inner.path).startsWith(same(root)) && inner.path.length > root.length;
}

/** The path that an address means on this machine's own file systems; undefined where it leads elsewhere or nowhere. */
export function localPath(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, pathname } = new URL(address);
  if (protocol !== 'file:' || isElsewhere({ scheme: 'file', authority: hostname, path: pathname })) return undefined;
  try {
    const path = fileURLToPath(address);
    return path.includes('\0') ? undefined : path;
  } catch {
    // A separator that is encoded, or on Windows a path without a drive: no file has such an address.
    return undefined;
  }
}
