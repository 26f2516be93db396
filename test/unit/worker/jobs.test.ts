import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Dataset } from '../../../src/data/dataset';
import { DataError } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/factorization';
import type { FactorizeParams, JobProgress } from '../../../src/protocol/worker';
import type { JobDependencies, Jobs } from '../../../src/worker/jobs';
import { createJobs, JobCancelled } from '../../../src/worker/jobs';
import { factorizationOf, settings } from './support/factorizations';

const dataset: Dataset = {
  rows: 1,
  columns: 1,
  missing: 0,
  source: { name: 'X.csv', bytes: 1, sha256: '' },
  reading: factorizationOf(Float32Array.of(1), Float32Array.of(1)).reading,
  warnings: [],
  blocks: () => [],
};

const never = new AbortController().signal;

/** A queue whose jobs finish when the test says so. */
function controlled(overrides: Partial<JobDependencies> = {}): {
  jobs: Jobs;
  events: string[];
  progress: JobProgress[];
  fittings: { jobId: string; fitted: Factorization }[];
  finish: Map<string, (result: Factorization) => void>;
  fail: Map<string, (error: Error) => void>;
  stopping: Map<string, () => boolean>;
} {
  const events: string[] = [];
  const progress: JobProgress[] = [];
  const fittings: { jobId: string; fitted: Factorization }[] = [];
  const finish = new Map<string, (result: Factorization) => void>();
  const fail = new Map<string, (error: Error) => void>();
  const stopping = new Map<string, () => boolean>();
  const jobs = createJobs(
    {
      readDataset: (source) => {
        events.push(`read ${source.kind === 'path' ? source.path : source.name}`);
        return Promise.resolve(dataset);
      },
      factorize: (_dataset, { seed }, callbacks) => {
        const id = `job${seed}`;
        events.push(`factorize ${id}`);
        stopping.set(id, callbacks.shouldStop);
        return new Promise((resolve, reject) => {
          finish.set(id, resolve);
          fail.set(id, reject);
          callbacks.signal.addEventListener('abort', () => reject(callbacks.signal.reason as Error));
        });
      },
      use: ({ jobId }) => {
        events.push(`use ${jobId}`);
        return Promise.resolve([]);
      },
      ...overrides,
    },
    {
      onProgress: (one) => progress.push(one),
      onFitted: (jobId, fitted) => {
        fittings.push({ jobId, fitted });
        return Promise.resolve();
      },
    },
  );
  return { jobs, events, progress, fittings, finish, fail, stopping };
}

function params(index: number): FactorizeParams {
  return {
    jobId: `job${index}`,
    source: { kind: 'path', path: `${index}.csv` },
    settings: { ...settings, seed: index },
  };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await nextTurn();
  }
}

function positions(progress: readonly JobProgress[]): [string, number][] {
  return progress.flatMap((one): [string, number][] => (one.phase === 'queued' ? [[one.jobId, one.position]] : []));
}

