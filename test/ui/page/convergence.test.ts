import assert from 'node:assert/strict';
import type { Trace } from '../../../src/factorization/runs/trace';
import type { InspectorProgress, InspectorState } from '../../../src/protocol/inspector';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { themes } from './themes';
import { useInspector } from './use-inspector';

function trace(objective: number[], first = 1): Trace {
  return {
    iteration: Float64Array.from(objective, (_, index) => first + index),
    seconds: Float64Array.from(objective, (_, index) => (first + index) / 100),
    objective: Float64Array.from(objective),
  };
}

/** What the host sends as the third restart of the digits goes on from one iteration to another. */
function step(from: number, to: number, change: Partial<InspectorProgress> = {}): InspectorProgress {
  const whole = digitsDone().restarts[2]?.trace ?? trace([]);
  const points: Trace = {
    iteration: whole.iteration.slice(from, to),
    seconds: whole.seconds.slice(from, to),
    objective: whole.objective.slice(from, to),
  };
  return { restart: 2, seed: 4, points, rate: 0.05, elapsed: to / 20, remaining: (60 - to) / 20, ...change };
}

function withTraces(...objectives: number[][]): InspectorState {
  const restarts = objectives.map((objective, seed) => ({
    seed,
    trace: trace(objective),
    stopReason: 'converged' as const,
    objective: objective.at(-1) ?? NaN,
  }));
  return { ...emptyState({ status: 'done', restartCount: restarts.length, restarts, best: 0 }) };
}

