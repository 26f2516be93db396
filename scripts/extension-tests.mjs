// Runs test/extension/ in a real extension host: in a desktop VS Code where one is given or can be fetched, else in the
// browser-based editor. The suite writes its report and its counts into files that the caller names.
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { chromium } from 'playwright-core';
import { EditorServer, removeDirectory } from './editor-server.mjs';
import { ensureEditor } from './setup/editor.mjs';
import { cacheDirectory, findChromium, root } from './setup/places.mjs';
import { ensureSystemPackages, requirements } from './setup/system-packages.mjs';

const tests = join(root, 'dist', 'test', 'extension', 'index.js');
const limit = 20 * 60_000;

/**
 * @param {{ environment: Record<string, string>, isDone: () => boolean, say: (message: string) => void }} options
 * @throws when no editor can be started, or when the suite does not end in time
 */
export async function runExtensionTests(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'factorlens-extension-tests-'));
  const workspace = join(scratch, 'workspace');
  cpSync(join(root, 'test', 'data'), workspace, { recursive: true });
  try {
    const desktop = await findDesktopEditor(options.say);
    if (desktop === undefined) await runInBrowser({ ...options, scratch, workspace });
    else await runOnDesktop({ ...options, scratch, workspace, desktop });
  } finally {
    removeDirectory(scratch);
  }
}

/**
 * @param {(message: string) => void} say
 * @returns {Promise<string | undefined>}
 */
async function findDesktopEditor(say) {
  const given = process.env.FACTORLENS_VSCODE;
  if (given) {
    say(`in the VS Code that FACTORLENS_VSCODE names, ${given}`);
    return given;
  }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    say('in the browser-based editor, since there is no display for a desktop VS Code');
    return undefined;
  }
  try {
    const cachePath = join(cacheDirectory, 'vscode');
    const desktop = await downloadAndUnzipVSCode({ version: 'stable', cachePath, timeout: 15_000 });
    say(`in the VS Code at ${desktop}`);
    return desktop;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`in the browser-based editor, since VS Code could not be downloaded (${reason})`);
    return undefined;
  }
}

/**
 * @typedef {object} Run
 * @property {Record<string, string>} environment
 * @property {() => boolean} isDone
 * @property {string} scratch
 * @property {string} workspace
 */

/** @param {Run & { desktop: string }} options */
async function runOnDesktop({ environment, scratch, workspace, desktop }) {
  await runTests({
    vscodeExecutablePath: desktop,
    extensionDevelopmentPath: root,
    extensionTestsPath: tests,
    extensionTestsEnv: environment,
    launchArgs: [
      workspace,
      '--disable-extensions',
      '--disable-workspace-trust',
      `--user-data-dir=${join(scratch, 'user')}`,
    ],
  });
}

/** @param {Run} options */
async function runInBrowser({ environment, isDone, scratch, workspace }) {
  await ensureSystemPackages(requirements.chromium);
  const editor = await ensureEditor();
  const server = await EditorServer.start({
    editor,
    dataDirectory: join(scratch, 'editor'),
    environment,
    extensionTests: true,
  });
  try {
    const browser = await chromium.launch({
      executablePath: /** @type {string} */ (findChromium()),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    try {
      const page = await browser.newPage();
      await page.goto(server.address({ folder: workspace, tests: { extension: root, module: tests } }));
      const deadline = Date.now() + limit;
      while (!isDone()) {
        if (server.ending !== undefined) throw new Error(`The editor's server stopped: ${server.ending}.`);
        if (Date.now() > deadline) throw new Error(`The extension tests did not end within ${limit / 60_000} minutes.`);
        await delay(200);
      }
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}
