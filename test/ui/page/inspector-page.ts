import type { PageMessage } from '../../../src/protocol/page-message';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { HostMessage, InspectorState } from '../../../src/protocol/inspector';
import { repository } from '../../support/repository';
import { type EditorTheme, themes } from './themes';

const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css' };

/** Typed arrays do not survive JSON; the stand-in host revives what this makes of them. */
function encode(_key: string, value: unknown): unknown {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return { $array: value.constructor.name, base64 };
  }
  return value;
}

/** Where a heatmap's plot lies and what it shows, as the page tells it. */
export interface HeatmapDescription {
  range: { kind: string; low: number; high: number };
  plot: { left: number; top: number; width: number; height: number };
  row: number;
  column: number;
  cellWidth: number;
  cellHeight: number;
  selection?: { row: number; column: number; value: number; among: number };
  cost: { cellsRead: number; pixels: number };
}

/** The axis and the lines of a chart by rank; a gap is null. */
export interface RankChartDescription {
  scale?: string;
  lines: { x: number; y: number | null }[][];
}

/** The heatmaps of the page. */
type HeatmapName = 'W' | 'H' | 'consensus';

export interface PageDescription {
  ranks: {
    scale: string;
    points: { x: number; y: number }[];
    whiskers: { x: number; y: number }[];
    explained: RankChartDescription;
    singular: RankChartDescription;
    agreement: RankChartDescription;
  };
  convergence: {
    scale: string;
    lines: { label: string; colour: string; width: number; points: { x: number; y: number }[] }[];
  };
  W: HeatmapDescription;
  H: HeatmapDescription;
  consensus: HeatmapDescription;
}

/** The inspector's page in a browser, with a stand-in for the editor around it. */
export class InspectorPage {
  /** Faults of the page and whatever its security policy refused. */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly theme: EditorTheme,
  ) {}

  static async open(
    site: Site,
    options: { width?: number; height?: number; ratio?: number; theme?: EditorTheme } = {},
  ): Promise<InspectorPage> {
    const { width = 1200, height = 900, ratio = 1, theme = themes.dark } = options;
    const page = await site.browser.newPage({ viewport: { width, height }, deviceScaleFactor: ratio });
    const inspector = new InspectorPage(page, theme);
    page.on('pageerror', (error) => inspector.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') inspector.faults.push(message.text());
    });
    await inspector.load(site);
    return inspector;
  }

  private async load(site: Site): Promise<void> {
    await this.page.goto(site.address);
    await this.setTheme(this.theme);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.setTheme(this.theme);
  }

  async setTheme({ kind, variables }: EditorTheme): Promise<void> {
    await this.page.evaluate<unknown>(`host.setTheme(${JSON.stringify({ kind, variables })})`);
    await this.settle();
  }

  async send(message: HostMessage): Promise<void> {
    await this.deliver(message);
    await this.settle();
  }

  /** Sends a message and does not wait until it is drawn. */
  async deliver(message: HostMessage): Promise<void> {
    await this.page.evaluate<unknown>(`host.send(${JSON.stringify(JSON.stringify(message, encode))})`);
  }

  /** Calls back with whatever the page posts from now on. */
  async listen(hear: (message: PageMessage) => void): Promise<void> {
    await this.page.exposeFunction('hear', hear);
    await this.page.evaluate<unknown>('posted.push = (message) => { void hear(message); }');
  }

  async show(state: InspectorState): Promise<void> {
    await this.send({ type: 'snapshot', state });
  }

  /** Waits until what was asked of the page has been drawn. */
  async settle(): Promise<void> {
    await this.page.evaluate<unknown>('host.frames(4)');
  }

  /** What the page has asked for, without its word that it has drawn. */
  async posted(): Promise<PageMessage[]> {
    return (await this.page.evaluate<PageMessage[]>('posted')).filter(({ type }) => type !== 'drawn');
  }

  describe(): Promise<PageDescription> {
    return this.page.evaluate<PageDescription>('JSON.parse(JSON.stringify(factorlensInspector.describe()))');
  }

  /** The state that the page holds, typed arrays as lists. */
  state(): Promise<unknown> {
    return this.page.evaluate<unknown>('host.state()');
  }

  pixel(factor: HeatmapName, x: number, y: number): Promise<[number, number, number, number]> {
    return this.page.evaluate(`host.pixel('[data-factor=${factor}] .heatmap-canvas', ${x}, ${y})`);
  }

  /** The viewport's position of a point of a heatmap's canvas, after scrolling to it. */
  async point(factor: HeatmapName, x: number, y: number): Promise<{ x: number; y: number }> {
    const canvas = this.page.locator(`[data-factor=${factor}] .heatmap-canvas`);
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error(`The heatmap of ${factor} is not shown.`);
    return { x: box.x + x, y: box.y + y };
  }

  async hover(factor: HeatmapName, x: number, y: number): Promise<void> {
    const at = await this.point(factor, x, y);
    await this.page.mouse.move(at.x, at.y);
    await this.settle();
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
    await this.settle();
  }

  async focus(factor: HeatmapName): Promise<void> {
    await this.page.locator(`[data-factor=${factor}] .heatmap-canvas`).focus();
  }

  async tooltip(factor: HeatmapName): Promise<string> {
    const text = await this.page.locator(`[data-factor=${factor}] .tooltip`).innerText();
    return text.replace(/\s+/g, ' ');
  }

  /** The cells of the table below a selector, row by row. */
  table(selector: string): Promise<string[][]> {
    const rows = `[...document.querySelectorAll(${JSON.stringify(`${selector} tr`)})]`;
    return this.page.evaluate(`${rows}.map((row) => [...row.children].map((cell) => cell.textContent))`);
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** The bundled page behind the security policy that the extension gives it, and a browser to look at it. */
export class Site {
  private constructor(
    readonly browser: Browser,
    readonly address: string,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Site> {
    const folder = await mkdtemp(join(tmpdir(), 'factorlens-page-'));
    await build({
      entryPoints: {
        inspector: join(repository, 'webview', 'inspector.ts'),
        host: join(repository, 'test', 'ui', 'page', 'stand-in', 'host.ts'),
      },
      bundle: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      outdir: folder,
      logLevel: 'warning',
    });
    const nonce = 'c3RhbmQtaW4';
    const server = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        const name = (request.url ?? '/').slice(1);
        if (name === '') {
          const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
          const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${own}; img-src ${own} data: blob:; font-src ${own}`;
          response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
          response.end(
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
              '<title>Factorlens</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/inspector.css"></head><body>' +
              `<div id="inspector"></div><script nonce="${nonce}" src="/host.js"></script>` +
              `<script nonce="${nonce}" src="/inspector.js"></script></body></html>`,
          );
          return;
        }
        response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' });
        response.end(await readFile(join(folder, name)));
      };
      answer().catch((error: unknown) => {
        response.writeHead(404);
        response.end(String(error));
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    return new Site(browser, `http://127.0.0.1:${port}/`, server, folder);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
    await rm(this.folder, { recursive: true });
  }
}
