import '@vscode-elements/elements/dist/vscode-button/index.js';
import { arrayText, documentsText, imageText, pagesText, rangeText, samplesText } from '../src/wording/reading';
import { visible } from '../src/untrusted/text';
import type { ReadReport } from '../src/data/reading-report';
import type { InspectorState, JobStatus } from '../src/protocol/inspector';
import { element, labelled, Refreshed, sentence, setSentence, setText } from './dom';
import { plural } from './format';
import { post } from './messages';
import { isFitted, stageOf, stageOfStatus, standingOf, statuses } from './words';

/** The steps of a job in order; ranks are compared only where the data are to choose one. */
const stagesOf = (state: InspectorState): JobStatus[] => [
  'queued',
  'reading',
  ...(state.rank === undefined || state.rankCurve !== undefined ? ['choosing-rank' as const] : []),
  'compiling',
  'running',
];

/** What stands in place of the charts before there are any, and what went wrong. */
export class Stage {
  readonly node: HTMLElement;
  readonly #sentence = element('p', { className: 'stage-sentence' });
  readonly #list = element('ol', { className: 'steps' });
  readonly #steps = new Refreshed(this.#list);

  constructor() {
    this.node = element(
      'section',
      { className: 'stage', attributes: { 'aria-label': 'Progress' } },
      this.#list,
      this.#sentence,
    );
  }

  update(state: InspectorState): void {
    this.node.hidden = state.status === 'failed' || state.restarts.length > 0;
    setSentence(this.#sentence, stageOf(state));
    this.#list.hidden = isFitted(state);
    const stages = stagesOf(state);
    const current = stages.indexOf(stageOfStatus(state));
    this.#steps.update(stages, () => stages.map((stage) => element('li', { text: statuses[stage] })));
    [...this.#list.children].forEach((step, index) => {
      step.className = index < current ? 'past' : index === current ? 'current' : '';
      if (index === current) step.setAttribute('aria-current', 'step');
      else step.removeAttribute('aria-current');
    });
  }
}

/** The error, to be read and copied as it stands. */
export class Failure {
  readonly node: HTMLElement;
  readonly #title = element('h2');
  readonly #text = element('p', { className: 'error-text' });
  readonly #kept = element('p', { className: 'failure-kept', text: 'What was there before is kept, and shown below.' });

  constructor() {
    this.node = element(
      'section',
      { className: 'failure', attributes: { role: 'alert' } },
      this.#title,
      this.#text,
      this.#kept,
    );
  }

