import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import type { InspectorState, PageMessage } from '../src/protocol/inspector';
import { element, setText } from './dom';
import { post } from './messages';
import { fractionDone, isActive } from './state';
import { devices, shapeOf, statuses } from './words';

/** A click's message, its button's text, and the text while the host has not answered. */
interface Action {
  type: Extract<PageMessage['type'], 'stop' | 'continue' | 'retry' | 'export' | 'show-log'>;
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

  /** Shown only where it does something. */
  show(visible: boolean): void {
    this.node.hidden = !visible;
  }

  /** The host has spoken: the click is answered. */
  settle(): void {
    this.#pending = false;
    this.node.disabled = false;
    setText(this.node, this.action.text);
  }
}

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
  readonly #continue = new ActionButton({ type: 'continue', text: 'Continue', pending: 'Continuing…' });
  readonly #retry = new ActionButton({ type: 'retry', text: 'Retry', pending: 'Retrying…' });
  readonly #export = new ActionButton({ type: 'export', text: 'Export W and H as CSV', secondary: true });
  readonly #log = new ActionButton({ type: 'show-log', text: 'Show Log', secondary: true });

  constructor() {
    const buttons = [this.#stop, this.#continue, this.#retry, this.#export, this.#log].map(({ node }) => node);
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
    this.#dot.dataset['status'] = silent ? 'failed' : state.status;
    setText(this.#status, silent ? 'No longer heard of' : statuses[state.status]);
    const device = silent ? undefined : state.device;
    setText(this.#device, device === undefined ? '' : `on ${devices[device.used]}. ${device.reason}`);
    this.#stop.show(state.can.stop);
    this.#continue.show(state.can.continue);
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
