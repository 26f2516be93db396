// Where things are: the checkout, the cache outside it, and the programs that are looked for.
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Outside the checkout, so that a second clone finds what the first has fetched. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'factorlens');

/**
 * The first of `names` that is an executable file on the PATH.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function findOnPath(names) {
  const extensions = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const name of names) {
    for (const directory of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
      for (const extension of extensions) {
        const file = join(directory, name + extension);
        if (isExecutable(file)) return file;
      }
    }
  }
  return undefined;
}

/**
 * A Chromium for the page and editor tests: $FACTORLENS_CHROMIUM, else one on the PATH, else where macOS keeps it.
 * @returns {string | undefined}
 */
export function findChromium() {
  const given = process.env.FACTORLENS_CHROMIUM;
  if (given) {
    if (!isExecutable(given)) throw new Error(`FACTORLENS_CHROMIUM names ${given}, which is no executable file.`);
    return given;
  }
  const application = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return (
    findOnPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']) ??
    (existsSync(application) ? application : undefined)
  );
}

/**
 * A desktop VS Code: $FACTORLENS_VSCODE, else `code` on the PATH, else where macOS keeps it. The `code` inside a remote
 * terminal opens files in a window elsewhere and takes no --extensionDevelopmentPath, so it does not count.
 * @returns {string | undefined}
 */
export function findVSCode() {
  const given = process.env.FACTORLENS_VSCODE;
  if (given) {
    if (!isExecutable(given)) throw new Error(`FACTORLENS_VSCODE names ${given}, which is no executable file.`);
    return given;
  }
  if (process.env.VSCODE_IPC_HOOK_CLI) return undefined;
  const application = '/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code';
  return findOnPath(['code']) ?? (existsSync(application) ? application : undefined);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
