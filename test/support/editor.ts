// A live editor in a browser, for tests that use the extension as a person does: by clicks, keys and what is seen.
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { EditorServer, removeDirectory } from '../../scripts/editor-server.mjs';
import { ensureEditor } from '../../scripts/setup/editor.mjs';
import { findChromium } from '../../scripts/setup/places.mjs';
import { QuickInput } from './quick-input';
import { unlessTimedOut } from './unless-timed-out';
import { repository } from './repository';

export type Theme = 'dark' | 'light' | 'high contrast' | 'high contrast light';

const themeSettings: Record<Theme, string> = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high contrast': 'Default High Contrast',
  'high contrast light': 'Default High Contrast Light',
};

export interface OpenEditorOptions {
  /** The folder to open. Tests that write into it use a temporary one. */
  workspace: string;
  settings?: Record<string, unknown>;
  theme?: Theme;
  /** The directory of the extension; this project's when left out. */
  extension?: string;
  viewport?: { width: number; height: number };
  /** Added to the environment that the extension host inherits. */
  environment?: Record<string, string>;
}

/**
 * Starts a server and a browser of their own and waits until the extension can be used.
 *
 * @throws when the editor or Chromium is missing, cannot be started or does not become ready
 */
export async function openEditor(options: OpenEditorOptions): Promise<Editor> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('Chromium is missing; `npm test` installs it or says how.');
  const dataDirectory = mkdtempSync(join(tmpdir(), 'factorlens-editor-'));
  const settings = { 'workbench.colorTheme': themeSettings[options.theme ?? 'dark'], ...options.settings };
  let server: EditorServer | undefined;
  let browser: Browser | undefined;
  try {
    server = await EditorServer.start({
      editor: await ensureEditor(),
      dataDirectory,
      settings,
      extensions: [options.extension ?? repository],
      environment: options.environment ?? {},
    });
    browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    const page = await browser.newPage({ viewport: options.viewport ?? { width: 1400, height: 900 } });
    const editor = new Editor(page, browser, server, dataDirectory);
    // A machine that is busy with other things needs longer; nothing here is about speed.
    page.setDefaultTimeout(90_000);
    await page.goto(server.address({ folder: options.workspace }), { timeout: 120_000 });
    await editor.ready(1);
    return editor;
  } catch (error) {
    await browser?.close();
    await server?.stop();
    removeDirectory(dataDirectory);
    throw error;
  }
}

export class Editor {
  readonly quickPick: QuickInput;
  readonly #browser: Browser;
  readonly #server: EditorServer;
  readonly #dataDirectory: string;
  #changes: Record<string, unknown> = {};

  constructor(
    readonly page: Page,
    browser: Browser,
    server: EditorServer,
    dataDirectory: string,
  ) {
    this.#browser = browser;
    this.#server = server;
    this.#dataDirectory = dataDirectory;
    this.quickPick = new QuickInput(page);
  }

  /** A file or folder in the explorer, by its name without folders. */
  explorerItem(name: string): Locator {
    return this.page.getByRole('tree', { name: /Files Explorer/ }).getByRole('treeitem', { name, exact: true });
  }

  /** Opens a file by a double click in the explorer. */
  async openFile(name: string): Promise<void> {
    await this.explorerItem(name).dblclick();
    await this.tab(name).waitFor();
  }

  /** An editor's tab, by its title. */
  tab(title: string): Locator {
    return this.page.getByRole('tab', { name: title }).first();
  }

  /** Right-clicks `target` and chooses a menu item, by its whole label. */
  async contextMenu(target: Locator, label: string): Promise<void> {
    await this.openContextMenu(target);
    const menu = this.page.locator('.context-view .monaco-menu');
    const item = this.menuItem(label);
    await item.waitFor();
    // The editor's menus take no click in their first tenth of a second, and a busy machine makes that longer.
    for (let attempt = 1; await menu.isVisible(); attempt++) {
      if (attempt > 20)
        throw new Error(`The menu item "${label}" was clicked ${attempt - 1} times, and the menu is still open.`);
      await unlessTimedOut(item.click({ timeout: 2000 }));
      await unlessTimedOut(menu.waitFor({ state: 'detached', timeout: 1000 }));
    }
  }

  /** Right-clicks `target` and leaves the menu open, for tests of what it offers. Escape closes it. */
  async openContextMenu(target: Locator): Promise<void> {
    await target.click({ button: 'right' });
    await this.page.locator('.context-view .monaco-menu').waitFor();
  }

  /** An item of the open menu. */
  menuItem(label: string): Locator {
    return this.page.locator('.context-view .monaco-menu').getByRole('menuitem', { name: label, exact: true });
  }

