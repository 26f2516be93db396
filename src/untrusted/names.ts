// Names from files made safe to be names of files.
import { join, resolve, sep } from 'node:path';

/** Bytes that are left to a name; 255 is the limit of most file systems, and suffixes and numbers are added. */
const longest = 180;

/** Names that Windows takes for devices, whatever extension follows. */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?=[\s.]|$)/i;

/** Control characters, those that reorder text, halves of a character, and what Windows has in no name. */
const unfit = /[\p{Cc}\p{Bidi_Control}\p{Cs}\u2028\u2029\u206a-\u206f<>:"|?*]/gu;

/**
 * A name of a file made of a name that is not to be trusted: its last part that is a name, fit for every platform. What
 * cannot be in a name becomes `_`, so that the rest can still be read.
 */
export function fileNameFrom(name: string): string {
  const parts = name.split(/[/\\]/).map(fit);
  return parts.findLast((part) => part !== '') ?? 'data';
}

/** One part of a path as a name; '' where nothing is left of it, as of `..`. */
function fit(part: string): string {
  const kept = withoutEnd(cut(part.replace(unfit, '_').trimStart()));
  return device.test(kept) ? `_${kept}` : kept;
}

/** Windows drops dots and spaces at the end, and then it is another name. */
const withoutEnd = (name: string): string => name.replace(/[\s.]+$/u, '');

/** As many whole characters as have room. */
function cut(name: string): string {
  let [kept, bytes] = ['', 0];
  for (const character of name) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > longest) break;
    kept += character;
  }
  return kept;
}

/** Whether a name is that of a file in a folder, so that looking it up there leads nowhere else. */
export function isFileName(name: string, windows = process.platform === 'win32'): boolean {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) return false;
  return !windows || (!/[\\:]/.test(name) && !device.test(name) && withoutEnd(name) === name);
}

/**
 * The path of a file in a folder of this machine.
 * @throws Error when the name is none, or leads elsewhere
 */
export function pathIn(folder: string, name: string): string {
  const path = join(folder, name);
  const whole = resolve(folder);
  const inside = resolve(path).startsWith(whole.endsWith(sep) ? whole : `${whole}${sep}`);
  if (!isFileName(name) || !inside) {
    throw new Error(`${JSON.stringify(name)} is no name of a file in ${folder}; choose another name.`);
  }
  return path;
}
