import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Queue } from '../../../src/worker/queue';

/** A queue whose pieces of work, numbered from 1, end when the test says so. */
function controlled(count: number) {
  const queue = new Queue();
  const events: string[] = [];
  const places: [number, number][] = [];
  const aborts = Array.from({ length: count }, () => new AbortController());
  const ends: ((error?: Error) => void)[] = [];
  const results = aborts.map(({ signal }, index) =>
    queue.inTurn(
      () => {
        events.push(`begin ${index + 1}`);
        return new Promise<number>((resolve, reject) => {
          ends[index] = (error) => (error ? reject(error) : resolve(index + 1));
        });
      },
      { signal, onPosition: (place) => places.push([index + 1, place]) },
    ),
  );
  // A test that never asks for some of them does not care how they end.
  for (const result of results) result.catch(() => undefined);
  return { queue, events, places, aborts, ends, results };
}

describe('the queue of jobs', () => {
  it('does one at a time, in the order in which they came', async () => {
    const { events, ends, results } = controlled(3);
    for (const index of [0, 1, 2]) {
      await nextTurn();
      assert.equal(events.length, index + 1);
      ends[index]?.();
      assert.equal(await results[index], index + 1);
    }
    assert.deepEqual(events, ['begin 1', 'begin 2', 'begin 3']);
  });

  it('tells those that wait their place, and again when it changes', async () => {
    const { places, ends } = controlled(3);
    await nextTurn();
    assert.deepEqual(places, [
      [2, 1],
      [3, 2],
    ]);
    ends[0]?.();
    await nextTurn();
    assert.deepEqual(places.slice(2), [[3, 1]]);
  });

  it('goes on with the next after one that failed', async () => {
    const { events, ends, results } = controlled(2);
    await nextTurn();
    ends[0]?.(new Error('the process died'));
    await assert.rejects(results[0] as Promise<number>, /the process died/);
    await nextTurn();
    assert.deepEqual(events, ['begin 1', 'begin 2']);
  });

  it('never begins what is given up while it waits, and moves the others up', async () => {
    const { events, places, aborts, ends, results } = controlled(3);
    await nextTurn();
    aborts[1]?.abort(new Error('given up'));
    await assert.rejects(results[1] as Promise<number>, /given up/);
    assert.deepEqual(places.at(-1), [3, 1]);
    ends[0]?.();
    await nextTurn();
    assert.deepEqual(events, ['begin 1', 'begin 3']);
  });

  it('goes on where one is given up in the moment in which its turn has come', async () => {
    const { events, aborts, ends, results } = controlled(3);
    await nextTurn();
    ends[0]?.();
    await results[0];
    aborts[1]?.abort(new Error('too late'));
    await nextTurn();
    if (!events.includes('begin 3')) ends[1]?.();
    await nextTurn();
    assert.equal(events.at(-1), 'begin 3');
  });

  it('lets nobody slip in between the end of one and the beginning of the next', async () => {
    const { queue, events, ends, results } = controlled(2);
    await nextTurn();
    const { signal } = new AbortController();
    const late = (results[0] as Promise<number>).then(() =>
      queue.inTurn(() => Promise.resolve(events.push('late')), { signal, onPosition: () => undefined }),
    );
    ends[0]?.();
    await nextTurn();
    assert.deepEqual(events, ['begin 1', 'begin 2']);
    ends[1]?.();
    await late;
    assert.equal(events.at(-1), 'late');
  });
});