describe('the convergence chart', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  const orange = (): Promise<number> =>
    inspector().page.evaluate<number>("host.count('.convergence .chart canvas', [209, 134, 22], 2)");

  it('grows with every message', async () => {
    const state = digitsRunning(5);
    // Another one stays the best, so that the running one keeps its colour.
    state.restarts.forEach((restart, index) => index === 0 && Object.assign(restart, { objective: 1 }));
    await inspector().show(state);
    const drawn = [await orange()];
    const expected = Array.from(digitsDone().restarts[2]?.trace.objective ?? []);
    for (const to of [15, 30, 45]) {
      await inspector().send({ type: 'progress', progress: [step(to === 15 ? 5 : to - 15, to)] });
      const line = (await inspector().describe()).convergence.lines[2];
      assert.deepEqual(
        line?.points.map(({ x, y }) => [x, y]),
        expected.slice(0, to).map((y, index) => [index + 1, y]),
      );
      drawn.push(await orange());
      const figures = await inspector().page.locator('.figures').innerText();
      assert.match(figures, new RegExp(`Iteration\\s+${to} of 60`));
    }
    drawn.reduce((before, now) => {
      assert.ok(now > before, `pixels of the running line: ${drawn.join(', ')}`);
      return now;
    });
  });

  it('starts a line when a restart begins', async () => {
    await inspector().show(digitsRunning(60));
    const progress = step(0, 3, { restart: 3, seed: 77 });
    await inspector().send({ type: 'progress', progress: [progress] });
    const { lines } = (await inspector().describe()).convergence;
    assert.deepEqual(
      lines.map(({ label, points }) => [label, points.length]),
      [
        ['seed 3', 60],
        ['seed 1', 60],
        ['seed 4', 60],
        ['seed 77', 3],
      ],
    );
    assert.match(
      await inspector().page.locator('.restarts tbody tr').nth(3).innerText(),
      /^77\s+3\s+[\d,]+\s+running$/,
    );
  });

  it('shows the same after increments as after a snapshot of the same moment', async () => {
    // A pulse or a bar on its way would make two pictures of one state differ.
    await inspector().page.emulateMedia({ reducedMotion: 'reduce' });
    await inspector().show(digitsRunning(24));
    for (let from = 24; from < 39; from += 5) {
      await inspector().send({ type: 'progress', progress: [step(from, from + 5)] });
    }
    await inspector().page.waitForTimeout(400);
    const grown = { state: await inspector().state(), picture: await inspector().page.screenshot({ fullPage: true }) };
    await inspector().reload();
    const { rate, elapsed, remaining } = step(34, 39);
    await inspector().show({ ...digitsRunning(39), best: 2, rate, elapsed, remaining });
    await inspector().page.waitForTimeout(400);
    assert.deepEqual(await inspector().state(), grown.state);
    assert.ok(
      (await inspector().page.screenshot({ fullPage: true })).equals(grown.picture),
      'the pictures are the same',
    );
  });

  it('emphasises the best restart and the one at work', async () => {
    await inspector().show({ ...digitsRunning(), best: 1 });
    const { lines } = (await inspector().describe()).convergence;
    assert.deepEqual(
      lines.map(({ width }) => width),
      [1, 2.5, 1.75],
    );
    assert.equal(lines[1]?.colour, themes.dark.variables['charts-blue']);
    assert.equal(lines[2]?.colour, themes.dark.variables['charts-orange']);
    assert.match(await inspector().page.locator('.restarts tr.best').innerText(), /^1\s*best so far/);
    await inspector().setTheme(themes.light);
    const recoloured = (await inspector().describe()).convergence.lines[1]?.colour;
    assert.equal(recoloured, themes.light.variables['charts-blue']);
  });

  it('tells of several restarts that are made at once', async () => {
    const state = digitsRunning();
    const restarts = state.restarts.map(({ seed, trace }, index) =>
      index === 0 ? state.restarts[0] : { seed, trace },
    );
    await inspector().show({ ...state, restarts: restarts.filter((one) => one !== undefined), best: 1 });
    const endings = await inspector().page.locator('.restarts tbody tr td:last-child').allInnerTexts();
    assert.deepEqual(endings, ['iteration limit', 'running', 'running']);
    const figures = await inspector().page.locator('.figures').innerText();
    assert.match(figures, /Restarts\s*2\s*at once, of 5/);
    const { lines } = (await inspector().describe()).convergence;
    assert.deepEqual(
      lines.map(({ width }) => width),
      [1, 2.5, 1.75],
    );
  });

  it('has a logarithmic axis where the objective is positive and falls far, until told otherwise', async () => {
    const scale = async (): Promise<string> => (await inspector().describe()).convergence.scale;
    await inspector().show(withTraces([100, 50, 10]));
    assert.equal(await scale(), 'linear', 'a fall by 10');
    await inspector().show(withTraces([1000, 50, 10]));
    assert.equal(await scale(), 'logarithmic', 'a fall by 100');
    await inspector().show(withTraces([1000, 50, 0]));
    assert.equal(await scale(), 'linear', 'zero has no logarithm');
    await inspector().show(withTraces([1000, 50, 10]));
    await inspector().page.getByRole('button', { name: 'Linear' }).click();
    assert.equal(await scale(), 'linear');
    assert.equal(await inspector().page.getByRole('button', { name: 'Linear' }).getAttribute('aria-pressed'), 'true');
  });

  it('draws a long trace with few points, yet keeps its ends and its spikes', async () => {
    const count = 50_000;
    const objective = Array.from({ length: count }, (_, index) => 1 + 1000 / (index + 10));
    objective[23_456] = 50;
    await inspector().show(withTraces(objective));
    const points = (await inspector().describe()).convergence.lines[0]?.points ?? [];
    assert.ok(points.length <= 800, `${points.length} points`);
    assert.deepEqual(points[0], { x: 1, y: objective[0] });
    assert.deepEqual(points.at(-1), { x: count, y: objective.at(-1) });
    assert.ok(
      points.some(({ x, y }) => x === 23_457 && y === 50),
      'the spike is drawn',
    );
    assert.ok(
      points.every(({ x }, index) => index === 0 || x > (points[index - 1]?.x ?? Infinity)),
      'in order',
    );
  });

  it('says in words what it shows', async () => {
    await inspector().show(withTraces([400, 30, 20], [400, 50, 40]));
    const label = await inspector().page.locator('.convergence .chart canvas').getAttribute('aria-label');
    assert.equal(
      label,
      'Objective by iteration, 2 restarts. Best is seed 0: the objective goes from 400 at iteration 1 to 20 at ' +
        'iteration 3. The table beside has every restart.',
    );
    const rows = await inspector().page.locator('.restarts tbody tr').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.replace(/\s+/g, ' ').trim()),
      ['0 best 3 20 converged', '1 3 40 converged'],
    );
  });
});
