import assert from 'node:assert/strict';
import type { InspectorState } from '../../../src/protocol/inspector';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { InspectorPage } from './inspector-page';
import { useSite } from './site';
import { themes } from './themes';

const failed: InspectorState = emptyState({
  status: 'failed',
  error: 'digits.csv, line 14: "abc" stands where column r0c3 has numbers.\nCorrect the cell or leave the column out.',
  can: { stop: false, continue: false, export: false, retry: true, save: false },
});

describe("the inspector's page", function () {
  this.timeout(60_000);
  const site = useSite();
  let inspector: InspectorPage;
  let expectedFaults: RegExp[];

  async function open(options: Parameters<typeof InspectorPage.open>[1] = {}): Promise<void> {
    inspector = await InspectorPage.open(site(), options);
  }

  async function buttons(): Promise<string[]> {
    const texts = await inspector.page.locator('vscode-button:visible').allInnerTexts();
    return texts.map((text) => text.trim());
  }

  beforeEach(() => {
    expectedFaults = [];
  });
  afterEach(async () => {
    await inspector.close();
    const unexpected = inspector.faults.filter((fault) => !expectedFaults.some((pattern) => pattern.test(fault)));
    assert.deepEqual(unexpected, []);
  });

  it('asks for a snapshot once, and shows nothing before it comes', async () => {
    await open();
    const [{ trace } = { trace: undefined }] = digitsDone().restarts;
    assert.ok(trace !== undefined);
    assert.deepEqual(await inspector.posted(), [{ type: 'ready' }]);
    assert.equal(await inspector.page.locator('#inspector').isVisible(), false);
    await inspector.send({
      type: 'progress',
      progress: [{ restart: 0, seed: 0, points: trace, rate: 1, elapsed: 1, remaining: 1 }],
    });
    assert.equal(await inspector.state(), null, 'an increment alone means nothing');
  });

  it('names the source, its shape, the status and the device with the reason', async () => {
    await open();
    await inspector.show(digitsDone());
    const header = (await inspector.page.locator('header').innerText()).replace(/\s+/g, ' ');
    assert.ok(header.includes('digits.csv 1,797 × 64 ≈ W · H, rank 10'), header);
    assert.ok(header.includes('Done on CPU. No GPU was found, so the processor computes.'), header);
  });

  it('has the buttons that do something now, and no others', async () => {
    await open();
    await inspector.show(emptyState({ status: 'queued' }));
    assert.deepEqual(await buttons(), ['Stop', 'Show Log']);
    await inspector.show(digitsDone());
    assert.deepEqual(await buttons(), ['Continue', 'Export W and H as CSV', 'Show Log']);
    await inspector.show(failed);
    assert.deepEqual(await buttons(), ['Retry', 'Show Log']);
  });

  it('sends one message for a click, however impatient, and takes clicks again once answered', async () => {
    await open();
    const sent = async (): Promise<string[]> => (await inspector.posted()).slice(1).map(({ type }) => type);
    await inspector.show(digitsRunning());
    await inspector.page.locator('[data-action=stop]').dblclick();
    assert.deepEqual(await buttons(), ['Stopping…', 'Show Log']);
    assert.deepEqual(await sent(), ['stop']);
    await inspector.show(digitsDone());
    await inspector.page.getByRole('button', { name: 'Export' }).click();
    await inspector.page.getByRole('button', { name: 'Show Log' }).focus();
    await inspector.press('Enter');
    await inspector.page.getByRole('button', { name: 'Continue' }).click();
    assert.deepEqual(await sent(), ['stop', 'export', 'show-log', 'continue']);
    await inspector.show(failed);
    await inspector.page.getByRole('button', { name: 'Retry' }).click();
    await inspector.show(digitsRunning());
    assert.deepEqual(await buttons(), ['Stop', 'Show Log']);
    await inspector.page.getByRole('button', { name: 'Stop' }).click();
    assert.deepEqual(await sent(), ['stop', 'export', 'show-log', 'continue', 'retry', 'stop']);
  });

  it('tells where a job stands before there are iterations', async () => {
    await open();
    const stage = (): Promise<string> => inspector.page.locator('.stage-sentence').innerText();
    const progress = inspector.page.getByRole('progressbar');
    await inspector.show(emptyState({ status: 'queued', queuePosition: 2 }));
    assert.equal(await stage(), 'Waiting for 2 jobs ahead');
    await inspector.show(emptyState({ status: 'reading', readFraction: 0.437 }));
    assert.equal(await stage(), 'Reading digits.csv: 43 %');
    assert.equal(Math.round(Number(await progress.getAttribute('aria-valuenow'))), 44);
    await inspector.show(emptyState({ status: 'compiling', rows: 3, columns: 2 }));
    assert.equal(await stage(), 'Compiling the update step');
    assert.equal(await inspector.page.locator('[aria-current=step]').innerText(), 'Compiling');
    await inspector.show(digitsRunning(30));
    // Two restarts of five are over and the third is half through.
    assert.equal(Math.round(Number(await progress.getAttribute('aria-valuenow'))), 50);
    assert.equal(await inspector.page.locator('.stage:visible').count(), 0);
  });

  it('shows an error as it stands, to be selected', async () => {
    await open();
    await inspector.show(failed);
    assert.equal(await inspector.page.locator('.failure:not(.silence) .error-text').innerText(), failed.error);
    const box = await inspector.page.locator('.failure:not(.silence) .error-text').boundingBox();
    assert.ok(box !== null);
    await inspector.page.mouse.move(box.x + 1, box.y + 4);
    await inspector.page.mouse.down();
    await inspector.page.mouse.move(box.x + box.width - 4, box.y + box.height - 4, { steps: 4 });
    await inspector.page.mouse.up();
    assert.ok((await inspector.page.evaluate<string>('String(getSelection())')).includes('stands where'));
    await inspector.show(digitsDone());
    assert.equal(await inspector.page.locator('[role=alert]:visible').count(), 0);
  });

  it('shows the fit of a finished factorization', async () => {
    await open();
    const state = digitsDone();
    const { statistics } = state;
    assert.ok(statistics !== undefined);
    await inspector.show({ ...state, missing: 2347, statistics: { ...statistics, observed: 112_661 } });
    const figures = (await inspector.page.locator('.figures').innerText()).replace(/\s+/g, ' ');
    assert.match(figures, /Explained variance 73\.8 % Relative error 29\.3 % Iterations 60 \(iteration limit\)/);
    // 2347 of 115,008 entries.
    assert.match(figures, /Missing 2\.04 % 2,347 entries/);
    const facts = await inspector.page.locator('.facts').innerText();
    assert.match(facts, /Stopping\s+60 iterations, tolerance 1e-5/);
  });

  it('tells which columns were left out and why, on demand, and remembers that it was asked', async () => {
    await open();
    await inspector.show(digitsDone());
    const summary = inspector.page.locator('.reading summary');
    assert.equal(await summary.innerText(), '64 features used; label: digit; left out: 2 columns');
    const reason = inspector.page.getByText('left out: dates');
    assert.equal(await reason.isVisible(), false);
    await summary.click();
    assert.equal(await reason.isVisible(), true);
    await inspector.page.waitForTimeout(250);
    await inspector.reload();
    await inspector.show(digitsDone());
    assert.equal(await reason.isVisible(), true);
  });

  it('comes back as it was looked at: zoom, scale and scroll', async () => {
    await open();
    await inspector.show(digitsDone());
    await inspector.page.getByRole('button', { name: 'Log', exact: true }).click();
    await inspector.focus('W');
    await inspector.press('+', '+', '+', '+', 'Shift+ArrowDown', 'Shift+ArrowDown');
    await inspector.page.evaluate<unknown>('scrollTo(0, 210)');
    await inspector.page.waitForTimeout(300);
    const view = async (): Promise<unknown> => {
      const { convergence, W, H } = await inspector.describe();
      const scrolled = await inspector.page.evaluate<number>('scrollY');
      return [convergence.scale, W.row, W.cellHeight, H.row, H.cellWidth, scrolled];
    };
    const before = await view();
    await inspector.reload();
    await inspector.show(digitsDone());
    assert.deepEqual(await view(), before);
    assert.ok((await inspector.describe()).W.row > 0, 'the view had been moved');
  });

  it('keeps the view when the whole factors take the place of thinned ones', async () => {
    await open();
    await inspector.show(digitsRunning());
    await inspector.focus('W');
    await inspector.press('+', '+', '+', '+', 'Shift+ArrowDown', 'Shift+ArrowDown');
    const thinned = (await inspector.describe()).W;
    await inspector.show(digitsDone());
    const whole = (await inspector.describe()).W;
    assert.deepEqual([whole.row, whole.cellHeight], [thinned.row, thinned.cellHeight]);
  });

  it('sends its own faults to the log', async () => {
    expectedFaults = [/boom/, /late/];
    await open();
    await inspector.page.evaluate<unknown>("setTimeout(() => { throw new Error('boom'); })");
    await inspector.page.evaluate<unknown>("void Promise.reject(new Error('late'))");
    await inspector.settle();
    const faults = (await inspector.posted()).filter(({ type }) => type === 'page-error');
    assert.deepEqual(
      faults.map((fault) => ('message' in fault ? /Error: (\w+)/.exec(fault.message)?.[1] : '')).sort(),
      ['boom', 'late'],
    );
  });

  it('does not pulse, since that would be drawn by processors that compute', async () => {
    await open();
    await inspector.show(digitsRunning());
    const animation = 'getComputedStyle(document.querySelector(".dot")).animationName';
    assert.equal(await inspector.page.evaluate<string>(animation), 'none');
  });

  for (const width of [400, 760, 1600]) {
    it(`needs no horizontal scrolling at ${width} pixels`, async () => {
      await open({ width, theme: themes.highContrast });
      const long = 'a-name-without-any-place-to-break-'.repeat(8);
      const states = [digitsDone(), digitsRunning(), failed, { ...digitsDone(), source: long, warnings: [long] }];
      for (const state of states) {
        await inspector.show(state);
        const [needed, given] = await inspector.page.evaluate<[number, number]>(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        );
        assert.ok(needed <= given, `${state.status}: ${needed} of ${given} pixels`);
      }
    });
  }

  it('can be worked through with the Tab key alone', async () => {
    await open();
    await inspector.show(digitsDone());
    const reached: string[] = [];
    for (let i = 0; i < 20; i++) {
      await inspector.page.keyboard.press('Tab');
      reached.push(
        await inspector.page.evaluate<string>(
          '(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent).trim().slice(0, 12)',
        ),
      );
    }
    for (const stop of [
      'Continue',
      'Export W and',
      'Show Log',
      '64 features ',
      'Log',
      'Linear',
      'W, 1,797 row',
      'H, 10 compon',
    ]) {
      assert.ok(reached.includes(stop), `${stop} is among ${reached.join(' | ')}`);
    }
  });

  it('lets no label from a file reorder what stands beside it', async () => {
    await open();
    // With its overrides obeyed, the sentence after it would be read from right to left.
    const hostile = 'gpj\u202e\u2067\u2069\u2069.exe';
    const hebrew = 'נתונים';
    const factors = digitsDone().factors;
    assert.ok(factors);
    await inspector.show({
      ...digitsDone(),
      source: hostile,
      warnings: [`${hostile}: some cells are empty.`],
      facts: [{ label: 'Data', value: hostile }],
      factors: { ...factors, rowLabels: Array.from({ length: 1797 }, (_, i) => (i % 2 ? hostile : hebrew)) },
      reading: {
        kind: 'table',
        delimiter: ',',
        encoding: 'utf-8',
        decimal: '.',
        header: true,
        features: [hostile, hebrew, 'plain'],
        label: hebrew,
        leftOut: [{ column: hebrew, reason: '3 of 5 cells are text' }],
      },
    });
    await inspector.page.locator('.reading summary').click();
    const text = await inspector.page.locator('#inspector').innerText();
    assert.doesNotMatch(text, /[\p{Bidi_Control}]/u);
    assert.ok(text.includes('gpj\ufffd\ufffd\ufffd\ufffd.exe'), 'what was in it is seen');
    // Where the letters of a name that is written from right to left are drawn, and those of what follows it.
    for (const selector of ['.reading dt', '.reading .features']) {
      const alone = await inspector.page.evaluate<boolean[]>(
        `[...document.querySelectorAll('${selector} bdi')].map((node) => getComputedStyle(node).unicodeBidi === 'isolate')`,
      );
      assert.ok(alone.length > 0 && alone.every(Boolean), selector);
    }
    const [name, rest] = await inspector.page.evaluate<number[]>(`(() => {
      const node = document.querySelector('.reading summary');
      const own = node.querySelector('bdi');
      const after = document.createRange();
      after.selectNodeContents(own.nextSibling);
      return [own.getBoundingClientRect().left, after.getBoundingClientRect().left];
    })()`);
    assert.ok(name !== undefined && rest !== undefined && name < rest, 'the sentence goes on to the right of the name');
    await inspector.show(emptyState({ status: 'reading', source: hebrew, readFraction: 0.43 }));
    const isolate = await inspector.page.evaluate<string>(
      "getComputedStyle(document.querySelector('.stage-sentence bdi')).unicodeBidi",
    );
    assert.equal(isolate, 'isolate');
  });

  it('draws labels on a canvas each in an isolate of its own', async () => {
    await open();
    await inspector.page.evaluate<unknown>(
      'window.drawn = []; const draw = CanvasRenderingContext2D.prototype.fillText; CanvasRenderingContext2D.prototype.fillText = function (text, ...at) { window.drawn.push(text); return draw.call(this, text, ...at); };',
    );
    const factors = digitsDone().factors;
    assert.ok(factors);
    await inspector.show({
      ...digitsDone(),
      factors: { ...factors, rowLabels: Array.from({ length: 1797 }, () => 'ab\u202ecd') },
    });
    const drawn = await inspector.page.evaluate<string[]>('window.drawn');
    const labels = drawn.filter((text) => text.includes('ab'));
    assert.ok(labels.length > 0);
    for (const label of labels) assert.equal(label, '\u2068ab\ufffdcd\u2069');
  });
});
