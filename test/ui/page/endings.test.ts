import assert from 'node:assert/strict';
import { failedState } from '../../../src/inspector/state';
import type { StopReason } from '../../../src/model/stopping';
import type { InspectorState } from '../../../src/protocol/inspector';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { useInspector } from './use-inspector';

const reasons: readonly [StopReason, string][] = [
  ['converged', 'converged'],
  ['iterations', 'iteration limit'],
  ['time', 'time limit'],
  ['stopped', 'stopped'],
  ['diverged', 'diverged'],
];

describe('how a job stands or has ended, on the page,', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  const text = async (selector: string) => (await inspector().page.locator(selector).innerText()).replace(/\s+/g, ' ');
  const saved = (state: InspectorState, save: boolean): InspectorState => ({ ...state, can: { ...state.can, save } });
  const ended = (stopReason: 'converged' | 'iterations'): InspectorState => {
    const state = digitsDone();
    return { ...state, restarts: state.restarts.map((restart) => ({ ...restart, stopReason })) };
  };
  const primary = () =>
    inspector().page.evaluate<string[]>(
      "[...document.querySelectorAll('vscode-button')].filter((node) => !node.hidden && !node.secondary).map((node) => node.textContent)",
    );

  it('is told apart: done, stopped, out of time, interrupted', async () => {
    await inspector().show(digitsDone());
    assert.match(await text('.status'), /^Done on CPU/);
    for (const [cutShort, word] of [
      ['stopped', 'Stopped on CPU'],
      ['time', 'Stopped at the time limit'],
      ['interrupted', 'Interrupted on CPU'],
    ] as const) {
      await inspector().show({ ...digitsDone(), cutShort });
      assert.ok((await text('.status')).startsWith(word), await text('.status'));
    }
  });

  it('has saving as the first thing to do with a new result, and going on only where that promises more', async () => {
    await inspector().show(saved(ended('converged'), true));
    assert.deepEqual(await primary(), ['Save']);
    await inspector().show(saved(ended('converged'), false));
    assert.deepEqual(await primary(), []);
    await inspector().show(saved(ended('iterations'), false));
    assert.deepEqual(await primary(), ['Continue']);
    await inspector().show(saved(ended('iterations'), true));
    assert.deepEqual(await primary(), ['Save']);
    await inspector().page.getByRole('button', { name: 'Save' }).click();
    assert.deepEqual((await inspector().posted()).at(-1), { type: 'save' });
    await inspector().show(saved(digitsRunning(), true));
    assert.deepEqual(await primary(), ['Stop']);
  });

  it('has the error on what the fit did not see beside that of column means and of biases', async () => {
    await inspector().show(digitsDone());
    assert.doesNotMatch(await text('.figures'), /Held-out/);
    await inspector().show({
      ...digitsDone(),
      missing: 1234,
      foretelling: { rmse: 0.12345, columnMeans: 1.2345, biases: 0.98765, entries: 4321 },
    });
    assert.match(await text('.figures'), /Held-out error 0\.123 \(column means 1\.23, biases 0\.988\)/);
    // Nothing of it is cut off, or lies over what stands beside it.
    const boxes = await inspector().page.evaluate<{ left: number; right: number; top: number; text: number }[]>(
      `[...document.querySelectorAll('.figures dl > div')].map((node) => {
        const { left, right, top } = node.getBoundingClientRect();
        const range = document.createRange();
        range.selectNodeContents(node);
        return { left, right, top, text: range.getBoundingClientRect().right };
      })`,
    );
    for (const [index, box] of boxes.entries()) {
      const next = boxes[index + 1];
      if (next?.top === box.top) assert.ok(box.text <= next.left, JSON.stringify([box, next]));
    }
    // While it goes on, what was foretold before is not of what is shown.
    await inspector().show({ ...digitsRunning(), foretelling: { rmse: 1, columnMeans: 2, biases: 3, entries: 4 } });
    assert.doesNotMatch(await text('.figures'), /Held-out/);
  });

  it('keeps the figures of a result that could not be continued, under the error', async () => {
    await inspector().show(failedState(digitsDone(), 'digits.csv has changed.', true));
    assert.match(await text('.figures'), /Explained variance 73\.8 %/);
    assert.match(
      await text('.failure:not(.silence)'),
      /It could not go on digits\.csv has changed\. What was there before is kept/,
    );
    const [error, figures] = await inspector().page.evaluate<number[]>(
      "['.failure', '.figures'].map((selector) => document.querySelector(selector).getBoundingClientRect().top)",
    );
    assert.ok(error !== undefined && figures !== undefined && error < figures);
    assert.deepEqual(await primary(), ['Retry']);
  });

  it('has the choice of a rank as a step of its own where there is one, and nowhere else', async () => {
    const { rank: _rank, ...unchosen } = emptyState({
      status: 'choosing-rank',
      rankSearch: { rank: 4, fold: 1, folds: 5 },
    });
    const steps = async () => (await inspector().page.locator('.steps li').allInnerTexts()).map((step) => step.trim());
    const current = () => inspector().page.locator('[aria-current=step]').innerText();
    await inspector().show(unchosen);
    assert.deepEqual(await steps(), ['Queued', 'Reading', 'Choosing the rank', 'Compiling', 'Running']);
    assert.equal(await current(), 'Choosing the rank');
    const { rankSearch: _search, ...before } = unchosen;
    await inspector().show({ ...before, status: 'compiling', rows: 5, columns: 4 });
    assert.equal(await current(), 'Choosing the rank');
    assert.match(await text('.status'), /^Choosing the rank/);
    await inspector().show({
      ...before,
      status: 'compiling',
      rank: 3,
      rankCurve: [{ rank: 3, error: 1, standardError: 0 }],
    });
    assert.equal(await current(), 'Compiling');
    await inspector().show(emptyState({ status: 'compiling' }));
    assert.deepEqual(await steps(), ['Queued', 'Reading', 'Compiling', 'Running']);
  });

  it('is never a part rounded up to the whole, nor down to nothing', async () => {
    const state = digitsDone();
    assert.ok(state.statistics);
    for (const [explainedVariance, relativeError, shown] of [
      [0.99974, 0.016, /Explained variance 99\.97 % Relative error 1\.6 %/],
      [0.99996, 0.0000004, /Explained variance 99\.996 % Relative error 4e−5 %/],
      [1 - 1e-12, 0, /Explained variance more than 99\.9999999 % Relative error 0 %/],
      [1, 0, /Explained variance 100 % Relative error 0 %/],
      [-12.3456, 1.5, /Explained variance −1,235 % Relative error 150 %/],
    ] as const) {
      await inspector().show({ ...state, statistics: { ...state.statistics, explainedVariance, relativeError } });
      assert.match(await text('.figures'), shown);
    }
  });

  it('is worded for every reason that a restart can end for', async () => {
    for (const [stopReason, words] of reasons) {
      const state = digitsDone();
      await inspector().show({
        ...state,
        restarts: state.restarts.map((restart) => ({ ...restart, stopReason })),
      });
      assert.ok((await text('.figures')).includes(`(${words})`));
      assert.ok((await text('#restarts')).includes(words));
    }
  });

  it('has a button beside a warning about which something can be done', async () => {
    const text = 'Each line seems to be one entry of a matrix, and was read as a row of it.';
    await inspector().show({
      ...digitsDone(),
      warnings: ['Something else.', text],
      advice: [
        { text: 'Gone.', action: 'Nothing' },
        { text, action: 'Read as reader × book' },
      ],
    });
    const buttons = inspector().page.locator('.warnings vscode-button');
    assert.deepEqual(await buttons.allInnerTexts(), ['Read as reader × book']);
    await buttons.click();
    assert.deepEqual((await inspector().posted()).at(-1), { type: 'take-advice', index: 1 });
  });

  it('offers no menu that cuts, copies or pastes what is drawn', async () => {
    await inspector().show(digitsDone());
    const contexts = await inspector().page.evaluate<string[]>(
      "[...document.querySelectorAll('canvas')].map((node) => node.closest('[data-vscode-context]')?.dataset.vscodeContext ?? '')",
    );
    assert.ok(contexts.length >= 5);
    for (const context of contexts) assert.deepEqual(JSON.parse(context), { preventDefaultContextMenuItems: true });
  });
});
