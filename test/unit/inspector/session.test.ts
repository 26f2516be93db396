import assert from 'node:assert/strict';
import { FactorizationSession, type SessionServices } from '../../../src/inspector/session';
import type { Factorization } from '../../../src/factorization/result';
import type { FactorizeParams, JobProgress } from '../../../src/protocol/worker';
import type { FactorizeOptions } from '../../../src/worker/client';
import { JobCancelledError, JobFailedError, WorkerCrashedError } from '../../../src/worker/errors';
import { factorizationOf, restartOf, settingsOf, traceOf } from '../../support/factorizations';

const description = { name: 'small.csv', source: 'file:///data/small.csv', settings: settingsOf() };

/** A worker whose every move the test makes. */
class PuppetWorker {
  params: FactorizeParams | undefined;
  options: FactorizeOptions | undefined;
  stopped: string[] = [];
  checkpointToGive: Factorization | null = null;
  resolve: (factorization: Factorization) => void = () => assert.fail('no job has been handed in');
  reject: (error: Error) => void = () => assert.fail('no job has been handed in');
  private handedIn: () => void = () => undefined;

  readonly services: SessionServices = {
    runner: {
      factorize: (params, options) => {
        this.params = params;
        this.options = options;
        options?.token?.onCancellationRequested(() => this.reject(new JobCancelledError('Given up.')));
        const result = new Promise<Factorization>((resolve, reject) => {
          this.resolve = resolve;
          this.reject = reject;
        });
        this.handedIn();
        return result;
      },
      stop: (jobId) => this.stopped.push(jobId),
      checkpoint: () => Promise.resolve(this.checkpointToGive),
    },
    openSource: (uri) => Promise.resolve({ kind: 'path', path: '/data/small.csv', uri }),
    log: () => undefined,
  };

  /** Does something that hands a job in, and waits until it is. */
  async after(action: () => void): Promise<void> {
    const handedIn = new Promise<void>((resolve) => {
      this.handedIn = resolve;
    });
    action();
    await handedIn;
  }

  tell(changes: Partial<Extract<JobProgress, { phase: 'iterating' }>> = {}): void {
    this.options?.onProgress?.({
      jobId: this.params?.jobId ?? '',
      phase: 'iterating',
      restart: 0,
      restarts: 5,
      seed: 0,
      points: traceOf([1, 50]),
      rate: 0.1,
      elapsed: 1,
      remaining: 4,
      device: { requested: 'auto', used: 'cpu', reason: 'It is the only one here.' },
      ...changes,
    });
  }
}

