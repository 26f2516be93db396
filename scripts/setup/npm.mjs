// Finding npm without a shell, so that it can be run by a Node.js of our choice, and its environment.
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

/**
 * The environment of a program that is no part of the npm run around us. npm tells the scripts that it runs about itself
 * in `npm_…` variables, and an npm inside takes them for a person's wishes: this checkout's `ignore-scripts`, the outer
 * Node's version in `npm_config_user_agent`, which installers read, machine-wide headers in `npm_config_nodedir`.
 * @param {NodeJS.ProcessEnv} [additions]
 * @param {NodeJS.ProcessEnv} [inherited]
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWithoutNpm(additions = {}, inherited = process.env) {
  const kept = Object.entries(inherited).filter(([name]) => !/^npm_/i.test(name));
  return { ...Object.fromEntries(kept), ...additions };
}

/**
 * What a person may have said in the environment alone and an npm inside still has to know, as options of its command.
 * @param {NodeJS.ProcessEnv} [inherited]
 * @returns {string[]}
 */
export function npmOptions(inherited = process.env) {
  const registry = Object.entries(inherited).find(([name]) => name.toLowerCase() === 'npm_config_registry')?.[1];
  return registry ? [`--registry=${registry}`] : [];
}
