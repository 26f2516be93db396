import type { PageMessage } from '../../../../src/protocol/page-message';
// What the editor gives a webview: its API, a theme, and messages. The tests' server puts it before the page's script.

type Colour = readonly [number, number, number];

/** What the tests ask of the page from outside. */
interface StandInHost {
  /** Sends a message whose typed arrays the test has encoded. */
  send(json: string): void;
  setTheme(theme: { kind: string; variables: Record<string, string> }): void;
  /** Red, green, blue and alpha of a canvas at a point given in CSS pixels. */
  pixel(selector: string, x: number, y: number): number[];
  /** Number of opaque pixels of a canvas within `tolerance` of a colour. */
  count(selector: string, colour: Colour, tolerance: number): number;
  /** The page's state with its typed arrays as lists, so that it can be compared. */
  state(): unknown;
  /** Resolves after so many frames. */
  frames(count: number): Promise<void>;
}

declare global {
  interface Window {
    posted: PageMessage[];
    host: StandInHost;
    acquireVsCodeApi(): object;
  }
}

const stateKey = 'view-state';
let acquired = false;
window.posted = [];
window.acquireVsCodeApi = () => {
  if (acquired) throw new Error('An instance of the VS Code API has already been acquired');
  acquired = true;
  return {
    postMessage: (message: PageMessage) => window.posted.push(structuredClone(message)),
    getState: (): unknown => JSON.parse(sessionStorage.getItem(stateKey) ?? 'null') ?? undefined,
    setState: (state: unknown) => sessionStorage.setItem(stateKey, JSON.stringify(state)),
  };
};

interface EncodedArray {
  $array: 'Float32Array' | 'Float64Array';
  base64: string;
}

function isEncoded(value: unknown): value is EncodedArray {
  return typeof value === 'object' && value !== null && '$array' in value;
}

function revive(_key: string, value: unknown): unknown {
  if (!isEncoded(value)) return value;
  const { buffer } = Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0));
  return value.$array === 'Float32Array' ? new Float32Array(buffer) : new Float64Array(buffer);
}

function canvasOf(selector: string): { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } {
  const canvas = document.querySelector<HTMLCanvasElement>(selector);
  const context = canvas?.getContext('2d');
  if (!canvas || !context) throw new Error(`There is no canvas ${selector}.`);
  return { canvas, context };
}

window.host = {
  send: (json) => window.postMessage(JSON.parse(json, revive), '*'),
  setTheme: ({ kind, variables }) => {
    document.body.className = kind;
    for (const [name, value] of Object.entries(variables)) {
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
  },
  pixel: (selector, x, y) => {
    const { canvas, context } = canvasOf(selector);
    const ratio = canvas.width / canvas.clientWidth;
    return Array.from(context.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data);
  },
  count: (selector, colour, tolerance) => {
    const { canvas, context } = canvasOf(selector);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
      const near = colour.every((level, band) => Math.abs((data[i + band] ?? 0) - level) <= tolerance);
      if (near && data[i + 3] === 255) found++;
    }
    return found;
  },
  state: () => {
    const list = (_key: string, value: unknown): unknown =>
      value instanceof Float32Array || value instanceof Float64Array ? Array.from(value) : value;
    return JSON.parse(JSON.stringify(window.factorlensInspector.getState() ?? null, list)) as unknown;
  },
  frames: (count) =>
    new Promise((done) => {
      const next = (left: number): void => {
        if (left === 0) done();
        else requestAnimationFrame(() => next(left - 1));
      };
      next(count);
    }),
};
