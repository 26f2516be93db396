import './inspector.css';
import type { HostMessage, InspectorState } from '../src/protocol/inspector';
import { Components } from './components';
import { Consensus } from './consensus';
import { Convergence } from './convergence';
import { element } from './dom';
import { drawing, takeDrawingTime } from './drawing-time';
import { Factors } from './factors';
import { Facts, Figures } from './figures';
import { Header } from './header';
import { HostSilence } from './host-silence';
import { changeViewState, listen, post, readViewState } from './messages';
import { Failure, Reading, Silence, Stage, Warnings } from './notices';
import { RankTable } from './rank-table';
import { Ranks } from './ranks';
import { applyProgress } from '../src/protocol/apply-progress';
import { isActive, lastKnown } from './state';
import { observeTheme } from './theme';

declare global {
  interface Window {
    /** What the page shows, for tests and for reports of faults. */
    factorlensInspector: { getState(): InspectorState | undefined; describe(): object };
  }
}

const root = document.getElementById('inspector');
if (root === null) {
  throw new Error('The page lacks its root element #inspector.');
}

const header = new Header();
const factors = new Factors();
const convergence = new Convergence();
const consensus = new Consensus();
const isOpen = (name: string): boolean => readViewState().opened?.includes(name) === true;
const remember = (name: string) => (open: boolean) => {
  const others = (readViewState().opened ?? []).filter((other) => other !== name);
  changeViewState({ opened: [...others, ...(open ? [name] : [])] });
};
const ranks = new Ranks(new RankTable(isOpen('ranks'), remember('ranks')));
const silenceNotice = new Silence();
const parts = [
  new Failure(),
  silenceNotice,
  new Stage(),
  new Warnings(),
  new Reading(() => isOpen('reading'), remember('reading')),
  new Figures(),
  convergence,
  factors,
  new Components(),
  consensus,
  ranks,
  new Facts(),
];
root.append(header.node, element('main', {}, ...parts.map(({ node }) => node)));
root.hidden = true;

let state: InspectorState | undefined;
let scheduled = false;
/** The host waits for word that what it sent is drawn. */
let awaited = false;
const silence = new HostSilence(() => schedule());
let restoredScroll = false;

function render(): void {
  scheduled = false;
  if (root === null || state === undefined) {
    return;
  }
  root.hidden = false;
  const { silent } = silence;
  const shown = silent ? lastKnown(state) : state;
  header.update(shown, silent);
  silenceNotice.silent = silent;
  for (const part of parts) {
    part.update(shown);
  }
  if (awaited) {
    awaited = false;
    // The heatmaps draw in the next frame.
    requestAnimationFrame(() => setTimeout(() => post({ type: 'drawn', milliseconds: takeDrawingTime() })));
  }
  if (!restoredScroll) {
    restoredScroll = true;
    document.documentElement.scrollTop = readViewState().scrollTop ?? 0;
  }
}

function receive(message: HostMessage): void {
  silence.hear();
  if (message.type === 'beat') {
    return;
  } else if (message.type === 'snapshot') {
    state = message.state;
    header.settle();
  } else if (state === undefined) {
    // Increments mean nothing before a snapshot, which `ready` has asked for.
    return;
  } else {
    state = message.progress.reduce(applyProgress, state);
  }
  awaited ||= state.status === 'running';
  silence.watch(isActive(state));
  schedule();
}

function schedule(): void {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(() => drawing(render));
  }
}

window.addEventListener('scroll', () => changeViewState({ scrollTop: document.documentElement.scrollTop }), {
  passive: true,
});
observeTheme((theme) => {
  ranks.retheme(theme);
  convergence.retheme(theme);
  factors.retheme(theme);
  consensus.retheme(theme);
});
window.factorlensInspector = {
  getState: () => state,
  describe: () => ({
    convergence: convergence.describe(),
    ranks: ranks.describe(),
    W: factors.W.describe(),
    H: factors.H.describe(),
    consensus: consensus.heatmap.describe(),
  }),
};
listen(receive);
post({ type: 'ready' });
