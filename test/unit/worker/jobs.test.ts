import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Dataset } from '../../../src/data/dataset';
import { DataError } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/result';
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

/** Jobs that finish when the test says so. */
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

describe('the jobs of a worker', () => {
  const result = factorizationOf(Float32Array.of(1), Float32Array.of(1));

  it('takes one job at a time, and the next after one that failed', async () => {
    const { jobs, events, fail, finish } = controlled();
    const first = jobs.factorize(params(1), never);
    await settle();
    await assert.rejects(jobs.factorize(params(2), never), /"job1" is at work/);
    assert.deepEqual(events, ['read 1.csv', 'factorize job1']);
    fail.get('job1')?.(new DataError('no numbers'));
    await assert.rejects(first, new DataError('no numbers'));
    const second = jobs.factorize(params(2), never);
    await settle();
    finish.get('job2')?.(result);
    assert.equal((await second).rank, 1);
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
    await settle();
    assert.deepEqual((await jobs.checkpoint('job1'))?.W, Float32Array.of(7));
    assert.equal(await jobs.checkpoint('job2'), null);
  });

  it('adds reading to the timing of the computing, so that the parts add up to the total', async () => {
    const { jobs, finish } = controlled();
    const job = jobs.factorize(params(1), never);
    const asked = performance.now();
    await pause(60);
    finish.get('job1')?.({ ...result, timing: { read: 0.01, compile: 0.02, iterate: 0.03, total: 0.06 } });
    const { timing } = await job;
    const waited = (performance.now() - asked) / 1000;
    assert.equal(timing.compile, 0.02);
    assert.equal(timing.iterate, 0.03);
    assert.ok(timing.total >= 0.055 && timing.total <= waited + 0.005, `total ${timing.total}`);
    const { total, read, compile, iterate } = timing;
    assert.ok(Math.abs(read + compile + iterate - total) < 1e-9, JSON.stringify(timing));
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
