// Starts and stops the browser-based editor; shared by `npm start`, the extension tests and the tests that click.
import { execFileSync, spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentWithoutNpm } from './setup/npm.mjs';

/**
 * @typedef {object} EditorServerOptions
 * @property {import('./setup/editor.mjs').Editor} editor
 * @property {string} dataDirectory settings, logs, extensions and backups; made when missing
 * @property {Record<string, unknown>} [settings] a new user's settings, over the quiet defaults below
 * @property {NodeJS.ProcessEnv} [environment] added to the environment that the extension host inherits
 * @property {string} [defaultFolder] what the bare address opens
 * @property {readonly string[]} [extensions] directories of extensions that stand there as if they were installed
 * @property {boolean} [extensionTests] honours the extension and tests of an address; the editor then shows no
 *   notifications, so it is not for tests that click
 */

/**
 * @typedef {object} PageAddress
 * @property {string} folder the workspace to open
 * @property {{ extension: string, module: string }} [tests] an extension's directory and a module whose exported run()
 *   is called in the extension host; needs a server started for extensionTests
 */

const quietSettings = {
  'security.workspace.trust.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'github.gitAuthentication': false,
};

export class EditorServer {
  /**
   * @param {EditorServerOptions} options
   * @returns {Promise<EditorServer>} once it answers
   * @throws when it ends or stays silent instead
   */
  static async start(options) {
    const server = new EditorServer(options, await freePort());
    try {
      await server.#answer();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  #options;
  #process;
  #ended;
  /** @type {string | undefined} */
  #ending;

  /**
   * @param {EditorServerOptions} options
   * @param {number} port
   */
  constructor(options, port) {
    this.#options = options;
    this.port = port;
    const { editor, dataDirectory } = options;
    const extensionsDirectory = linkExtensions(dataDirectory, options.extensions ?? []);
    // What a person has set in an earlier run stays.
    if (!existsSync(join(dataDirectory, 'data', 'User', 'settings.json'))) {
      this.#write('User', { ...quietSettings, ...options.settings });
    }
    this.logFile = join(dataDirectory, 'server.log');
    const log = createWriteStream(this.logFile);
    const args = [
      editor.server,
      '--accept-server-license-terms',
      '--without-connection-token',
      '--disable-workspace-trust',
      '--telemetry-level=off',
      '--host=127.0.0.1',
      `--port=${port}`,
      `--server-data-dir=${dataDirectory}`,
      `--extensions-dir=${extensionsDirectory}`,
      ...(options.extensionTests ? ['--enable-smoke-test-driver'] : []),
      ...(options.defaultFolder === undefined ? [] : [`--default-folder=${options.defaultFolder}`]),
    ];
    this.#process = spawn(editor.node, args, {
      env: { ...editorEnvironment(), ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the extension host and whatever it starts end with the server.
      detached: true,
    });
    this.#process.stdout.pipe(log, { end: false });
    this.#process.stderr.pipe(log, { end: false });
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#ending = error.message;
        resolve(undefined);
      });
      this.#process.once('exit', (code, signal) => {
        this.#ending = `it ended with ${signal ?? `exit code ${code}`}`;
        log.end();
        resolve(undefined);
      });
    });
    process.once('exit', this.#kill);
  }

  /** Host and port, as the editor's own addresses name this server. */
  get authority() {
    return `127.0.0.1:${this.port}`;
  }

  /** Why the server is no longer running, or undefined while it is. */
  get ending() {
    return this.#ending;
  }

  /** @returns {Promise<unknown>} resolves when the server has ended, however it did */
  get ended() {
    return this.#ended;
  }

  /**
   * Changes settings while the editor runs. They become those of the machine, which win over the user's, since the
   * editor watches that file; the user's own it expects to be changed by itself alone.
   * @param {Record<string, unknown>} settings all that are to hold besides those given at the start
   */
  changeSettings(settings) {
    this.#write('Machine', settings);
  }

  /**
   * @param {'User' | 'Machine'} scope
   * @param {Record<string, unknown>} settings
   */
  #write(scope, settings) {
    const folder = join(this.#options.dataDirectory, 'data', scope);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, null, 2));
  }

  /**
   * @param {PageAddress} page
   * @returns {string}
   */
  address({ folder, tests }) {
    const query = new URLSearchParams({ folder });
    if (tests !== undefined) {
      const payload = [
        ['extensionDevelopmentPath', this.#remote(tests.extension)],
        ['extensionTestsPath', this.#remote(tests.module)],
      ];
      query.set('payload', JSON.stringify(payload));
    }
    return `http://${this.authority}/?${query.toString().replaceAll('+', '%20')}`;
  }

  /** @returns {number} how many extension hosts have activated everything that they activate at start */
  activatedHosts() {
    const logs = join(this.#options.dataDirectory, 'data', 'logs');
    if (!existsSync(logs)) return 0;
    return readdirSync(logs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('remoteexthost.log'))
      .filter((name) => readFileSync(join(logs, name), 'utf8').includes('Eager extensions activated')).length;
  }

  /**
   * @param {string} text part of a command line
   * @returns {number[]} the server's processes that live now and have it, by their ids
   */
  processes(text) {
    const all = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,args='], { encoding: 'utf8' });
    return all.split('\n').flatMap((line) => {
      const [, pid, group, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(group) === this.#process.pid && command?.includes(text) ? [Number(pid)] : [];
    });
  }

  /** Ends the server with all its processes. */
  async stop() {
    process.off('exit', this.#kill);
    this.#signal('SIGTERM');
    await Promise.race([this.#ended, delay(3000)]);
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** @param {string} path */
  #remote(path) {
    return `vscode-remote://${this.authority}${encodeURI(path)}`;
  }

  #kill = () => this.#signal('SIGKILL');

  /** @param {NodeJS.Signals} signal */
  #signal(signal) {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // The whole group has ended already.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }

  async #answer() {
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline) {
      if (this.#ending !== undefined) throw this.#failure(this.#ending);
      try {
        const response = await fetch(`http://${this.authority}/version`, { signal: AbortSignal.timeout(2000) });
        if (response.ok) return;
      } catch {
        // Not listening yet: try again until the deadline.
      }
      await delay(100);
    }
    throw this.#failure('it did not answer within a minute');
  }

  /** @param {string} reason */
  #failure(reason) {
    const log = existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-2000) : '';
    return new Error(`The editor's server could not be started: ${reason}.\n${log}`);
  }
}

/**
 * Makes a folder of installed extensions out of links, so that each start runs what is in the checkout now.
 * @param {string} dataDirectory
 * @param {readonly string[]} extensions
 * @returns {string}
 */
function linkExtensions(dataDirectory, extensions) {
  const folder = join(dataDirectory, 'extensions');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const extension of extensions) {
    const { publisher, name, version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
    symlinkSync(extension, join(folder, `${publisher}.${name}-${version}`));
  }
  return folder;
}

/**
 * Removes a directory, trying again for a while: processes of the editor may still write into it as they end.
 * @param {string} directory
 */
export function removeDirectory(directory) {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** The environment without the variables by which an editor around us would reach into ours. */
function editorEnvironment() {
  return Object.fromEntries(
    Object.entries(environmentWithoutNpm()).filter(([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/i.test(name)),
  );
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No port of 127.0.0.1 is free.'));
        else resolve(address.port);
      });
    });
  });
}
