import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { unlessTimedOut } from './unless-timed-out';

/** The editor's quick pick and input box, of which one is open at a time. */
export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The whole widget. */
  get widget(): Locator {
    return this.#page.locator('.quick-input-widget:visible');
  }

  /** The choices that are shown now. */
  get items(): Locator {
    return this.widget.locator('.quick-input-list .monaco-list-row');
  }

  /** Waits for the step whose title contains `text`. */
  async waitForTitle(text: string): Promise<void> {
    await this.widget.locator('.quick-input-title').filter({ hasText: text }).waitFor();
  }

  /**
   * Waits for the list whose box says this where nothing is typed. Steps share one widget: what is typed before the next one
   * is there goes to the last.
   */
  async waitForList(placeholder: string): Promise<void> {
    await this.widget.locator(`.quick-input-box input[placeholder^="${placeholder}"]`).waitFor();
  }

  /** Waits for a question that is answered by typing: the list before it has gone. */
  async waitForQuestion(): Promise<void> {
    await this.widget.locator('.quick-input-list').waitFor({ state: 'hidden' });
    await this.widget.waitFor();
  }

  /** Replaces what is typed. */
  async type(text: string): Promise<void> {
    await this.widget.locator('.quick-input-box input').fill(text);
  }

  async accept(): Promise<void> {
    await this.widget.locator('.quick-input-box input').press('Enter');
  }

  /**
   * Answers the file dialog with this title with a path. Some time after it is seen the dialog puts a name of its own there,
   * to which what is typed before is added; and while it looks at the folder that is typed it takes no Enter.
   */
  async answerFileDialog(title: string, path: string): Promise<void> {
    await this.waitForTitle(title);
    const dialog = this.widget.filter({ has: this.#page.locator('.quick-input-title').filter({ hasText: title }) });
    const box = dialog.locator('.quick-input-box input');
    const deadline = Date.now() + 60_000;
    const holds = async (text: RegExp | string): Promise<boolean> => {
      const value = await box.inputValue({ timeout: 1000 }).catch(() => undefined);
      return value !== undefined && (typeof text === 'string' ? value === text : text.test(value));
    };
    while (!(await holds(/^\//)) && Date.now() < deadline) await delay(50);
    while (await dialog.isVisible()) {
      if (Date.now() > deadline) throw new Error(`The dialog "${title}" does not take ${path}.`);
      if (!(await holds(path))) await unlessTimedOut(box.fill(path, { timeout: 1000 }));
      await delay(300);
      if (!(await holds(path))) continue;
      await unlessTimedOut(box.press('Enter', { timeout: 1000 }));
      await unlessTimedOut(dialog.waitFor({ state: 'hidden', timeout: 2000 }));
    }
  }

  async cancel(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.#page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Clicks the choice with this label; a description beside the label does not count. */
  async choose(label: string): Promise<void> {
    const exactly = this.#page.locator('.quick-input-list-rows').getByText(label, { exact: true });
    await this.items.filter({ has: exactly }).first().click();
  }
}
