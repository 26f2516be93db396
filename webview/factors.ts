import type { InspectorState } from '../src/protocol/inspector';
import { isolated } from '../src/untrusted/text';
import { element } from './dom';
import { Heatmap } from './heatmap/view';
import { changeViewState, readViewState } from './messages';
import type { Theme } from './theme';

/** W and H, side by side where there is room. */
export class Factors {
  readonly node: HTMLElement;
  readonly W: Heatmap;
  readonly H: Heatmap;
  #shown: InspectorState | undefined;

  constructor() {
    const remembered = readViewState().heatmaps ?? {};
    const changed = (): void => {
      const W = this.W.remember();
      const H = this.H.remember();
      changeViewState({ heatmaps: { ...readViewState().heatmaps, ...(W && { W }), ...(H && { H }) } });
    };
    this.W = new Heatmap('W', remembered.W, changed);
    this.H = new Heatmap('H', remembered.H, changed);
    this.node = element(
      'section',
      { className: 'factors' },
      element('h2', { text: 'Factors' }),
      element('div', { className: 'factors-body' }, this.W.node, this.H.node),
    );
  }

  update(state: InspectorState): void {
    const { factors, rows, columns, rank, reading } = state;
    this.node.hidden = factors === undefined;
    const same = factors === this.#shown?.factors && rows === this.#shown?.rows && reading === this.#shown?.reading;
    if (factors === undefined || same) {
      return;
    }
    this.#shown = state;
    const { W, H, rowLabels, columnLabels } = factors;
    const image = reading?.kind === 'image' && (reading.as === undefined || reading.as.as !== 'patches');
    const pixels = image || reading?.kind === 'image' || reading?.kind === 'images';
    const long = reading?.kind === 'long' ? reading : undefined;
    const label = reading?.kind === 'table' ? reading.label : long?.row;
    const components = { title: 'components', noun: 'component', count: rank ?? 0 };
    this.W.update({
      matrix: W,
      components: 'columns',
      rows: {
        title: image ? 'pixel rows' : label === undefined ? 'rows of X' : `rows of X, by ${isolated(label)}`,
        noun: 'row',
        count: rows ?? W.rows * W.rowStep,
        ...(rowLabels && { labels: rowLabels }),
      },
      columns: components,
    });
    this.H.update({
      matrix: H,
      components: 'rows',
      rows: components,
      columns: {
        title: pixels
          ? image
            ? 'pixel columns'
            : 'pixels'
          : long
            ? `columns of X, by ${isolated(long.column)}`
            : 'columns of X',
        noun: 'column',
        count: columns ?? H.columns * H.columnStep,
        ...(columnLabels && { labels: columnLabels }),
      },
    });
  }

  retheme(theme: Theme): void {
    this.W.retheme(theme);
    this.H.retheme(theme);
  }
}