describe('the queue of jobs', () => {
  const result = factorizationOf(Float32Array.of(1), Float32Array.of(1));

  it('computes one job at a time, in the order in which they came', async () => {
    const { jobs, events, finish } = controlled();
    const all = [1, 2, 3].map((index) => jobs.factorize(params(index), never));
    await settle();
    assert.deepEqual(events, ['read 1.csv', 'factorize job1']);
    finish.get('job1')?.(result);
    await all[0];
    await settle();
    assert.deepEqual(events.slice(2), ['read 2.csv', 'factorize job2']);
    finish.get('job2')?.(result);
    await all[1];
    await settle();
    assert.deepEqual(events.slice(4), ['read 3.csv', 'factorize job3']);
    finish.get('job3')?.(result);
    await all[2];
  });

  it('tells waiting jobs their place, and again when it changes', async () => {
    const { jobs, progress, finish } = controlled();
    void jobs.factorize(params(1), never);
    void jobs.factorize(params(2), never);
    void jobs.factorize(params(3), never);
    await settle();
    assert.deepEqual(positions(progress), [
      ['job2', 1],
      ['job3', 2],
    ]);
    finish.get('job1')?.(result);
    await settle();
    assert.deepEqual(positions(progress).slice(2), [['job3', 1]]);
  });

  it('goes on with the next job after one that failed', async () => {
    const { jobs, events, fail, finish } = controlled();
    const first = jobs.factorize(params(1), never);
    const second = jobs.factorize(params(2), never);
    await settle();
    fail.get('job1')?.(new DataError('no numbers'));
    await assert.rejects(first, new DataError('no numbers'));
    await settle();
    assert.equal(events.at(-1), 'factorize job2');
    finish.get('job2')?.(result);
    assert.equal((await second).rank, 1);
  });

  it('gives up a waiting job without ever reading it, and moves the others up', async () => {
    const { jobs, events, progress, finish } = controlled();
    const abort = new AbortController();
    const first = jobs.factorize(params(1), never);
    const second = jobs.factorize(params(2), abort.signal);
    const third = jobs.factorize(params(3), never);
    await settle();
    abort.abort();
    await assert.rejects(second, JobCancelled);
    assert.deepEqual(positions(progress).at(-1), ['job3', 1]);
    finish.get('job1')?.(result);
    await first;
    await settle();
    assert.deepEqual(events, ['read 1.csv', 'factorize job1', 'read 3.csv', 'factorize job3']);
    finish.get('job3')?.(result);
    await third;
  });

  it('gives up a waiting job that is stopped, since there is nothing to keep', async () => {
    const { jobs, events } = controlled();
    void jobs.factorize(params(1), never);
    const second = jobs.factorize(params(2), never);
    await settle();
    jobs.stop('job2');
    await assert.rejects(second, /before there was anything to keep/);
    assert.ok(!events.includes('read 2.csv'));
  });

  it('gives up reading when the job is stopped meanwhile, whatever words the reader has for it', async () => {
    const { jobs } = controlled({
      readDataset: (_source, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the stream was destroyed')));
        }),
    });
    const job = jobs.factorize(params(1), never);
    await settle();
    jobs.stop('job1');
    await assert.rejects(job, JobCancelled);
  });

  it('asks a computing job to stop and answers with what it has', async () => {
    const { jobs, stopping, finish } = controlled();
    const job = jobs.factorize(params(1), never);
    await settle();
    assert.equal(stopping.get('job1')?.(), false);
    jobs.stop('job1');
    assert.equal(stopping.get('job1')?.(), true);
    finish.get('job1')?.(result);
    assert.equal((await job).statistics.objective, 1.5);
  });

  it('gives up a computing job when its request is cancelled', async () => {
    const { jobs } = controlled();
    const abort = new AbortController();
    const job = jobs.factorize(params(1), abort.signal);
    await settle();
    abort.abort();
    await assert.rejects(job, JobCancelled);
  });

  it('refuses a request that was cancelled before it arrived', async () => {
    const { jobs, events } = controlled();
    await assert.rejects(jobs.factorize(params(1), AbortSignal.abort()), JobCancelled);
    assert.deepEqual(events, []);
  });

  it('refuses a second job of the same id while the first is under way, and takes it afterwards', async () => {
    const { jobs, finish } = controlled();
    const first = jobs.factorize(params(1), never);
    await assert.rejects(jobs.factorize(params(1), never), /already under way/);
    await settle();
    finish.get('job1')?.(result);
    await first;
    const again = jobs.factorize(params(1), never);
    await settle();
    finish.get('job1')?.(result);
    assert.equal((await again).rank, 1);
  });

  it('makes a checkpoint of a computing job, and none of a job that is not there or not ready', async () => {
    const { jobs } = controlled({
      factorize: (_dataset, _settings, callbacks) => {
        callbacks.onCheckpointable(() => factorizationOf(Float32Array.of(7), Float32Array.of(8)));
        return new Promise(() => {
          // Never ends.
        });
      },
    });
    assert.equal(await jobs.checkpoint('job1'), null);
    void jobs.factorize(params(1), never);
    void jobs.factorize(params(2), never);
    await settle();
    assert.deepEqual((await jobs.checkpoint('job1'))?.W, Float32Array.of(7));
    assert.equal(await jobs.checkpoint('job2'), null);
  });

  it('adds reading and waiting to the timing of the computing, so that the parts add up to what a person waits', async () => {
    const { jobs, finish } = controlled();
    const first = jobs.factorize(params(1), never);
    const asked = performance.now();
    const second = jobs.factorize(params(2), never);
    await pause(120);
    finish.get('job1')?.(result);
    await first;
    await settle();
    await pause(60);
    finish.get('job2')?.({ ...result, timing: { read: 0.01, compile: 0.02, iterate: 0.03, total: 0.06 } });
    const { timing } = await second;
    const waited = (performance.now() - asked) / 1000;
    assert.equal(timing.compile, 0.02);
    assert.equal(timing.iterate, 0.03);
    assert.ok((timing.queue ?? 0) >= 0.11, `queue ${timing.queue}`);
    assert.ok(timing.total >= 0.17 && timing.total <= waited, `total ${timing.total}`);
    const { total, queue = NaN, read, compile, iterate } = timing;
    assert.ok(Math.abs(queue + read + compile + iterate - total) < 1e-9, JSON.stringify(timing));
  });

  it('passes progress on with the id of its job', async () => {
    const { jobs, progress } = controlled({
      readDataset: (_source, { onProgress }) => {
        onProgress(0.25);
        onProgress(1);
        return Promise.resolve(dataset);
      },
      factorize: (_dataset, _settings, { onProgress }) => {
        onProgress({
          phase: 'compiling',
          data: { rows: 1, columns: 1, missing: 0, reading: dataset.reading, warnings: [] },
        });
        return Promise.resolve(result);
      },
    });
    await jobs.factorize(params(4), never);
    assert.deepEqual(
      progress.map(({ jobId, phase }) => [jobId, phase]),
      [
        ['job4', 'reading'],
        ['job4', 'reading'],
        ['job4', 'compiling'],
      ],
    );
  });
});
