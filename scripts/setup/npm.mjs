// Finding npm without a shell, so that it can be run by a Node.js of our choice.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findOnPath } from './places.mjs';

/**
 * @returns {string} the path of npm's own JavaScript entry, to be run by a Node.js
 * @throws when there is no npm beside Node.js or on the PATH
 */
export function npmEntry() {
  const running = process.env.npm_execpath;
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) return running;
  const prefix = dirname(process.execPath);
  const onPath = findOnPath(['npm']);
  const candidates = [
    join(prefix, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(prefix, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...(onPath === undefined ? [] : [realpathSync(onPath)]),
  ];
  const found = candidates.find((candidate) => basename(candidate) === 'npm-cli.js' && existsSync(candidate));
  if (found === undefined) throw new Error('npm was not found. Install the npm that comes with Node.js.');
  return found;
}
