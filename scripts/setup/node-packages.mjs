// Brings node_modules in line with package-lock.json, and does nothing when it already is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from './lock.mjs';
import { environmentWithoutNpm, npmEntry, npmOptions } from './npm.mjs';
import { root } from './places.mjs';
import { run, say } from './run.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages
 */

/** @throws when `npm ci` fails */
export async function ensureNodePackages() {
  if (nodePackagesAreCurrent(root)) return;
  const release = await lock(join(root, 'node_modules.lock'), 'another npm ci in this checkout');
  try {
    if (nodePackagesAreCurrent(root)) return;
    say('Installing the packages of package-lock.json (npm ci) …');
    const install = [npmEntry(), 'ci', '--no-audit', '--no-fund', '--loglevel=error', ...npmOptions()];
    const code = await run(process.execPath, install, { cwd: root, env: environmentWithoutNpm() });
    if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; its messages are above.`);
  } finally {
    release();
  }
}

/**
 * Compares package-lock.json with the lockfile that npm leaves in node_modules as the last act of an installation. It
 * tells an interrupted or outdated installation from a complete one, however that was made. Optional packages may be
 * missing, since those for other platforms are.
 * @param {string} directory
 * @returns {boolean}
 */
export function nodePackagesAreCurrent(directory) {
  const wanted = readPackages(join(directory, 'package-lock.json'));
  const installed = readPackages(join(directory, 'node_modules', '.package-lock.json'));
  if (wanted === undefined) throw new Error(`${join(directory, 'package-lock.json')} is missing.`);
  if (installed === undefined) return false;
  for (const [path, wantedPackage] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined) {
      if (wantedPackage.optional) continue;
      return false;
    }
    if (found.version !== wantedPackage.version || found.integrity !== wantedPackage.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

/**
 * @param {string} file
 * @returns {LockedPackages | undefined}
 */
function readPackages(file) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // not installed yet
  }
  return JSON.parse(text).packages;
}
