import type { InspectorState } from '../src/protocol/inspector';
import { element } from './dom';
import { formatNumber, formatPercent } from './format';

interface Column {
  head: string;
  /** By rank. */
  cells: ReadonlyMap<number, string>;
}

/** What the charts by rank show, in numbers, to be unfolded. */
export class RankTable {
  readonly node: HTMLDetailsElement;
  readonly #region = element('div', {
    className: 'table-region',
    attributes: { tabindex: '0', role: 'region', 'aria-label': 'Ranks' },
  });

  constructor(open: boolean, opened: (open: boolean) => void) {
    this.node = element(
      'details',
      { className: 'rank-table' },
      element('summary', { text: 'Every rank in numbers' }),
      this.#region,
    );
    this.node.open = open;
    this.node.addEventListener('toggle', () => opened(this.node.open));
  }

  update(state: InspectorState): void {
    const columns = columnsOf(state).filter(({ cells }) => cells.size > 0);
    const ranks = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))].sort((a, b) => a - b);
    const heads = ['Rank', ...columns.map(({ head }) => head)].map((text) =>
      element('th', { text, attributes: { scope: 'col' } }),
    );
    const rows = ranks.map((rank) =>
      element(
        'tr',
        { className: rank === state.rank ? 'best' : '' },
        element(
          'th',
          { attributes: { scope: 'row' } },
          String(rank),
          ...(rank === state.rank ? [' ', element('span', { className: 'badge', text: 'this result' })] : []),
        ),
        ...columns.map(({ cells }) => element('td', { text: cells.get(rank) ?? '–' })),
      ),
    );
    this.#region.replaceChildren(
      element(
        'table',
        {},
        element('caption', { className: 'visually-hidden', text: 'What is known of every rank' }),
        element('thead', {}, element('tr', {}, ...heads)),
        element('tbody', {}, ...rows),
      ),
    );
  }
}

function columnsOf({ rankCurve = [], scree }: InspectorState): Column[] {
  const tried = (head: string, text: (point: (typeof rankCurve)[number]) => string | undefined): Column => ({
    head,
    cells: new Map(
      rankCurve.flatMap((point) => {
        const cell = text(point);
        return cell === undefined ? [] : [[point.rank, cell] as const];
      }),
    ),
  });
  const known = (head: string, values: readonly number[], format: (value: number) => string): Column => ({
    head,
    cells: new Map(values.map((value, k) => [k + 1, format(value)])),
  });
  const { values, explainedVariance } =
    scree?.kind === 'singular-values' ? scree : { values: [], explainedVariance: [] };
  return [
    tried('Held-out loss', ({ error, standardError }) => `${formatNumber(error)} ± ${formatNumber(standardError, 2)}`),
    tried('Fits explain', ({ explainedVariance: part }) => (part === undefined ? part : formatPercent(part))),
    tried('Cophenetic', ({ cophenetic }) => (cophenetic === undefined ? cophenetic : formatNumber(cophenetic))),
    known('Explains at most', explainedVariance, formatPercent),
    known('Singular value', values, (value) => formatNumber(value)),
  ];
}
