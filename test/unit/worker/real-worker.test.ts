import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Factorization } from '../../../src/factorization/result';
import type { FactorizeParams, JobProgress } from '../../../src/protocol/worker';
import { WorkerClient } from '../../../src/worker/client';
import { JobCancelledError, WorkerCrashedError } from '../../../src/worker/errors';
import { bundle, projectFolder } from './support/build';
import { settings } from './support/factorizations';

/** The worker as it is shipped, interrupted in the middle of computing. */
describe('the worker, computing', function () {
  this.timeout(120_000);
  const folder = join(projectFolder, 'dist', 'test-real-worker');
  let client: WorkerClient;
  let pid: number;

  before(async () => {
    // Below the project, where the worker finds the packages that are not bundled.
    await bundle({ worker: 'src/worker/main.ts', 'device-probe': 'src/devices/probe-main.ts' }, folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    client = new WorkerClient({ workerPath: join(folder, 'worker.js') });
    client.onLog(({ message }) => {
      pid = Number(/\[worker (\d+)\] started/.exec(message)?.[1] ?? pid);
    });
  });
  afterEach(() => client.dispose());

  function digits(iterations: number, more: Partial<FactorizeParams> = {}): FactorizeParams {
    return {
      jobId: `digits-${iterations}`,
      source: { kind: 'path', path: join(projectFolder, 'test', 'data', 'digits.csv') },
      settings: { ...settings, rank: 5, stopping: { iterations, tolerance: 0 } },
      ...more,
    };
  }

  /** Far more iterations than anybody waits for. */
  const endless = 10_000_000;

  /** Does `action` once the job has sent a second batch of points. */
  function whileIterating(action: () => void): (progress: JobProgress) => void {
    let batches = 0;
    return ({ phase }) => {
      if (phase === 'iterating' && ++batches === 2) {
        action();
      }
    };
  }

  function assertFinite({ W, H }: Factorization): void {
    assert.ok(W.every(Number.isFinite) && H.every(Number.isFinite));
  }

  it('reaches a graphics device through the variables that name its driver', async function () {
    this.timeout(300_000);
    if (process.platform !== 'linux') return;
    const driver = {
      VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json',
      LD_LIBRARY_PATH: '/usr/lib/chromium',
      XDG_RUNTIME_DIR: '/tmp',
    };
    const before = Object.fromEntries(Object.keys(driver).map((name) => [name, process.env[name]]));
    Object.assign(process.env, driver);
    try {
      const job = digits(5);
      const { device, ...factors } = await client.factorize({
        ...job,
        settings: { ...job.settings, device: 'webgpu' },
      });
      assert.equal(device.used, 'webgpu', device.reason);
      assertFinite(factors as Factorization);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });

  it('stops midway with what there is, and goes on from there without a jump', async () => {
    const job = digits(endless);
    const stopped = await client.factorize(job, { onProgress: whileIterating(() => client.stop(job.jobId)) });
    const [report] = stopped.restarts;
    assert.equal(report?.stopReason, 'stopped');
    assert.ok(report.iterations > 0 && report.iterations < endless);
    assertFinite(stopped);

    const objectives: number[] = [];
    const again = digits(endless, { jobId: 'continued', continuation: { from: stopped } });
    const stopSoon = whileIterating(() => client.stop(again.jobId));
    const continued = await client.factorize(again, {
      onProgress: (progress) => {
        if (progress.phase === 'iterating') {
          objectives.push(...progress.points.objective);
        }
        stopSoon(progress);
      },
    });
    // Reported in float64 there, computed in float32 here.
    const first = objectives[0] ?? NaN;
    assert.ok(
      Math.abs(first / stopped.statistics.objective - 1) < 1e-3,
      `stopped at ${stopped.statistics.objective}, went on with ${first}`,
    );
    assert.ok((continued.restarts[continued.best]?.iterations ?? 0) > report.iterations);
    assertFinite(continued);
  });

  it('is given up midway, and takes the next job', async () => {
    const source = new CancellationTokenSource();
    const job = client.factorize(digits(endless), {
      token: source.token,
      onProgress: whileIterating(() => source.cancel()),
    });
    await assert.rejects(job, JobCancelledError);
    assert.equal((await client.factorize(digits(20))).restarts[0]?.iterations, 20);
  });

  it('is killed midway: its last checkpoint is kept, and the next job works', async () => {
    const job = client.factorize(digits(endless), {
      checkpointEvery: 0.05,
      onCheckpoint: () => process.kill(pid, 'SIGKILL'),
    });
    await assert.rejects(job, (error: unknown) => {
      assert.ok(error instanceof WorkerCrashedError);
      assert.equal(error.exit.signal, 'SIGKILL');
      assert.ok(error.checkpoint);
      assert.equal(error.checkpoint.W.length, 1797 * 5);
      assertFinite(error.checkpoint);
      return true;
    });
    assert.equal((await client.factorize(digits(20))).restarts[0]?.iterations, 20);
  });
});
