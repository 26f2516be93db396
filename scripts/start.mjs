// `npm start` opens the samples in an editor with the extension loaded; `npm start -- FILE …` factorizes from the
// command line. Both set up what they need first.
import './setup/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EditorServer } from './editor-server.mjs';
import { ensureBuild } from './setup/build.mjs';
import { ensureEditor } from './setup/editor.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { environmentWithoutNpm } from './setup/npm.mjs';
import { cacheDirectory, findVSCode, root } from './setup/places.mjs';
import { say } from './setup/run.mjs';

const samples = join(root, 'samples');

async function main() {
  const args = process.argv.slice(2);
  await ensureNodePackages();
  await ensureBuild();
  if (args.length > 0) {
    await foreground(process.execPath, [join(root, 'dist', 'cli.js'), ...args], presentFolder());
    return;
  }
  const code = findVSCode();
  if (code !== undefined) {
    say(`Opening ${samples} in ${code}; close its window or press Ctrl-C to end.`);
    await foreground(code, ['--wait', '--new-window', `--extensionDevelopmentPath=${root}`, samples], root);
    return;
  }
  await openInBrowser();
}

/**
 * npm runs scripts in the checkout; the person's paths are relative to where they stand.
 * @returns {string | undefined} undefined where npm did not start this, and the present folder is theirs
 */
function presentFolder() {
  const { INIT_CWD } = process.env;
  if (INIT_CWD !== undefined && !existsSync(INIT_CWD)) {
    say(`The folder ${INIT_CWD} has been removed; change to one that is there.`);
    process.exit(2);
  }
  return INIT_CWD;
}

/**
 * Runs a program in the foreground and takes over its exit code. A Ctrl-C reaches it by itself, being sent to the whole
 * foreground group of the terminal; a SIGTERM is passed on.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string | undefined} cwd
 * @returns {Promise<void>}
 */
function foreground(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', env: environmentWithoutNpm() });
    process.on('SIGINT', () => say(''));
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
      resolve();
    });
  });
}

async function openInBrowser() {
  const editor = await ensureEditor();
  const server = await EditorServer.start({
    editor,
    dataDirectory: join(cacheDirectory, 'start'),
    defaultFolder: samples,
    extensions: [root],
    settings: { 'workbench.startupEditor': 'readme' },
  });
  say(`Factorlens is open at http://${server.authority}/ (Ctrl-C ends it)`);
  const interrupted = new Promise((resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(signal, resolve);
  });
  await Promise.race([interrupted, server.ended]);
  const { ending } = server;
  await server.stop();
  if (ending !== undefined) throw new Error(`The editor's server stopped: ${ending}. Its log is ${server.logFile}.`);
}

main().catch((error) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
