import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Factorization } from '../../../src/factorization/result';
import type { FactorizeParams, JobProgress } from '../../../src/protocol/worker';
import type { WorkerClientOptions, WorkerCrash } from '../../../src/worker/client';
import { WorkerClient } from '../../../src/worker/client';
import { JobCancelledError, JobFailedError, WorkerCrashedError } from '../../../src/worker/errors';
import { bundle, temporaryFolder } from './support/build';
import { factorizationOf, settings } from './support/factorizations';

let nextId = 0;

function params(name: string, more: Partial<FactorizeParams> = {}): FactorizeParams {
  return { jobId: `${name}-${nextId++}`, source: { kind: 'path', path: name }, settings, ...more };
}

/** Resolves at the first progress that `wanted` accepts. */
function progressUntil(wanted: (progress: JobProgress) => boolean): {
  onProgress: (progress: JobProgress) => void;
  reached: Promise<void>;
} {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    onProgress: (progress) => {
      if (wanted(progress)) {
        reach();
      }
    },
    reached,
  };
}

const iterating = (progress: JobProgress): boolean => progress.phase === 'iterating';

describe('the worker client, with a real forked process', function () {
  this.timeout(30_000);
  let folder: string;
  let client: WorkerClient;
  let logged: string[];
  let crashes: WorkerCrash[];

  function open(options: Partial<WorkerClientOptions> = {}): WorkerClient {
    const opened = new WorkerClient({ workerPath: join(folder, 'controlled-worker.js'), ...options });
    opened.onLog(({ message }) => logged.push(message));
    opened.onDidCrash((crash) => crashes.push(crash));
    return opened;
  }

  /** The process id of the present worker, which the log tells. */
  function workerPid(): number {
    const pid = /\[worker (\d+)\] started/.exec(logged.filter((line) => line.includes('started')).at(-1) ?? '')?.[1];
    assert.ok(pid !== undefined, 'no worker was started');
    return Number(pid);
  }

  before(async () => {
    folder = await temporaryFolder();
    await bundle({ 'controlled-worker': 'test/unit/worker/fixtures/controlled-worker.ts' }, folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    logged = [];
    crashes = [];
    client = open();
  });
  afterEach(() => client.dispose());

  it('starts no process before the first request', async () => {
    assert.equal(logged.length, 0);
    await client.factorize(params('ok'));
    assert.match(logged[0] ?? '', /started/);
  });

  it('queues jobs and finishes them in order', async () => {
    const finished: string[] = [];
    const queued: JobProgress[] = [];
    const first = progressUntil(iterating);
    const jobs = [params('until-stopped'), params('a'), params('b')];
    const results = jobs.map((job, index) =>
      client
        .factorize(job, {
          onProgress: (progress) => {
            if (index === 0) {
              first.onProgress(progress);
            } else if (progress.phase === 'queued') {
              queued.push(progress);
            }
          },
        })
        .then(() => finished.push(job.source.kind === 'path' ? job.source.path : '')),
    );
    await first.reached;
    client.stop(jobs[0]?.jobId ?? '');
    await Promise.all(results);
    assert.deepEqual(finished, ['until-stopped', 'a', 'b']);
    assert.deepEqual(
      queued.map((progress) => progress.phase === 'queued' && progress.position),
      [1, 2, 1],
    );
  });

  it('stops a job and gets what there is', async () => {
    const job = params('until-stopped');
    const { onProgress, reached } = progressUntil(
      (progress) => progress.phase === 'iterating' && (progress.points.iteration[0] ?? 0) >= 3,
    );
    const result = client.factorize(job, { onProgress });
    await reached;
    client.stop(job.jobId);
    assert.ok(((await result).W[0] ?? 0) >= 3);
  });

  it('rejects a job whose token is cancelled while it computes, and takes the next', async () => {
    const source = new CancellationTokenSource();
    const { onProgress, reached } = progressUntil(iterating);
    const result = client.factorize(params('until-stopped'), { onProgress, token: source.token });
    await reached;
    source.cancel();
    await assert.rejects(result, JobCancelledError);
    assert.equal((await client.factorize(params('ok'))).rank, 1);
    assert.deepEqual(crashes, []);
  });

  it('rejects jobs cancelled while they are read or wait, and those cancelled before they are sent', async () => {
    const reading = new CancellationTokenSource();
    const waiting = new CancellationTokenSource();
    const started = progressUntil((progress) => progress.phase === 'reading');
    const queued = progressUntil((progress) => progress.phase === 'queued');
    const first = client.factorize(params('hold-reading'), { ...started, token: reading.token });
    const second = client.factorize(params('ok'), { ...queued, token: waiting.token });
    await Promise.all([started.reached, queued.reached]);
    waiting.cancel();
    await assert.rejects(second, JobCancelledError);
    reading.cancel();
    await assert.rejects(first, JobCancelledError);
    await assert.rejects(client.factorize(params('ok'), { token: reading.token }), JobCancelledError);
  });

  it('hands on what is wrong with the data word for word', async () => {
    await assert.rejects(client.factorize(params('bad-data')), (error: unknown) => {
      assert.ok(error instanceof JobFailedError);
      assert.equal(error.kind, 'data');
      assert.equal(error.message, 'bad.csv, line 3: no number; put one there.');
      return true;
    });
  });

  it('tells a fault of ours from bad data, and puts its stack in the log only', async () => {
    await assert.rejects(client.factorize(params('fault')), (error: unknown) => {
      assert.ok(error instanceof JobFailedError);
      assert.equal(error.kind, 'internal');
      assert.equal(error.message, 'a fault of ours');
      return true;
    });
    assert.ok(logged.some((line) => /TypeError: a fault of ours\n\s+at /.test(line)));
  });

  it('rejects when a result cannot be sent, instead of waiting for ever', async () => {
    await assert.rejects(client.factorize(params('not-cloneable')), /could not be cloned/);
  });

  it('loses the job at work alone when the worker is killed, says so once, and goes on with the next', async () => {
    const { onProgress, reached } = progressUntil(iterating);
    const jobs = [params('until-stopped'), ...Array.from({ length: 20 }, () => params('ok'))];
    const results = jobs.map((job) => client.factorize(job, { onProgress }));
    await reached;
    const killed = workerPid();
    process.kill(killed, 'SIGKILL');
    const [first, ...waiting] = await Promise.allSettled(results);
    assert.ok(first?.status === 'rejected' && first.reason instanceof WorkerCrashedError);
    assert.equal(first.reason.exit.signal, 'SIGKILL');
    assert.match(first.reason.message, /most likely because it ran out of memory.*start the job again/);
    assert.deepEqual(
      waiting.map(({ status }) => status),
      Array.from({ length: 20 }, () => 'fulfilled'),
    );
    assert.equal(crashes.length, 1);
    assert.equal(crashes[0]?.job, jobs[0]?.jobId);
    assert.notEqual(workerPid(), killed);
  });

  it('gives each job its own try when one after another kills the worker', async () => {
    const names = ['uncaught', 'ok', 'noise', 'uncaught', 'ok'];
    const settled = await Promise.allSettled(names.map((name) => client.factorize(params(name))));
    assert.deepEqual(
      settled.map(({ status }) => status === 'fulfilled'),
      names.map((name) => name === 'ok'),
    );
    assert.equal(crashes.length, 3);
    assert.equal(logged.filter((line) => line.includes('started')).length, 4, 'no more processes than are needed');
  });

  it('has a use of a result wait its turn among the jobs', async () => {
    const finished: string[] = [];
    const { onProgress, reached } = progressUntil(iterating);
    const first = params('until-stopped');
    const factorization = factorizationOf(new Float32Array(1), new Float32Array(1));
    const all = [
      client.factorize(first, { onProgress }).then(() => finished.push('first')),
      client.use({ jobId: 'use', factorization, uses: [] }).then(() => finished.push('use')),
      client.factorize(params('ok')).then(() => finished.push('last')),
    ];
    await reached;
    client.stop(first.jobId);
    await Promise.all(all);
    assert.deepEqual(finished, ['first', 'use', 'last']);
  });

  it('gives up a job that is stopped while it waits, since there is nothing to keep', async () => {
    const { onProgress, reached } = progressUntil(iterating);
    const [first, second] = [params('until-stopped'), params('ok')];
    const running = client.factorize(first, { onProgress });
    const waiting = client.factorize(second);
    await reached;
    client.stop(second.jobId);
    await assert.rejects(waiting, (error: unknown) => {
      assert.ok(error instanceof JobCancelledError);
      assert.match(error.message, /before there was anything to keep/);
      return true;
    });
    assert.equal(await client.checkpoint(second.jobId), null);
    client.stop(first.jobId);
    await running;
  });

  it('keeps the last checkpoint of a job whose worker was killed', async () => {
    const checkpoints: Factorization[] = [];
    let arrived: () => void = () => undefined;
    const third = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const result = client.factorize(params('until-stopped'), {
      checkpointEvery: 0.02,
      onCheckpoint: (checkpoint) => {
        checkpoints.push(checkpoint);
        if (checkpoints.length === 3) {
          arrived();
        }
      },
    });
    await third;
    process.kill(workerPid(), 'SIGKILL');
    await assert.rejects(result, (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.deepEqual(error.checkpoint, checkpoints.at(-1));
      return true;
    });
    const iterations = checkpoints.map(({ W }) => W[0] ?? 0);
    assert.ok(
      (iterations[0] ?? 0) < (iterations[2] ?? 0),
      `later checkpoints hold later factors: ${iterations.join()}`,
    );
  });

  it('answers null for a checkpoint of a job that has none, or that is not there', async () => {
    const job = params('no-checkpoint');
    const { onProgress, reached } = progressUntil(iterating);
    const result = client.factorize(job, { onProgress });
    await reached;
    assert.equal(await client.checkpoint(job.jobId), null);
    assert.equal(await client.checkpoint('nobody'), null);
    client.stop(job.jobId);
    await result;
  });

  it('tells of an error that nobody caught in the worker, and that the process left because of it', async () => {
    await assert.rejects(client.factorize(params('uncaught')), (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.equal(error.exit.exitCode, 70);
      return true;
    });
    assert.ok(logged.some((line) => /nobody catches this\n\s+at /.test(line)));
    assert.equal(crashes.length, 1);
  });

  it('tells why there is no worker when its file is missing', async () => {
    await client.dispose();
    client = open({ workerPath: join(folder, 'missing.js') });
    await assert.rejects(client.factorize(params('ok')), (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.equal(error.exit.exitCode, 1);
      assert.ok(error.exit.output.some((line) => line.includes('missing.js')));
      return true;
    });
  });

  it('tells why there is no worker when no process can be started', async () => {
    await client.dispose();
    client = open({ workerPath: join(folder, 'no-such-folder', 'worker.js') });
    await assert.rejects(client.factorize(params('ok')), (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.match(error.message, /could not be started.*ENOENT/);
      return true;
    });
  });

  it('bounds what a noisy worker puts into the log, and keeps its last words', async () => {
    await assert.rejects(client.factorize(params('noise')), (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.equal(error.exit.exitCode, 9);
      assert.ok(error.exit.output.includes('last words'));
      return true;
    });
    assert.ok(logged.length < 1100, `${logged.length} lines`);
    assert.ok(logged.every((line) => line.length < 2200));
  });

  it('takes a long silence for what it is: says so, kills nothing, and says when it is over', async () => {
    await client.dispose();
    client = open({ heartbeat: { interval: 50, maxSilentBeats: 4 } });
    await client.factorize(params('ok'));
    const changes: boolean[] = [];
    client.onDidChangeResponding((responding) => changes.push(responding));
    const job = params('block', { settings: { ...settings, stopping: { iterations: 1200, tolerance: 0 } } });
    assert.equal((await client.factorize(job)).rank, 1);
    // A busy machine may make it fall silent once more than the test does, but never without an end.
    assert.ok(changes.length >= 2 && changes.length % 2 === 0, changes.join());
    assert.ok(
      changes.every((responding, index) => responding === (index % 2 === 1)),
      changes.join(),
    );
    assert.deepEqual(crashes, []);
  });

  it('raises no alarm about a worker that is busy but answers', async () => {
    await client.dispose();
    client = open({ heartbeat: { interval: 25, maxSilentBeats: 60 } });
    await client.factorize(params('ok'));
    const changes: boolean[] = [];
    client.onDidChangeResponding((responding) => changes.push(responding));
    const job = params('no-checkpoint');
    const result = client.factorize(job);
    await pause(1800);
    client.stop(job.jobId);
    await result;
    assert.deepEqual(changes, []);
  });

  it('kills a worker on demand in the middle of a native call, which is no crash, and works again', async () => {
    const { onProgress, reached } = progressUntil(iterating);
    const job = params('block', { settings: { ...settings, stopping: { iterations: 60_000, tolerance: 0 } } });
    const result = client.factorize(job, { onProgress });
    await reached;
    client.kill();
    await assert.rejects(result, (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.ok(error.exit.requested);
      return true;
    });
    assert.deepEqual(crashes, []);
    assert.equal((await client.factorize(params('ok'))).rank, 1);
  });

  it('counts a cancelled job whose worker had to be killed as cancelled', async () => {
    const source = new CancellationTokenSource();
    const { onProgress, reached } = progressUntil(iterating);
    const job = params('block', { settings: { ...settings, stopping: { iterations: 60_000, tolerance: 0 } } });
    const result = client.factorize(job, { onProgress, token: source.token });
    await reached;
    await pause(50);
    source.cancel();
    client.kill();
    await assert.rejects(result, JobCancelledError);
  });

  it('ends the process when disposed, gives up what is in it and takes no more', async () => {
    const { onProgress, reached } = progressUntil(iterating);
    const jobs = ['until-stopped', 'ok', 'ok'].map((name) => client.factorize(params(name), { onProgress }));
    const rejected = Promise.all(jobs.map((job) => assert.rejects(job, JobCancelledError)));
    await reached;
    const pid = workerPid();
    await client.dispose();
    await rejected;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await assert.rejects(client.factorize(params('ok')), /takes no more jobs/);
    assert.deepEqual(crashes, []);
  });

  it('kills a worker that is too deep in a native call to leave when disposed', async () => {
    const { onProgress, reached } = progressUntil(iterating);
    const job = params('block', { settings: { ...settings, stopping: { iterations: 60_000, tolerance: 0 } } });
    const rejected = assert.rejects(client.factorize(job, { onProgress }), JobCancelledError);
    await reached;
    await pause(50);
    const pid = workerPid();
    await client.dispose();
    await rejected;
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });

  it('starts the worker with the variables that it needs, and none of its parent’s secrets or debugger flags', async () => {
    const variables = {
      AWS_SECRET_ACCESS_KEY: 'secret',
      npm_token: 'secret',
      GITHUB_TOKEN: 'secret',
      SOMETHING_UNHEARD_OF: 'secret',
      LD_PRELOAD: '',
      VSCODE_IPC_HOOK: 'x',
      ELECTRON_NO_ATTACH_CONSOLE: '1',
      NODE_OPTIONS: '--no-warnings',
      VK_ICD_FILENAMES: 'kept',
      LC_ALL: 'C',
      FACTORLENS_TEST: 'kept',
    };
    const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
    Object.assign(process.env, variables);
    try {
      const [json] = (await client.factorize(params('environment'))).warnings;
      const { env, execArgv, cwd } = JSON.parse(json ?? '') as { env: string[]; execArgv: string[]; cwd: string };
      assert.deepEqual(
        Object.keys(variables).filter((name) => env.includes(name)),
        ['VK_ICD_FILENAMES', 'LC_ALL', 'FACTORLENS_TEST'],
      );
      assert.ok(env.includes('PATH') && env.includes('HOME'));
      assert.deepEqual(execArgv, []);
      assert.equal(cwd, folder);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) {
          Reflect.deleteProperty(process.env, name);
        } else {
          process.env[name] = value;
        }
      }
    }
  });

  it('carries typed arrays both ways bit by bit, also a view into a larger buffer', async () => {
    const values = Float32Array.of(0, -0, NaN, Infinity, -Infinity, 1e-45, 3.4028235e38, 1 / 3, 16777217);
    const backing = new Uint8Array(values.byteLength + 24).fill(0xab);
    backing.set(new Uint8Array(values.buffer), 8);
    const view = backing.subarray(8, 8 + values.byteLength);
    const sent = params('echo', { source: { kind: 'bytes', name: 'echo', uri: 'memory:/echo', bytes: view } });
    const { W } = await client.factorize(sent);
    assert.ok(W instanceof Float32Array);
    assert.deepEqual(new Uint32Array(W.slice().buffer), new Uint32Array(values.buffer));

    const from = factorizationOf(values, Float32Array.of(5, 6, 7));
    const back = await client.factorize(params('echo', { continuation: { from } }));
    const { timing: sentTiming, ...sentRest } = from;
    const { timing: backTiming, ...backRest } = back;
    assert.deepEqual(backRest, sentRest);
    assert.equal(backTiming.iterate, sentTiming.iterate);
    assert.ok(back.restarts[0]?.trace.objective instanceof Float64Array);
  });

  it('carries 100 MB back and forth', async function () {
    this.timeout(120_000);
    const length = 25_000_000;
    const big = params('big', { settings: { ...settings, stopping: { iterations: length, tolerance: 0 } } });
    const result = await client.factorize(big);
    assert.equal(result.W.length, length);
    assert.ok(result.W.every((value) => value === 1.25));
    const back = await client.factorize(params('echo', { continuation: { from: result } }));
    assert.equal(back.W.length, length);
    assert.ok(back.W.every((value) => value === 1.25));
  });
});
