import type { ChildProcess } from 'node:child_process';
import type { CancellationToken, Event } from 'vscode-jsonrpc/node';
import { Emitter, ResponseError } from 'vscode-jsonrpc/node';
import type { Factorization } from '../factorization/result';
import type { UseResult } from '../model/uses';
import type { FactorizeParams, JobProgress, UseParams } from '../protocol/worker';
import {
  checkpointRequest,
  factorizeRequest,
  fittedNotification,
  progressNotification,
  stopNotification,
  useRequest,
  workerErrorCodes,
} from '../protocol/worker';
import type { WorkerExit } from './errors';
import { JobCancelledError, JobFailedError, WorkerCrashedError } from './errors';
import type { Heartbeat, LogLine } from './process';
import { forkWorker, isFresh } from './fork';
import { WorkerProcess } from './process';
import { Queue } from './queue';

export interface WorkerClientOptions {
  /** File of the worker's bundle. Given by the caller, so that a test can give a worker that misbehaves. */
  workerPath: string;
  /** A process of that file that is starting already: the first worker. */
  forked?: ChildProcess;
  heartbeat?: Heartbeat;
}

export interface FactorizeOptions {
  onProgress?: (progress: JobProgress) => void;
  /** The factors as they will stay: the request answers once what is to be found out about them is there too. */
  onFitted?: (fitted: Factorization) => void;
  /** Gives the job up: the request rejects with JobCancelledError. An editor's token does as well as ours. */
  token?: CancellationToken;
  /**
   * Seconds between whole factorizations fetched while the job iterates, so that a killed worker loses little.
   * When making and sending one takes long they come less often: it takes at most a hundredth of the time.
   */
  checkpointEvery?: number;
  onCheckpoint?: (checkpoint: Factorization) => void;
}

export interface WorkerCrash {
  exit: WorkerExit;
  /** The job that was lost; absent when none was in the worker. */
  job?: string;
}

/** Five seconds between pings, and half a minute of silence before anything is said. */
const defaultHeartbeat: Heartbeat = { interval: 5000, maxSilentBeats: 6 };

/** How long a worker may take to leave when asked to, in milliseconds. */
const endGrace = 2000;

/** Fetching checkpoints takes at most one part in this many of the time. */
const checkpointShare = 100;

/** An answer waits for the end of the present chunk, for about this many milliseconds; that is not its cost. */
const chunkTime = 200;

interface PendingJob {
  readonly options: FactorizeOptions;
  /** Gives it up while it waits. */
  readonly abort: AbortController;
  /** The process that has it; absent while it waits. */
  worker?: WorkerProcess;
  checkpoint: Factorization | null;
  iterating: boolean;
  /** Its factors are here as they will stay. */
  fitted: boolean;
  timer?: NodeJS.Timeout;
}

/**
 * The host's end of the worker. The process starts with the first request and again with the first request
 * after a crash. One job at a time is in it; the others wait here, where its death does not reach them. Knows nothing
 * of the editor, so the command line uses it too.
 */
export class WorkerClient {
  private worker: WorkerProcess | undefined;
  private readonly jobs = new Map<string, PendingJob>();
  private readonly queue = new Queue();
  private disposed = false;
  private readonly crashEmitter = new Emitter<WorkerCrash>();
  private readonly logEmitter = new Emitter<LogLine>();
  private readonly respondingEmitter = new Emitter<boolean>();

  /** The worker ended without being asked to. The job that was in it rejects as well. */
  readonly onDidCrash: Event<WorkerCrash> = this.crashEmitter.event;
  readonly onLog: Event<LogLine> = this.logEmitter.event;
  /** False: a busy worker has said nothing for long, and `kill()` may be offered. True: it speaks again. */
  readonly onDidChangeResponding: Event<boolean> = this.respondingEmitter.event;

  constructor(private readonly options: WorkerClientOptions) {}

  /**
   * Runs a job in the worker. A source's path must be absolute: the worker has a working directory of its own.
   * @throws JobFailedError for bad input or a fault of ours.
   * @throws JobCancelledError when given up, or stopped before there was anything to keep.
   * @throws WorkerCrashedError when the process ended; it carries the last checkpoint.
   */
  factorize(params: FactorizeParams, options: FactorizeOptions = {}): Promise<Factorization> {
    const asked = performance.now();
    let begun = asked;
    const onFitted = (fitted: Factorization): void => options.onFitted?.(sinceAsked(fitted, asked, begun));
    return this.request(params.jobId, { ...options, onFitted }, async ({ connection }, since) => {
      begun = since;
      return sinceAsked(await connection.sendRequest(factorizeRequest, params, options.token), asked, begun);
    });
  }

