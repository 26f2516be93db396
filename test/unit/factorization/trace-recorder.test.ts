import assert from 'node:assert/strict';
import { TraceRecorder } from '../../../src/factorization/runs/trace';

function recordedUpTo(last: number): TraceRecorder {
  const recorder = new TraceRecorder();
  for (let t = 0; t <= last; t++) recorder.add(t, t / 100, 1 / (t + 1));
  return recorder;
}

describe('trace recorder', () => {
  it('keeps every point of a short run', () => {
    const { iteration, seconds, objective } = recordedUpTo(3).trace();
    assert.deepEqual([...iteration], [0, 1, 2, 3]);
    assert.deepEqual([...seconds], [0, 0.01, 0.02, 0.03]);
    assert.deepEqual([...objective], [1, 1 / 2, 1 / 3, 1 / 4]);
  });

  for (const last of [4095, 4096, 4097, 10_001, 100_003]) {
    it(`keeps a bounded, increasing trace with both ends of a run of ${last} iterations`, () => {
      const { iteration, seconds, objective } = recordedUpTo(last).trace();
      assert.ok(iteration.length <= 4098 && iteration.length > Math.min(last, 2000));
      assert.equal(iteration[0], 0);
      assert.equal(iteration.at(-1), last);
      for (let k = 0; k < iteration.length; k++) {
        if (k > 0) assert.ok((iteration[k] as number) > (iteration[k - 1] as number));
        assert.equal(objective[k], 1 / ((iteration[k] as number) + 1));
        assert.equal(seconds[k], (iteration[k] as number) / 100);
      }
    });
  }

  it('replaces a point that comes again', () => {
    const recorder = recordedUpTo(2);
    recorder.add(2, 9, 99);
    const { iteration, objective } = recorder.trace();
    assert.deepEqual([...iteration], [0, 1, 2]);
    assert.equal(objective[2], 99);
  });

  it('counts time that was spent after the latest point', () => {
    const recorder = recordedUpTo(2);
    const before = recorder.elapsed;
    recorder.reach(before + 3);
    assert.equal(recorder.elapsed, before + 3);
    recorder.add(3, recorder.elapsed, 0.1);
    assert.equal(recorder.trace().seconds[3], before + 3);
  });

  it('goes on from a stored trace', () => {
    const recorder = TraceRecorder.from(recordedUpTo(10).trace());
    recorder.add(11, 1, 0.5);
    assert.equal(recorder.trace().iteration.length, 12);
    assert.equal(recorder.elapsed, 1);
  });
});
