import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Feed } from '../../../src/inspector/feed';
import { FactorizationSession } from '../../../src/inspector/session';
import type { HostMessage, InspectorState } from '../../../src/protocol/inspector';
import type { JobProgress } from '../../../src/protocol/worker';
import { applyProgress } from '../../../src/protocol/apply-progress';
import { factorizationOf, restartOf, settingsOf, traceOf } from '../../support/factorizations';

describe('What a page is sent of a run', () => {
  let told: (progress: JobProgress) => void;
  let finish: () => void;
  let session: FactorizationSession;
  let feed: Feed;
  let sent: HostMessage[];

  beforeEach(() => {
    session = new FactorizationSession(
      { name: 'small.csv', source: 'file:///data/small.csv', settings: settingsOf() },
      undefined,
      {
        runner: {
          factorize: (_, options) => {
            told = (progress) => options?.onProgress?.(progress);
            return new Promise((resolve) => (finish = () => resolve(factorizationOf())));
          },
          stop: () => undefined,
          checkpoint: () => Promise.resolve(null),
        },
        openSource: (uri) => Promise.resolve({ kind: 'path', path: '/data/small.csv', uri }),
        log: () => undefined,
      },
    );
    sent = [];
    feed = new Feed(session, (message) => sent.push(message));
  });
  afterEach(async () => {
    finish();
    await session.settled();
    feed.dispose();
  });

  const iterating = (restart: number, iteration: number): void =>
    told({
      jobId: 'job',
      phase: 'iterating',
      restart,
      restarts: 3,
      seed: restart,
      points: traceOf([iteration, 100 - iteration]),
      rate: 0.1,
      elapsed: 1,
      remaining: 4,
      device: { requested: 'auto', used: 'cpu', reason: 'It is the only one here.' },
    });

  const begin = async (): Promise<void> => {
    void session.run();
    await pause(10);
    iterating(0, 0);
  };

  /** What the page makes of all that it was sent. */
  const shown = (): InspectorState => {
    let state: InspectorState | undefined;
    for (const message of sent) {
      if (message.type === 'snapshot') state = message.state;
      else if (state && message.type === 'progress') state = message.progress.reduce(applyProgress, state);
    }
    assert.ok(state);
    return state;
  };

  it('is nothing more before it has drawn what it was sent, and then all at once', async () => {
    await begin();
    iterating(1, 0);
    iterating(2, 0);
    feed.drawn(0);
    await pause(400);
    const before = sent.length;
    for (let k = 1; k <= 50; k++) for (const restart of [0, 1, 2]) iterating(restart, k);
    await pause(400);
    assert.equal(sent.length, before);
    feed.drawn(0);
    await pause(400);
    // One message for all three restarts: several would be drawn one by one.
    assert.deepEqual(
      sent.slice(before).map(({ type }) => type),
      ['progress'],
    );
    assert.deepEqual(shown().restarts, session.state.restarts);
  });

  it('comes soon at first, however long the page takes to draw: a short run is seen to converge', async () => {
    await begin();
    feed.drawn(20);
    const before = sent.length;
    iterating(0, 1);
    await pause(700);
    assert.equal(sent.length, before + 1);
  });

  it('comes the more rarely the longer the page takes to draw', async () => {
    await begin();
    // Some hundred times 20 ms are more than twice the time it has been watched.
    await pause(900);
    feed.drawn(20);
    const drawn = performance.now();
    const before = sent.length;
    iterating(0, 1);
    while (sent.length === before) await pause(10);
    const rested = performance.now() - drawn;
    assert.ok(rested >= 1750, `after ${rested} ms`);
    assert.equal(sent.length, before + 1);
  });

  it('has every restart as the host has it, with a snapshot now and then however many end', async () => {
    await begin();
    const before = sent.length;
    for (const restart of [0, 1, 2]) {
      iterating(restart, 5);
      told({
        jobId: 'job',
        phase: 'restart-ended',
        restart,
        report: restartOf({ seed: restart, objective: 50 - restart }),
      });
    }
    assert.equal(sent.length, before);
    feed.drawn(0);
    await pause(400);
    assert.deepEqual(
      sent.slice(before).map(({ type }) => type),
      ['snapshot'],
    );
    assert.deepEqual(shown().restarts, session.state.restarts);
    assert.equal(shown().best, session.state.best);
  });

  it('is a snapshot at once when the run is over, whatever the page is at', async () => {
    await begin();
    iterating(0, 1);
    finish();
    await session.settled();
    assert.equal(sent.at(-1)?.type, 'snapshot');
    assert.equal(shown().status, 'done');
  });
});
