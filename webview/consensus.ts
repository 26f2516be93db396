import type { ConsensusMatrix } from '../src/factorization/diagnostics/findings';
import type { InspectorState } from '../src/protocol/inspector';
import { type Cluster, clustersOf, inOrder } from './consensus-clusters';
import { element, setText } from './dom';
import { formatCount, formatNumber, formatPercent, plural } from './format';
import { Heatmap } from './heatmap/view';
import { changeViewState, readViewState } from './messages';
import type { Theme } from './theme';

/** How far the restarts agree on which rows belong together: the matrix, ordered by its clustering, and its figures. */
export class Consensus {
  readonly node: HTMLElement;
  readonly heatmap: Heatmap;
  readonly #sentence = element('p', { className: 'section-sentence' });
  readonly #figures = element('dl', { className: 'pairs' });
  readonly #body = element('tbody');
  #shown: ConsensusMatrix | undefined;

  constructor() {
    this.heatmap = new Heatmap('consensus', readViewState().heatmaps?.consensus, () => {
      const consensus = this.heatmap.remember();
      changeViewState({ heatmaps: { ...readViewState().heatmaps, ...(consensus && { consensus }) } });
    });
    const heads = ['Cluster', 'Rows', 'Within', 'With others'].map((text) =>
      element('th', { text, attributes: { scope: 'col' } }),
    );
    this.node = element(
      'section',
      { className: 'consensus' },
      element('div', { className: 'section-head' }, element('h2', { text: 'Agreement of the Restarts' })),
      this.#sentence,
      element(
        'div',
        { className: 'consensus-body' },
        this.heatmap.node,
        element(
          'div',
          {},
          this.#figures,
          element(
            'div',
            {
              className: 'table-region',
              attributes: { tabindex: '0', role: 'region', 'aria-label': 'Clusters of rows' },
            },
            element(
              'table',
              {},
              element('caption', {
                className: 'visually-hidden',
                text: 'Clusters of rows along the diagonal, and how often the restarts have their rows together',
              }),
              element('thead', {}, element('tr', {}, ...heads)),
              this.#body,
            ),
          ),
        ),
      ),
    );
  }

  update({ consensus, factors, rows: count = 0 }: InspectorState): void {
    const known = consensus?.kind === 'consensus' ? consensus : undefined;
    this.node.hidden = known === undefined;
    if (known === undefined || known === this.#shown) {
      return;
    }
    this.#shown = known;
    const { rows, order, restarts, cophenetic, dispersion } = known;
    const sample =
      rows.length < count
        ? `${formatCount(rows.length)} of ${plural(count, 'row')}, drawn at random`
        : plural(count, 'row');
    setText(
      this.#sentence,
      `Each restart puts every row into the group of its largest component; a cell is the part of the ${plural(restarts, 'restart')} that have its two rows in one group. ${sample}, ordered by average-linkage clustering: clear blocks along the diagonal are groups that do not depend on the start.`,
    );
    const pair = (term: string, value: string, meaning: string): HTMLElement[] => [
      element('dt', { text: term }),
      element('dd', {}, element('strong', { text: value }), ` ${meaning}`),
    ];
    this.#figures.replaceChildren(
      ...pair(
        'Cophenetic correlation',
        cophenetic === undefined ? 'none' : formatNumber(cophenetic),
        cophenetic === undefined
          ? 'since all pairs of rows are alike'
          : 'of at most 1, where the clusters tell all that the restarts say',
      ),
      ...pair(
        'Dispersion',
        formatNumber(dispersion),
        'of at most 1, where all restarts agree on every pair; at 0 every pair is a toss-up',
      ),
    );
    this.#body.replaceChildren(...clustersOf(known).map(clusterRow));
    const labels = factors?.rowLabels;
    const numbers = order.map((at) => (rows[at] ?? 0) + 1);
    const axis = {
      noun: 'row',
      count: rows.length,
      numbers,
      ...(labels && { labels: numbers.map((number) => labels[number - 1] ?? String(number)) }),
    };
    this.heatmap.update({
      matrix: { rows: rows.length, columns: rows.length, rowStep: 1, columnStep: 1, values: inOrder(known) },
      rows: { ...axis, title: 'rows of X, by cluster' },
      columns: { ...axis, title: 'rows of X, by cluster' },
    });
  }

  retheme(theme: Theme): void {
    this.heatmap.retheme(theme);
  }
}

function clusterRow({ size, within, outside }: Cluster, index: number): HTMLElement {
  const cells = [
    formatCount(size),
    ...[within, outside].map((part) => (part === undefined ? '–' : formatPercent(part))),
  ];
  return element(
    'tr',
    {},
    element('th', { text: String(index + 1), attributes: { scope: 'row' } }),
    ...cells.map((text) => element('td', { text })),
  );
}
