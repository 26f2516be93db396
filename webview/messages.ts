import type { PageMessage } from '../src/protocol/page-message';
import type { HostMessage } from '../src/protocol/inspector';
import type { Heatmaps } from './heatmap/viewport';

/** How the user looks at the page: kept by the editor, not by the document. */
export interface ViewState {
  /** Absent until chosen: then the scale follows the data. */
  scale?: 'linear' | 'logarithmic';
  heatmaps?: Heatmaps;
  scrollTop?: number;
  /** Names of the sections that are opened. */
  opened?: string[];
}

interface VsCodeApi {
  postMessage(message: PageMessage): void;
  getState(): ViewState | undefined;
  setState(state: ViewState): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// May be called only once in the life of a page.
const api = acquireVsCodeApi();

export function post(message: PageMessage): void {
  api.postMessage(message);
}

let viewState: ViewState = api.getState() ?? {};
let writing: number | undefined;

export function readViewState(): ViewState {
  return viewState;
}

/** Remembers a change of view; written a little later, since panning changes it at every frame. */
export function changeViewState(change: Partial<ViewState>): void {
  viewState = { ...viewState, ...change };
  writing ??= window.setTimeout(() => {
    writing = undefined;
    api.setState(viewState);
  }, 150);
}

/** Listens to the host and sends it the page's own faults. */
export function listen(receive: (message: HostMessage) => void): void {
  window.addEventListener('message', (event: MessageEvent<HostMessage>) => receive(event.data));
  window.addEventListener('error', (event) => {
    const detail: unknown = event.error;
    post({ type: 'page-error', message: detail instanceof Error ? (detail.stack ?? detail.message) : event.message });
  });
  window.addEventListener('unhandledrejection', (event) => {
    const reason: unknown = event.reason;
    post({ type: 'page-error', message: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) });
  });
}
