import assert from 'node:assert/strict';
import { digitsDone, digitsRunning, emptyState } from './digits';
import { useInspector } from './use-inspector';

/** A stand-in for the editor that falls silent, as one whose extension host has ended; the page's clock is moved on. */
describe('the page whose host falls silent', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  beforeEach(() => inspector().page.clock.install());

  const after = async (seconds: number): Promise<void> => {
    await inspector().page.clock.runFor(seconds * 1000);
    await inspector().settle();
  };
  const notice = () => inspector().page.locator('.silence:visible');
  const header = () => inspector().page.locator('header').innerText();
  const figures = async () => (await inspector().page.locator('.figures').innerText()).replace(/\s+/g, ' ');
  const setHidden = (hidden: boolean): Promise<unknown> =>
    inspector().page.evaluate<unknown>(
      `Object.defineProperty(document, 'hidden', { get: () => ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
    );

  it('says so, with what was last known and what to do, and no longer tells how long it will take', async () => {
    await inspector().show({ ...digitsRunning(), elapsed: 61, remaining: 90_000 });
    assert.match(await figures(), /Remaining about 25 h/);
    await after(20);
    assert.equal(await notice().count(), 0);
    await after(20);
    const text = await notice().innerText();
    assert.match(text, /The extension host no longer answers/);
    assert.match(text, /Last heard: .*iteration [\d,]+ of restart \d+, the best, objective [\d.]+.* after it began/);
    assert.match(text, /Reload the window.*last backed up/);
    assert.doesNotMatch(await figures(), /Remaining|25 h/);
    assert.match(await figures(), /Iteration [\d,]+ of .*Objective [\d.,]+/);
    assert.doesNotMatch(await header(), /Running/);
    assert.match(await header(), /No longer heard of$/m);
    assert.doesNotMatch(await inspector().page.locator('#inspector').innerText(), /running/i);
    assert.equal(await inspector().page.locator('vscode-button:visible').count(), 0);
  });

  it('says so of a job that had not begun to iterate', async () => {
    await inspector().show(emptyState({ status: 'reading', readFraction: 0.5 }));
    await after(40);
    assert.match(await notice().innerText(), /Last heard: Reading digits\.csv: 50 %\./);
  });

  it('says no more than there is of a job of one restart', async () => {
    const state = digitsRunning();
    await inspector().show({ ...state, restartCount: 1, restarts: state.restarts.slice(0, 1), best: 0, elapsed: 61 });
    await after(40);
    assert.match(
      await notice().innerText(),
      /Last heard: iteration [\d,]+, objective [\d.,]+, [^,]* after it began to iterate\./,
    );
  });

  it('takes it back when the host speaks again', async () => {
    await inspector().show(digitsRunning());
    await after(40);
    assert.equal(await notice().count(), 1);
    await inspector().send({ type: 'beat' });
    assert.equal(await notice().count(), 0);
    assert.match(await header(), /Running/);
    assert.match(await header(), /Stop/);
  });

  it('raises no alarm while beats come, however long nothing else does', async () => {
    await inspector().show(digitsRunning());
    for (let beat = 0; beat < 5; beat++) {
      await after(20);
      await inspector().send({ type: 'beat' });
    }
    assert.equal(await notice().count(), 0);
  });

  it('raises no alarm about a hidden page, nor in the moment in which it is shown again', async () => {
    await inspector().show(digitsRunning());
    await after(20);
    await setHidden(true);
    await after(600);
    await setHidden(false);
    await after(20);
    assert.equal(await notice().count(), 0);
  });

  it('raises no alarm when the machine wakes from sleep: beats are counted and not the clock', async () => {
    await inspector().show(digitsRunning());
    // Timers that are due fire once.
    await inspector().page.clock.fastForward(8 * 3600 * 1000);
    await inspector().settle();
    assert.equal(await notice().count(), 0);
  });

  it('raises no alarm about a result at rest', async () => {
    await inspector().show(digitsDone());
    await after(600);
    assert.equal(await notice().count(), 0);
    assert.match(await header(), /Done/);
  });
});