  /**
   * Uses a result in the worker. A source's path must be absolute.
   * @throws JobFailedError for bad input or a fault of ours.
   * @throws JobCancelledError when given up.
   * @throws WorkerCrashedError when the process ended.
   */
  use(params: UseParams, options: Pick<FactorizeOptions, 'token'> = {}): Promise<UseResult[]> {
    return this.request(params.jobId, options, ({ connection }) =>
      connection.sendRequest(useRequest, params, options.token),
    );
  }

  private async request<T>(
    jobId: string,
    options: FactorizeOptions,
    send: (worker: WorkerProcess, begun: number) => Promise<T>,
  ): Promise<T> {
    if (this.jobs.has(jobId)) {
      throw new Error(`A job with the id "${jobId}" is already under way.`);
    }
    if (this.disposed) {
      throw new Error('The worker was closed and takes no more jobs.');
    }
    const { token } = options;
    // The protocol cancels only after sending, when a short job may already be done.
    if (token?.isCancellationRequested) throw new JobCancelledError('The job was cancelled.');
    const abort = new AbortController();
    const job: PendingJob = { options, abort, checkpoint: null, iterating: false, fitted: false };
    this.jobs.set(jobId, job);
    const cancellation = token?.onCancellationRequested(() =>
      job.abort.abort(new JobCancelledError('The job was cancelled.')),
    );
    try {
      return await this.queue.inTurn(() => this.atWork(job, send), {
        signal: job.abort.signal,
        onPosition: (position) => options.onProgress?.({ jobId, phase: 'queued', position }),
      });
    } finally {
      cancellation?.dispose();
      this.jobs.delete(jobId);
    }
  }

  /** @param send is told when its turn came, in milliseconds of `performance.now()` */
  private async atWork<T>(job: PendingJob, send: (worker: WorkerProcess, begun: number) => Promise<T>): Promise<T> {
    const begun = performance.now();
    const worker = this.ensureWorker();
    job.worker = worker;
    worker.startHeartbeat();
    try {
      return await send(worker, begun);
    } catch (error) {
      throw await this.translate(error, job, worker);
    } finally {
      clearTimeout(job.timer);
      worker.stopHeartbeat();
    }
  }

  /** Asks a job to end after its present chunk; its request then answers with what there is. One that waits is given up. */
  stop(jobId: string): void {
    const job = this.jobs.get(jobId);
    if (job && !job.worker) {
      job.abort.abort(new JobCancelledError('The job was stopped before there was anything to keep.'));
    } else if (job?.worker?.alive) {
      job.worker.connection.sendNotification(stopNotification, { jobId }).catch((error: unknown) => {
        this.logEmitter.fire({ level: 'error', message: `Stopping a job failed: ${String(error)}` });
      });
    }
  }

  /**
   * The best factors of a running job so far; null before there are any, or when there is no such job. Where nobody waits for
   * them it is null too while making them would take a share of the job's time that is felt.
   */
  async checkpoint(jobId: string, { waitedFor = true } = {}): Promise<Factorization | null> {
    const job = this.jobs.get(jobId);
    if (!job?.worker?.alive) {
      return null;
    }
    const { worker } = job;
    try {
      const checkpoint = await worker.connection.sendRequest(checkpointRequest, { jobId, waitedFor });
      job.checkpoint = checkpoint ?? job.checkpoint;
      return checkpoint;
    } catch (error) {
      throw await this.translate(error, job, worker);
    }
  }

  /**
   * Ends the process at once, for a job that neither stops nor cancels: it rejects with WorkerCrashedError. The next
   * one that waits begins in another process.
   */
  kill(): void {
    this.worker?.kill();
  }

  /** Ends the worker. The job in it and those that wait reject with JobCancelledError. */
  async dispose(): Promise<void> {
    this.disposed = true;
    for (const { worker, abort } of this.jobs.values()) if (!worker) abort.abort(closed());
    await this.worker?.end(endGrace);
    this.crashEmitter.dispose();
    this.logEmitter.dispose();
    this.respondingEmitter.dispose();
  }

