import type { PageMessage } from '../src/protocol/page-message';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { StopReason } from '../src/model/stopping';
import type { InspectorState } from '../src/protocol/inspector';
import { element, setText } from './dom';
import { post } from './messages';
import { bestOf, fractionDone, isActive } from './state';
import { devices, isFitted, shapeOf, statusWord } from './words';

/** A click's message, its button's text, and the text while the host has not answered. */
interface Action {
  type: Extract<PageMessage['type'], 'stop' | 'save' | 'continue' | 'retry' | 'export' | 'show-log'>;
  text: string;
  pending?: string;
  secondary?: boolean;
}

class ActionButton {
  readonly node = document.createElement('vscode-button');
  #pending = false;

  constructor(readonly action: Action) {
    this.node.textContent = action.text;
    this.node.secondary = action.secondary === true;
    this.node.dataset['action'] = action.type;
    this.node.addEventListener('click', () => {
      if (this.#pending) {
        return;
      }
      if (action.pending !== undefined) {
        this.#pending = true;
        this.node.disabled = true;
        setText(this.node, action.pending);
      }
      post({ type: action.type });
    });
  }

  /** Shown only where it does something. @param secondary whether another button is what one would press first */
  show(visible: boolean, secondary = this.action.secondary === true): void {
    this.node.hidden = !visible;
    this.node.secondary = secondary;
  }

  /** The host has spoken: the click is answered. */
  settle(): void {
    this.#pending = false;
    this.node.disabled = false;
    setText(this.node, this.action.text);
  }
}

/** Endings after which more iterations promise more. */
const unfinished: ReadonlySet<StopReason> = new Set<StopReason>(['iterations', 'time', 'stopped']);

/** The strip at the top: what is factorized, how it stands, and what can be done. */
export class Header {
  readonly node: HTMLElement;
  readonly #source = element('bdi');
  readonly #shape = element('p', { className: 'shape' });
  readonly #objective = element('p', { className: 'objective' });
  readonly #dot = element('span', { className: 'dot', attributes: { 'aria-hidden': 'true' } });
  readonly #status = element('span', { className: 'status-word', attributes: { role: 'status' } });
  readonly #device = element('span', { className: 'device' });
  readonly #progress = document.createElement('vscode-progress-bar');
  readonly #stop = new ActionButton({ type: 'stop', text: 'Stop', pending: 'Stopping…' });
  readonly #save = new ActionButton({ type: 'save', text: 'Save' });
  readonly #continue = new ActionButton({ type: 'continue', text: 'Continue', pending: 'Continuing…' });
  readonly #retry = new ActionButton({ type: 'retry', text: 'Retry', pending: 'Retrying…' });
  readonly #export = new ActionButton({ type: 'export', text: 'Export W and H as CSV', secondary: true });
  readonly #log = new ActionButton({ type: 'show-log', text: 'Show Log', secondary: true });

  constructor() {
    const buttons = [this.#stop, this.#save, this.#retry, this.#continue, this.#export, this.#log].map(
      ({ node }) => node,
    );
    this.#progress.ariaLabel = 'Progress of the factorization';
    this.node = element(
      'header',
      { className: 'strip' },
      element('div', { className: 'title' }, element('h1', {}, this.#source), this.#shape, this.#objective),
      element('div', { className: 'actions' }, ...buttons),
      element('p', { className: 'status' }, this.#dot, this.#status, ' ', this.#device),
      this.#progress,
    );
  }

  /** @param silent the host has not been heard of for long */
  update(state: InspectorState, silent: boolean): void {
    setText(this.#source, state.source);
    setText(this.#shape, shapeOf(state));
    setText(this.#objective, state.objective);
    this.#dot.dataset['status'] = silent ? 'failed' : (state.cutShort ?? state.status);
    setText(this.#status, silent ? 'No longer heard of' : statusWord(state));
    const device = silent ? undefined : state.device;
    setText(this.#device, device === undefined ? '' : `on ${devices[device.used]}. ${device.reason}`);
    this.#stop.show(state.can.stop);
    const save = state.can.save && (!isActive(state) || isFitted(state));
    this.#save.show(save, state.can.retry);
    // What has converged gains next to nothing by more iterations.
    const best = state.restarts[bestOf(state) ?? -1];
    const more = best?.stopReason !== undefined && unfinished.has(best.stopReason);
    this.#continue.show(state.can.continue, save || state.can.retry || !more);
    this.#retry.show(state.can.retry);
    this.#export.show(state.can.export);
    this.#log.show(!silent);
    const busy = isActive(state) && !silent;
    const fraction = fractionDone(state);
    this.#progress.classList.toggle('idle', !busy);
    this.#progress.indeterminate = busy && fraction === undefined;
    this.#progress.value = busy ? 100 * (fraction ?? 0) : 0;
  }

  /** A snapshot has come: whatever was clicked is answered by it. */
  settle(): void {
    for (const button of [this.#stop, this.#continue, this.#retry]) {
      button.settle();
    }
  }
}
