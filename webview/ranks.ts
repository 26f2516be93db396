import type { RankPoint } from '../src/factorization/rank/findings';
import type { InspectorState } from '../src/protocol/inspector';
import { element, setText } from './dom';
import { formatPercent, plural } from './format';
import { formatFigure, RankChart, type RankPlot } from './rank-chart';
import type { RankTable } from './rank-table';
import { readTheme, type Theme } from './theme';

/** A logarithmic axis fits when errors differ by more than this factor. */
const wideRange = 5;
/** And when singular values do. Those below this part of the largest would only stretch the axis. */
const wideSpectrum = 20;
const minShown = 1e-4;

/** What was found of other ranks than the result's: by comparing them on held-out entries, and from the singular values. */
export class Ranks {
  readonly node: HTMLElement;
  readonly #sentence = element('p', { className: 'section-sentence' });
  readonly #heldOut = new RankChart('Loss of a Held-Out Entry');
  readonly #explained = new RankChart('Explained Variance');
  readonly #singular = new RankChart('Singular Values');
  readonly #agreement = new RankChart('Cophenetic Correlation of the Fits');
  readonly #table: RankTable;
  #theme: Theme = readTheme();
  #state: InspectorState | undefined;

  constructor(table: RankTable) {
    this.#table = table;
    this.node = element(
      'section',
      { className: 'ranks' },
      element('div', { className: 'section-head' }, element('h2', { text: 'Choice of the Rank' })),
      this.#sentence,
      element(
        'div',
        { className: 'rank-charts' },
        this.#heldOut.node,
        this.#explained.node,
        this.#singular.node,
        this.#agreement.node,
      ),
      table.node,
    );
  }

  update(state: InspectorState): void {
    const before = this.#state;
    const parts = ['rankCurve', 'scree', 'rank', 'statistics'] as const;
    this.#state = state;
    if (before !== undefined && parts.every((part) => before[part] === state[part])) {
      return;
    }
    this.node.hidden = (state.rankCurve ?? []).length === 0 && valuesOf(state).length === 0;
    setText(this.#sentence, sentenceOf(state));
    this.#table.update(state);
    this.#refresh();
  }

  retheme(theme: Theme): void {
    this.#theme = theme;
    this.#refresh();
  }

  /** For tests: what the charts hold. */
  describe(): object {
    const { scale, lines } = this.#heldOut.describe();
    const [points, whiskers] = lines;
    return {
      scale,
      points,
      whiskers,
      explained: this.#explained.describe(),
      singular: this.#singular.describe(),
      agreement: this.#agreement.describe(),
    };
  }

  #refresh(): void {
    const state = this.#state;
    if (state === undefined || this.node.hidden) return;
    this.#heldOut.update(heldOutPlot(state), this.#theme);
    this.#explained.update(explainedPlot(state), this.#theme);
    this.#singular.update(singularPlot(state), this.#theme);
    this.#agreement.update(agreementPlot(state), this.#theme);
  }
}

const valuesOf = ({ scree }: InspectorState): number[] => (scree?.kind === 'singular-values' ? scree.values : []);

/** The points of a curve that have some figure. */
const pointsOf = (curve: readonly RankPoint[], figure: (point: RankPoint) => number | undefined) =>
  curve.flatMap((point) => {
    const y = figure(point);
    return y === undefined ? [] : [{ x: point.rank, y }];
  });

function heldOutPlot({ rankCurve = [], rank }: InspectorState): RankPlot {
  const lows = rankCurve.map(({ error, standardError }) => error - standardError);
  const highs = rankCurve.map(({ error, standardError }) => error + standardError);
  const least = lows.reduce((smallest, low) => Math.min(smallest, low), Infinity);
  return {
    lines: [
      {
        points: pointsOf(rankCurve, ({ error }) => error),
        look: 'line',
        spread: rankCurve.map(({ standardError }) => standardError),
      },
    ],
    chosen: rank,
    format: formatFigure,
    logarithmic: least > 0 && highs.some((high) => high > wideRange * least),
  };
}

function explainedPlot({ rankCurve = [], scree, rank, statistics }: InspectorState): RankPlot {
  const most = scree?.kind === 'singular-values' ? scree.explainedVariance : [];
  const explained = statistics?.explainedVariance;
  const result = rank === undefined || explained === undefined ? [] : [{ x: rank, y: explained }];
  return {
    lines: [
      { name: 'at most', points: most.map((y, k) => ({ x: k + 1, y })), look: 'line' },
      { name: 'fits compared', points: pointsOf(rankCurve, (point) => point.explainedVariance), look: 'dashed' },
      { name: 'this result', points: result, look: 'point' },
    ],
    chosen: rank,
    format: formatPercent,
    high: 1,
  };
}

function singularPlot(state: InspectorState): RankPlot {
  const values = valuesOf(state);
  const [largest = 0] = values;
  const points = values.map((y, k) => ({ x: k + 1, y }));
  const shown = points.filter(({ y }) => y > minShown * largest);
  const logarithmic = largest > wideSpectrum * (shown.at(-1)?.y ?? largest);
  return {
    lines: [{ points: logarithmic ? shown : points, look: 'line' }],
    chosen: state.rank,
    format: formatFigure,
    logarithmic,
    ...(!logarithmic && { low: 0 }),
  };
}

function agreementPlot({ rankCurve = [], rank }: InspectorState): RankPlot {
  return {
    lines: [{ points: pointsOf(rankCurve, ({ cophenetic }) => cophenetic), look: 'line' }],
    chosen: rank,
    format: formatFigure,
    high: 1,
  };
}

/** Not where no rank foretells anything, and the smallest was taken for want of a better one. */
function isNearLeast(curve: NonNullable<InspectorState['rankCurve']>, rank: number): boolean {
  const least = curve.reduce((best, point) => (point.error < best.error ? point : best));
  const own = curve.find((point) => point.rank === rank);
  return own !== undefined && own.error <= least.error + own.standardError + least.standardError;
}

function sentenceOf({ rankCurve = [], rank, scree, statistics }: InspectorState): string {
  const sentences: string[] = [];
  if (rankCurve.length > 0) {
    if (rank !== undefined && isNearLeast(rankCurve, rank)) {
      sentences.push(
        `Rank ${rank} is the smallest within one standard error of the least loss, compared entry for entry.`,
      );
    }
    sentences.push(
      `${plural(rankCurve.length, 'rank')} tried on entries that the fit did not see; a bar is one standard error.`,
    );
  }
  const explained = statistics?.explainedVariance;
  if (rank !== undefined && scree?.kind === 'singular-values') {
    const most = scree.explainedVariance[Math.min(rank, scree.explainedVariance.length) - 1];
    const own = explained === undefined ? '' : `; this result explains ${formatPercent(explained)}`;
    sentences.push(`A matrix of rank ${rank} can explain ${formatPercent(most ?? NaN)} of the variance at most${own}.`);
  }
  // A number and its sign stay on one line.
  return sentences.join(' ').replaceAll(' %', '\u00a0%');
}