  private ensureWorker(): WorkerProcess {
    if (this.worker?.alive) {
      return this.worker;
    }
    const { workerPath, forked } = this.options;
    const child = forked && this.worker === undefined && isFresh(forked) ? forked : forkWorker(workerPath);
    const worker = new WorkerProcess(child, workerPath, this.options.heartbeat ?? defaultHeartbeat, (line) => {
      this.logEmitter.fire(line);
    });
    worker.connection.onNotification(progressNotification, (progress) => this.onProgress(progress));
    worker.connection.onNotification(fittedNotification, ({ jobId, factorization }) =>
      this.onFitted(jobId, factorization),
    );
    worker.onDidChangeResponding((responding) => {
      this.respondingEmitter.fire(responding);
    });
    let lost: string | undefined;
    // Disposal comes before the request rejects and leaves the table.
    worker.connection.onDispose(() => {
      lost = [...this.jobs].find(([, job]) => job.worker === worker)?.[0];
    });
    void worker.ended.then((exit) => {
      if (!exit.requested) {
        this.crashEmitter.fire({ exit, ...(lost !== undefined && { job: lost }) });
      }
    });
    this.worker = worker;
    return worker;
  }

  private onProgress(progress: JobProgress): void {
    const job = this.jobs.get(progress.jobId);
    if (job === undefined) {
      return;
    }
    if (progress.phase === 'iterating' && !job.iterating) {
      job.iterating = true;
      this.scheduleCheckpoint(progress.jobId, job, 0);
    }
    job.options.onProgress?.(progress);
  }

  private onFitted(jobId: string, factorization: Factorization): void {
    const job = this.jobs.get(jobId);
    if (job === undefined) return;
    clearTimeout(job.timer);
    job.fitted = true;
    job.checkpoint = factorization;
    job.options.onFitted?.(factorization);
  }

  private scheduleCheckpoint(jobId: string, job: PendingJob, lastDuration: number): void {
    const { checkpointEvery, onCheckpoint } = job.options;
    if (checkpointEvery === undefined) {
      return;
    }
    const cost = Math.max(0, lastDuration - chunkTime);
    const wait = Math.max(checkpointEvery * 1000, cost * (checkpointShare - 1));
    job.timer = setTimeout(() => {
      const asked = performance.now();
      this.checkpoint(jobId, { waitedFor: false })
        .then((checkpoint) => {
          if (checkpoint && this.jobs.get(jobId) === job) {
            onCheckpoint?.(checkpoint);
          }
        })
        .catch((error: unknown) => {
          this.logEmitter.fire({ level: 'warn', message: `A checkpoint was missed: ${String(error)}` });
        })
        .finally(() => {
          if (this.jobs.get(jobId) === job && job.worker?.alive && !job.fitted) {
            this.scheduleCheckpoint(jobId, job, performance.now() - asked);
          }
        });
    }, wait);
  }

  /** What the wire says, in the words of this class. */
  private async translate(error: unknown, job: PendingJob, worker: WorkerProcess): Promise<unknown> {
    if (error instanceof ResponseError) {
      if (error.code === workerErrorCodes.data) {
        return new JobFailedError(error.message, 'data');
      }
      if (error.code === workerErrorCodes.memory) {
        return new JobFailedError(error.message, 'memory');
      }
      if (error.code === workerErrorCodes.internal) {
        return new JobFailedError(error.message, 'internal');
      }
      if (error.code === workerErrorCodes.environment) {
        return new JobFailedError(error.message, 'environment');
      }
      if (error.code === workerErrorCodes.cancelled) {
        return new JobCancelledError(error.message);
      }
    }
    if (worker.alive) {
      return error;
    }
    if (this.disposed) {
      return closed();
    }
    if (job.options.token?.isCancellationRequested) {
      return new JobCancelledError('The job was cancelled.');
    }
    return new WorkerCrashedError(await worker.ended, job.checkpoint);
  }
}

const closed = (): JobCancelledError => new JobCancelledError('The job was given up because Factorlens was closed.');

/** With the time since it was asked for: what the worker knows nothing of is the queue, its own start, and messages. */
function sinceAsked(factorization: Factorization, asked: number, begun: number): Factorization {
  const { timing } = factorization;
  const queue = (begun - asked) / 1000;
  const total = (performance.now() - asked) / 1000;
  return { ...factorization, timing: { queue, start: Math.max(0, total - queue - timing.total), ...timing, total } };
}