  update(state: InspectorState): void {
    this.node.hidden = state.status !== 'failed';
    // Figures are of a result.
    const kept = state.statistics !== undefined;
    this.#kept.hidden = !kept;
    setText(this.#title, kept ? 'It could not go on' : 'This factorization failed');
    setText(this.#text, state.status === 'failed' ? (state.error ?? 'No reason was given. The log may say more.') : '');
  }
}

/** That the host has gone, what was last known, and what to do. */
export class Silence {
  readonly node: HTMLElement;
  silent = false;
  readonly #known = element('p', { className: 'silence-text' });

  constructor() {
    this.node = element(
      'section',
      { className: 'failure silence', attributes: { role: 'alert' } },
      element('h2', { text: 'The extension host no longer answers' }),
      this.#known,
      element('p', {
        className: 'silence-text',
        text: 'It has most likely ended, and this job with it. Reload the window (Developer: Reload Window): what was last backed up is then shown here, and Continue goes on from it. If the extension host was only busy, this notice goes by itself.',
      }),
    );
  }

  update(state: InspectorState): void {
    this.node.hidden = !this.silent;
    this.#known.replaceChildren(...(this.silent ? ['Last heard: ', ...standingOf(state), '.'] : []));
  }
}

/** Does what a warning suggests, as a job of its own. */
function adviceButton(action: string, index: number): HTMLElement {
  const button = document.createElement('vscode-button');
  button.secondary = true;
  button.textContent = visible(action);
  button.addEventListener('click', () => post({ type: 'take-advice', index }));
  return button;
}

/** Things the user should know, one a line. */
export class Warnings {
  readonly node = element('section', { className: 'warnings', attributes: { 'aria-label': 'Warnings' } });
  readonly #list = new Refreshed(element('ul'));

  constructor() {
    this.node.append(this.#list.node);
  }

  update({ warnings, advice = [] }: InspectorState): void {
    this.node.hidden = warnings.length === 0;
    this.#list.update({ warnings, advice }, () =>
      warnings.map((text) => {
        const index = advice.findIndex((known) => known.text === text);
        const { action } = advice[index] ?? {};
        return action === undefined
          ? element('li', { text })
          : element('li', { className: 'advised' }, element('span', { text }), adviceButton(action, index));
      }),
    );
  }
}

function summary(reading: ReadReport): (Node | string)[] {
  if (reading.kind === 'image') {
    const { format, width, height, pages, as, range } = reading;
    return [
      labelled(format),
      ` image, ${width} × ${height} pixels, ${samplesText(reading)}${pagesText(pages, 1)}, read as ${imageText(as)}${rangeText(range)}`,
    ];
  }
  if (reading.kind === 'text') {
    const { from, ...options } = reading.options;
    const terms = documentsText({ ...reading, options });
    return from === undefined ? [terms] : [...sentence`text of ${from}`, terms.replace(/^text/, '')];
  }
  if (reading.kind === 'array') return [arrayText(reading)];
  if (reading.kind === 'images') {
    const { count, width, height, as, file, range } = reading;
    const how = `read as ${imageText(as)}${rangeText(range)}`;
    return file === undefined
      ? [`${plural(count, 'image')}, the first of ${width} × ${height} pixels, ${how}`]
      : [
          labelled(file.format),
          ` image, ${width} × ${height} pixels, ${samplesText(file)}${pagesText(file.pages, count)}, ${how}`,
        ];
  }
  if (reading.kind === 'long') {
    const { row, column, value, weight } = reading;
    const weighed = weight === undefined ? [] : sentence`, weight ${weight}`;
    return [...sentence`an entry a line: rows by ${row}, columns by ${column}, value ${value}`, ...weighed];
  }
  const parts: (Node | string)[] = [`${plural(reading.features.length, 'feature')} used`];
  if (reading.label !== undefined) {
    parts.push(...sentence`; label: ${reading.label}`);
  }
  if (reading.leftOut.length > 0) {
    parts.push(`; left out: ${plural(reading.leftOut.length, 'column')}`);
  }
  return parts;
}

const delimiters: Record<string, string> = { ',': 'comma', '\t': 'tab', ';': 'semicolon', '|': 'bar', ' ': 'space' };

function explain(reading: ReadReport): Node[] {
  if (!('delimiter' in reading)) {
    return [];
  }
  const entry = (term: Node | string, ...description: (Node | string)[]): Node[] => [
    element('dt', {}, term),
    element('dd', {}, ...description),
  ];
  const list = element('dl', { className: 'pairs' });
  const delimiter = delimiters[reading.delimiter] ?? reading.delimiter;
  const header = reading.header ? 'first line is a header' : 'no header';
  const decimal = reading.decimal === ',' ? 'decimal comma' : 'decimal point';
  list.append(...entry('Read as', ...sentence`${delimiter}-separated, ${reading.encoding}`, `, ${decimal}, ${header}`));
  if (reading.kind === 'long') {
    for (const column of reading.leftOut) {
      list.append(...entry(labelled(column), 'left out'));
    }
    return [list];
  }
  if (reading.label !== undefined) {
    list.append(...entry('Names the rows', labelled(reading.label)));
  }
  for (const { column, reason } of reading.leftOut) {
    list.append(...entry(labelled(column), ...sentence`left out: ${reason}`));
  }
  const features = reading.features.flatMap((name, index) => [...(index === 0 ? [] : [', ']), labelled(name)]);
  list.append(...entry('Features', element('span', { className: 'features' }, ...features)));
  return [list];
}

/** Which column went where, with the reasons to be unfolded. */
export class Reading {
  readonly node = element('section', { className: 'reading' });
  readonly #content = new Refreshed(this.node);

  constructor(
    readonly isOpen: () => boolean,
    readonly opened: (open: boolean) => void,
  ) {}

  update({ reading }: InspectorState): void {
    this.node.hidden = reading === undefined;
    this.#content.update(reading, () => {
      if (reading === undefined) {
        return [];
      }
      const more = explain(reading);
      if (more.length === 0) {
        return [element('p', { className: 'reading-summary' }, ...summary(reading))];
      }
      const details = element('details', {}, element('summary', {}, ...summary(reading)), ...more);
      details.open = this.isOpen();
      details.addEventListener('toggle', () => this.opened(details.open));
      return [details];
    });
  }
}