  /** Runs a command through the command palette, by its whole title with its category (`Factorlens: Show Log`). */
  async commandPalette(title: string): Promise<void> {
    const input = this.quickPick.widget.locator('.quick-input-box input');
    // Whatever takes the focus meanwhile, as a notification does that goes, closes the palette again.
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      await unlessTimedOut(input.fill(`>${title}`, { timeout: 3000 }));
      // It may close between the two.
      const typed = (await input.isVisible()) && (await input.inputValue({ timeout: 3000 }).catch(() => ''));
      if (typed === `>${title}`) break;
      if (attempt === 20) throw new Error(`The command palette closed ${attempt} times.`);
    }
    await this.quickPick.choose(title);
  }

  /** A notification that contains `text`; its buttons are found within by their role. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-list-item').filter({ hasText: text });
  }

  /** The status bar's items that contain `text`. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  /**
   * The page inside the webview that is visible now. A webview is a frame of the editor's own with the extension's page
   * in a frame within it.
   *
   * @param title the tab's title, told when several webviews are visible at once
   */
  webviewFrame(title?: string): FrameLocator {
    const outer =
      title === undefined
        ? 'iframe.webview.ready:visible'
        : `iframe.webview.ready:visible[title=${JSON.stringify(title)}], iframe.webview.ready:visible[name]:has(+ [title=${JSON.stringify(title)}])`;
    return this.page.frameLocator(outer).frameLocator('iframe#active-frame');
  }

  /** Saves what is seen as PNG and returns its path: dist/screenshots/NAME.png. */
  async screenshot(name: string): Promise<string> {
    const folder = join(repository, 'dist', 'screenshots');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Changes the user's settings; the editor takes them up while it runs. */
  updateSettings(settings: Record<string, unknown>): void {
    this.#changes = { ...this.#changes, ...settings };
    this.#server.changeSettings(this.#changes);
  }

  async setTheme(theme: Theme): Promise<void> {
    this.updateSettings({ 'workbench.colorTheme': themeSettings[theme] });
    const type = { dark: 'vs-dark', light: 'vs', 'high contrast': 'hc-black', 'high contrast light': 'hc-light' }[
      theme
    ];
    await this.page.locator(`.monaco-workbench.${type}`).waitFor();
  }

  /**
   * Reloads the window, as *Developer: Reload Window* does: a new extension host, the same workspace. The editor asks
   * before it goes while a backup is still to be written; like a person who wants to lose nothing, this stays and
   * tries again.
   * @param atOnce a window that goes sooner may come back without the editors that were opened last
   * @param leave whatever the editor asks: a backup whose extension host is gone never ends
   */
  async reload({ atOnce = false, leave = false }: { atOnce?: boolean; leave?: boolean } = {}): Promise<void> {
    // In a browser the editor notes every five seconds what is open.
    if (!atOnce) await delay(6000);
    const hosts = this.#server.activatedHosts();
    const deadline = Date.now() + 120_000;
    while (!(await this.#tryReload(leave))) {
      if (Date.now() > deadline)
        throw new Error('The editor still asks to stay after 120 s: it does not end its backups.');
      await delay(500);
    }
    await this.ready(hosts + 1);
  }

  /** @returns whether the page went; false when the editor asked to stay */
  async #tryReload(leave: boolean): Promise<boolean> {
    const left = this.page.waitForEvent('domcontentloaded', { timeout: 60_000 }).then(() => true);
    const asked = this.page.waitForEvent('dialog', { timeout: 60_000 }).then(async (dialog) => {
      if (!leave) await dialog.dismiss();
      else await dialog.accept();
      return leave && left;
    });
    // Whichever does not come is given up without a word.
    left.catch(() => undefined);
    asked.catch(() => undefined);
    await this.page.evaluate(() =>
      setTimeout(() => (globalThis as unknown as { location: { reload(): void } }).location.reload()),
    );
    return Promise.race([left, asked]);
  }

  /** The extension hosts that live now, by their process ids: for tests that kill one, as a crash does. */
  extensionHosts(): readonly number[] {
    return this.#server.processes('--type=extensionHost');
  }

  /** Kills extension hosts, one that has ended meanwhile excepted: of a window that is left one may still be ending. */
  killHosts(hosts: readonly number[]): void {
    for (const host of hosts) {
      try {
        process.kill(host, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /** Factorlens' own workers that live now. */
  workers(): readonly number[] {
    return this.#server.processes(join('dist', 'worker.js'));
  }

  /** Files that the editor keeps for itself, backups among them, by the ending of their names. */
  storedFiles(ending: string): readonly string[] {
    return readdirSync(this.#dataDirectory, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith(ending),
    );
  }

  /** Closes the active editor by its command, which asks about unsaved changes where there are any. */
  async closeEditor(): Promise<void> {
    await this.commandPalette('View: Close Editor');
  }

  /** Ends the browser and the server and removes what they stored. */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    removeDirectory(this.#dataDirectory);
  }

  /** Waits for the workbench and for the `hosts`-th extension host since the start to have activated its extensions. */
  async ready(hosts: number): Promise<void> {
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 120_000 });
    const deadline = Date.now() + 120_000;
    while (this.#server.activatedHosts() < hosts) {
      if (this.#server.ending !== undefined) throw new Error(`The editor's server stopped: ${this.#server.ending}.`);
      if (Date.now() > deadline) {
        const picture = await this.screenshot('editor-not-ready');
        throw new Error(`The extension host was not ready after 120 s; what was seen is in ${picture}.`);
      }
      await delay(200);
    }
  }
}