describe('FactorizationSession', () => {
  let worker: PuppetWorker;
  let session: FactorizationSession;
  let dirtied: number;

  const begin = (factorization?: Factorization): void => {
    worker = new PuppetWorker();
    session = new FactorizationSession(description, factorization, worker.services);
    dirtied = 0;
    session.on('factors', () => dirtied++);
  };

  it('runs a job to its result', async () => {
    begin();
    await worker.after(() => void session.run());
    assert.equal(session.running, true);
    worker.resolve(factorizationOf());
    await session.settled();
    assert.equal(session.running, false);
    assert.equal(session.state.status, 'done');
    assert.deepEqual(session.factorization, factorizationOf());
    assert.equal(dirtied, 1);
  });

  describe('once the factors are there, while they are examined', () => {
    const fitted = factorizationOf();
    const examined = { ...fitted, scree: { kind: 'none', reason: 'A test.' } } as const;
    let completed: unknown[];

    beforeEach(async () => {
      begin();
      completed = [];
      session.on('completed', (event) => completed.push(event));
      await worker.after(() => void session.run());
      worker.options?.onFitted?.(fitted);
    });

    it('draws and keeps them, and can be stopped', async () => {
      assert.equal(session.state.status, 'examining');
      assert.ok(session.state.factors && session.state.statistics);
      assert.deepEqual(
        [session.state.can.stop, session.state.can.export, session.state.can.continue],
        [true, true, false],
      );
      assert.equal(dirtied, 1);
      // Asked for the newest factors, it need not wait for a worker that is busy.
      worker.services.runner.checkpoint = () => assert.fail('the worker was asked');
      assert.equal(await session.latest(), fitted);
    });

    it('completes them with what was found out', async () => {
      worker.resolve(examined);
      await session.settled();
      assert.equal(session.state.status, 'done');
      assert.equal(session.factorization, examined);
      assert.deepEqual(completed, [{ before: fitted, after: examined }]);
      assert.equal(dirtied, 1);
    });

    it('loses nothing when it is given up, or its process dies', async () => {
      session.cancel();
      await session.settled();
      assert.equal(session.state.status, 'done');
      assert.equal(session.factorization, fitted);

      begin();
      await worker.after(() => void session.run());
      worker.options?.onFitted?.(fitted);
      worker.reject(new JobFailedError('Out of memory.', 'internal'));
      await session.settled();
      assert.equal(session.state.status, 'done');
      assert.equal(session.factorization, fitted);
      assert.match(session.state.warnings.join(' '), /factors are whole.*Out of memory/);
    });
  });

  it('is not dirty before there are factors', async () => {
    begin();
    await worker.after(() => void session.run());
    worker.tell();
    await settle();
    assert.equal(dirtied, 0);
    assert.equal(await session.latest(), undefined);
  });

  it('is dirty as soon as there are factors, which can then be exported', async () => {
    begin();
    await worker.after(() => void session.run());
    worker.checkpointToGive = factorizationOf();
    worker.tell();
    await settle();
    assert.equal(dirtied, 1);
    assert.equal(session.state.can.export, true);
    worker.options?.onCheckpoint?.(factorizationOf());
    assert.equal(dirtied, 2);
  });

  it('is not made dirty by being asked for its newest factors, as every backup does', async () => {
    begin();
    await worker.after(() => void session.run());
    worker.checkpointToGive = factorizationOf();
    assert.equal((await session.latest())?.rank, 1);
    assert.equal(dirtied, 0);
  });

  it('sends the points of the running restart as increments and the rest as new states', async () => {
    begin();
    await worker.after(() => void session.run());
    const events: string[] = [];
    session.on('changed', () => events.push('changed'));
    session.on('progress', ({ points }) => events.push(`progress ${points.iteration.join()}`));
    worker.tell({ points: traceOf([1, 50]) });
    worker.tell({ points: traceOf([2, 40]) });
    worker.tell({ restart: 1, seed: 1, points: traceOf([1, 45]) });
    assert.deepEqual(events, ['changed', 'progress 2', 'changed']);
  });

  it('asks the worker to stop, and keeps what it then answers with', async () => {
    begin();
    await worker.after(() => void session.run());
    session.stop();
    assert.deepEqual(worker.stopped, [worker.params?.jobId]);
    worker.resolve(factorizationOf({ restarts: [restartOf({ stopReason: 'stopped' })], best: 0 }));
    await session.settled();
    assert.equal(session.state.restarts[0]?.stopReason, 'stopped');
    assert.equal(session.state.can.continue, true);
  });

  it('says so when a job is stopped before there is anything to keep', async () => {
    begin();
    await worker.after(() => void session.run());
    worker.reject(new JobCancelledError('Stopped.'));
    await session.settled();
    assert.equal(session.state.status, 'failed');
    assert.match(session.state.error ?? '', /before there was anything to keep/);
    assert.equal(session.state.can.retry, true);
  });

  it('never hands in a job that is stopped while its file is looked for', async () => {
    begin();
    const outcome = session.run();
    session.stop();
    assert.equal((await outcome).kind, 'cancelled');
    assert.equal(worker.params, undefined);
  });

  it("shows the worker's message as it stands, and retries what failed", async () => {
    begin();
    await worker.after(() => void session.run());
    worker.reject(new JobFailedError('small.csv has no numbers.', 'data'));
    await session.settled();
    assert.equal(session.state.error, 'small.csv has no numbers.');
    await worker.after(() => void session.retry());
    assert.equal(worker.params?.continuation, undefined);
    assert.equal(session.state.error, undefined);
    worker.resolve(factorizationOf());
    await session.settled();
  });

  it('continues from its factors, and falls back to them when the job is given up', async () => {
    const before = factorizationOf();
    begin(before);
    await worker.after(() => void session.continue());
    assert.deepEqual(worker.params?.continuation, { from: before });
    session.cancel();
    await session.settled();
    assert.equal(session.state.status, 'done');
    assert.deepEqual(session.factorization, before);
    assert.equal(dirtied, 0);
  });

  it('keeps its factors when continuing fails, and retries the continuation', async () => {
    const before = factorizationOf();
    begin(before);
    await worker.after(() => void session.continue());
    worker.reject(new JobFailedError('small.csv has changed.', 'data'));
    await session.settled();
    assert.deepEqual(session.factorization, before);
    assert.deepEqual(session.state.can, { stop: false, continue: true, export: true, retry: true, save: false });
    await worker.after(() => void session.retry());
    assert.deepEqual(worker.params?.continuation, { from: before });
    session.cancel();
    await session.settled();
  });

  it('shows the figures of what it keeps under the error when continuing fails', async () => {
    const before = factorizationOf();
    begin(before);
    await worker.after(() => void session.continue());
    assert.equal(session.state.statistics, undefined, 'they are not those of what is coming');
    worker.reject(new JobFailedError('small.csv has changed: fill it up (--skip 0 takes it in).', 'data'));
    await session.settled();
    assert.deepEqual(session.state.statistics, before.statistics);
    assert.equal(session.state.status, 'failed');
    assert.equal(session.state.error, 'small.csv has changed: fill it up.');
  });

  it('knows whether there is anything to save', async () => {
    begin();
    await worker.after(() => void session.run());
    assert.equal(session.state.can.save, false);
    worker.resolve(factorizationOf());
    await session.settled();
    assert.equal(session.state.can.save, true);
    session.markSaved(true);
    assert.equal(session.state.can.save, false);
    await worker.after(() => void session.continue());
    worker.resolve(factorizationOf());
    await session.settled();
    assert.equal(session.state.can.save, true);
  });

  it('offers what the data of an opened result suggest, where they are still there', () => {
    const advice = [
      { text: 'x seems to be one.', action: 'Read as a × b', choice: { long: { row: 'a', column: 'b', value: 'x' } } },
      { text: 't is an axis (--exclude t leaves it out).', action: 'Leave Out t', choice: { exclude: ['t'] } },
      { text: '-9 means missing.', action: '-9 Means Missing', choice: { missing: ['-9'] } },
    ];
    begin(factorizationOf({ warnings: advice.map(({ text }) => text), advice }));
    session.description = { ...description, table: { header: true, columns: ['t', 'x'], label: 'name' } };
    const texts = (): string[] => (session.state.advice ?? []).map(({ text }) => text);
    assert.deepEqual(texts(), []);
    assert.equal(session.adviceAt(0), undefined);
    session.offerAdvice();
    assert.deepEqual(texts(), session.state.warnings);
    assert.deepEqual(session.adviceAt(0)?.table, { header: true, long: { row: 'a', column: 'b', value: 'x' } });
    assert.deepEqual(session.adviceAt(1)?.table, { header: true, columns: ['x'], label: 'name' });
    assert.deepEqual(session.adviceAt(2)?.table, {
      header: true,
      columns: ['t', 'x'],
      label: 'name',
      missing: ['-9'],
    });
  });

  it('offers what the data suggest, as a job of its own, for as long as they are the job’s', async () => {
    begin();
    const advice = [
      {
        text: '-999 seems to mean missing (--missing -999 says so).',
        action: '-999 Means Missing',
        choice: { missing: ['-999'] },
      },
      { text: 'Leave out t.', action: 'Leave Out t', choice: { exclude: ['t'] } },
    ];
    session.description = { ...description, table: { exclude: ['a'], missing: ['x'], header: true } };
    await worker.after(() => void session.run());
    const reading = factorizationOf().reading;
    worker.options?.onProgress?.({
      jobId: worker.params?.jobId ?? '',
      phase: 'compiling',
      data: { rows: 3, columns: 2, missing: 0, reading, warnings: advice.map(({ text }) => text), advice },
    });
    worker.resolve(factorizationOf());
    await session.settled();
    assert.deepEqual(session.state.advice, [
      { text: '-999 seems to mean missing.', action: '-999 Means Missing' },
      { text: 'Leave out t.', action: 'Leave Out t' },
    ]);
    assert.deepEqual(session.adviceAt(0)?.table, { exclude: ['a'], missing: ['x', '-999'], header: true });
    assert.deepEqual(session.adviceAt(1)?.table, { exclude: ['a', 't'], missing: ['x'], header: true });
    assert.equal(session.adviceAt(2), undefined);
    await worker.after(() => void session.retry());
    assert.equal(session.state.advice, undefined);
    session.cancel();
    await session.settled();
  });

  it('keeps the last checkpoint of a worker that died', async () => {
    begin();
    await worker.after(() => void session.run());
    worker.tell();
    const checkpoint = factorizationOf();
    worker.reject(
      new WorkerCrashedError({ exitCode: null, signal: 'SIGKILL', requested: false, output: [] }, checkpoint),
    );
    await session.settled();
    assert.match(session.state.error ?? '', /most likely because it ran out of memory/);
    assert.deepEqual(session.factorization, checkpoint);
    assert.equal(session.state.can.continue, true);
    assert.equal(dirtied, 1);
  });

  it('starts one job at a time', async () => {
    begin();
    let first: Promise<unknown> | undefined;
    await worker.after(() => {
      first = session.run();
    });
    assert.equal(session.continue(), first);
    session.cancel();
    await session.settled();
  });

  it('ignores a checkpoint that arrives after the result', async () => {
    begin();
    await worker.after(() => void session.run());
    const late = worker.options?.onCheckpoint;
    worker.resolve(factorizationOf());
    await session.settled();
    late?.(factorizationOf({ rank: 99 }));
    assert.equal(session.factorization?.rank, 1);
  });

  it('gives its job up when it is restored from a file', async () => {
    begin();
    await worker.after(() => void session.run());
    await session.restore(factorizationOf());
    assert.equal(session.running, false);
    assert.equal(session.state.status, 'done');
  });

  it('opens nothing that its guard does not let it open, and stands as before', async () => {
    const checked: string[] = [];
    const opened: string[] = [];
    worker = new PuppetWorker();
    const openSource: SessionServices['openSource'] = (uri) => {
      opened.push(uri);
      return worker.services.openSource(uri);
    };
    const claimed = { ...description, weights: 'file:///elsewhere/weights.csv' };
    session = new FactorizationSession(
      claimed,
      factorizationOf(),
      { ...worker.services, openSource },
      {
        check: (uri) => {
          checked.push(uri);
          return uri === claimed.weights ? Promise.reject(new JobCancelledError()) : Promise.resolve();
        },
        allow: () => undefined,
      },
    );
    assert.deepEqual(await session.continue(), { kind: 'cancelled' });
    assert.deepEqual(checked, [claimed.source, claimed.weights]);
    assert.deepEqual(opened, [claimed.source]);
    assert.equal(worker.params, undefined);
    assert.equal(session.state.status, 'done');
    assert.equal(session.state.error, undefined);
  });
});

/** Lets what has been resolved be noticed. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
