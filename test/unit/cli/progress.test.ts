import assert from 'node:assert/strict';
import { createProgressDisplay } from '../../../src/cli/progress';
import type { JobProgress } from '../../../src/protocol/worker';
import { settings } from '../worker/support/factorizations';

function iterating(restart: number, iteration: number): JobProgress {
  return {
    jobId: 'a',
    phase: 'iterating',
    restart,
    restarts: 2,
    seed: 0,
    points: {
      iteration: Float64Array.of(iteration),
      seconds: Float64Array.of(1),
      objective: Float64Array.of(1234.5678),
    },
    rate: 0.1,
    elapsed: (65 * (restart + iteration / 100)) / (2 - restart - iteration / 100),
    remaining: 65,
    device: { requested: 'cpu', used: 'cpu', reason: '' },
  };
}

function display(options: { isTTY: boolean; columns?: number; quiet?: boolean }) {
  let clock = 0;
  let text = '';
  const stream = { ...options, write: (part: string) => (text += part) };
  const shown = createProgressDisplay(
    stream,
    { ...settings, stopping: { iterations: 100, tolerance: 0 } },
    { quiet: options.quiet ?? false, now: () => clock },
  );
  return { ...shown, wait: (milliseconds: number) => (clock += milliseconds), text: () => text };
}

describe('progress on the command line', () => {
  it('redraws one line on a terminal, and takes it away at the end', () => {
    const { update, end, wait, text } = display({ isTTY: true, columns: 200 });
    update(iterating(0, 50));
    wait(200);
    update(iterating(1, 50));
    end();
    assert.ok(!text().includes('\n'));
    const drawings = text().split('\r\u001b[K');
    assert.equal(drawings.length, 4);
    assert.match(
      drawings[2] ?? '',
      /^█{18}░{6}\s+75 %\s+restart 2\/2\s+iteration 50\/100\s+objective 1234\.57\s+1 min 5 s left$/,
    );
    assert.equal(drawings[3], '');
  });

  it('never wraps a narrow terminal', () => {
    const { update, text } = display({ isTTY: true, columns: 20 });
    update(iterating(0, 50));
    assert.equal(text().replace('\r\u001b[K', '').length, 19);
  });

  it('takes a terminal that does not know its width for one of 80 columns', () => {
    const { update, text } = display({ isTTY: true, columns: 0 });
    update(iterating(0, 50));
    assert.equal(text().replace('\r\u001b[K', '').length, 79);
  });

  it('writes a plain line every few seconds where there is no terminal, and none for a short job', () => {
    const { update, end, wait, text } = display({ isTTY: false });
    update(iterating(0, 10));
    wait(1000);
    update(iterating(0, 20));
    assert.equal(text(), '');
    wait(4500);
    update(iterating(0, 30));
    update(iterating(0, 31));
    end();
    assert.match(text(), /^\s*15 %\s+restart 1\/2\s+iteration 30\/100[^\n]*\n$/);
    assert.ok(!text().includes('\u001b'));
  });

  it('says nothing but notes when quiet', () => {
    const { update, note, end, wait, text } = display({ isTTY: true, quiet: true });
    update(iterating(0, 10));
    wait(10_000);
    update(iterating(0, 20));
    note('bad\u001b[2J\nnews');
    end();
    assert.equal(text(), 'bad\ufffd[2J news\n');
  });
});
