import type { ConsensusMatrix } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import axe from 'axe-core';
import { failedState } from '../../../src/inspector/state';
import type { InspectorState } from '../../../src/protocol/inspector';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { InspectorPage } from './inspector-page';
import { useSite } from './site';
import { themes } from './themes';

const consensus: ConsensusMatrix = {
  kind: 'consensus',
  restarts: 4,
  rows: [2, 4],
  matrix: Float32Array.of(1, 0.25, 0.25, 1),
  order: [0, 1],
  clusters: [1, 1],
  cophenetic: 0.9375,
  dispersion: 0.6,
};

/** Everything that a result can show at once. */
function whole(): InspectorState {
  const state = digitsDone();
  assert.ok(state.factors);
  return {
    ...state,
    missing: 12,
    cutShort: 'stopped',
    factors: { ...state.factors, drawing: { width: 8, height: 8, channels: 1 } },
    rankCurve: [2, 10].map((rank) => ({ rank, error: 1 / rank, standardError: 0.01, explainedVariance: 1 - 1 / rank })),
    scree: { kind: 'singular-values', values: [9, 4, 1], complete: false, explainedVariance: [0.6, 0.8, 0.9] },
    consensus,
    can: { ...state.can, save: true },
  };
}

const { rank: _rank, ...unchosen } = emptyState({
  status: 'choosing-rank',
  rankSearch: { rank: 4, fold: 1, folds: 5 },
});

const states: Readonly<Record<string, () => InspectorState>> = {
  'a queue': () => emptyState({ status: 'queued', queuePosition: 2 }),
  reading: () => emptyState({ status: 'reading', readFraction: 0.4 }),
  'the choice of a rank': () => unchosen,
  compiling: () => emptyState({ status: 'compiling', rows: 3, columns: 2 }),
  'a running job': () => digitsRunning(),
  'a result with everything': whole,
  'a result that could not be continued': () => failedState(whole(), 'digits.csv has changed.', true),
  'a failure': () => failedState(emptyState({}), 'digits.csv, line 14: "abc" is no number.', false),
};

interface Violation {
  id: string;
  impact?: string | null;
  nodes: { html: string }[];
}

describe('axe, asked about the page,', function () {
  this.timeout(120_000);
  const site = useSite();

  for (const theme of ['dark', 'light'] as const) {
    it(`finds nothing serious or moderate in any state in ${theme} colours`, async () => {
      const inspector = await InspectorPage.open(site(), { theme: themes[theme] });
      try {
        await inspector.page.evaluate<unknown>(`${axe.source}; undefined`);
        const found: string[] = [];
        for (const [name, state] of Object.entries(states)) {
          await inspector.show(state());
          // The rule on names that leave out what is read is not among those that are on by themselves.
          const { violations, passes } = await inspector.page.evaluate<{ violations: Violation[]; passes: unknown[] }>(
            "axe.run(document, { rules: { 'label-content-name-mismatch': { enabled: true } } })",
          );
          assert.ok(passes.length > 5, `${name} was looked at`);
          found.push(
            ...violations
              .filter(({ impact }) => impact !== 'minor')
              .map(
                ({ id, impact, nodes }) =>
                  `${name}: ${id} (${impact ?? ''}): ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
              ),
          );
        }
        assert.deepEqual(found, []);
      } finally {
        await inspector.close();
      }
    });
  }
});
