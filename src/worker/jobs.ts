import type { Dataset, Source, TableOptions } from '../data/dataset';
import type { Diagnose } from '../factorization/diagnostics/diagnostics';
import type { Factorization } from '../factorization/result';
import type { FactorizationSettings } from '../model/settings';
import type { WarmStart } from '../factorization/starts/start';
import type { UseResult } from '../model/uses';
import type { Continuation } from '../factorization/plan';
import type { FactorizeParams, JobProgress, Progress, UseParams } from '../protocol/worker';

/** Makes the best factorization so far; null before there is one, and where it costs too much for one that nobody waits for. */
type MakeCheckpoint = (waitedFor?: boolean) => Factorization | null | Promise<Factorization | null>;

/** The two halves of a job, given from outside so that jobs can be seen at work without an engine. */
export interface JobDependencies {
  readDataset(
    source: Source,
    options: { table?: TableOptions; weights?: Source; onProgress: (fraction: number) => void; signal: AbortSignal },
  ): Promise<Dataset>;
  factorize(
    dataset: Dataset,
    settings: FactorizationSettings,
    callbacks: {
      onProgress: (progress: Progress) => void;
      shouldStop: () => boolean;
      signal: AbortSignal;
      onCheckpointable: (make: MakeCheckpoint) => void;
      onFitted: (fitted: Factorization) => Promise<void>;
      diagnose?: Diagnose;
    },
    continuation?: Continuation,
    warmStart?: WarmStart,
  ): Promise<Factorization>;
  use(params: UseParams, signal: AbortSignal): Promise<UseResult[]>;
}

/** Where jobs tell what happens. */
export interface JobListener {
  onProgress(progress: JobProgress): void;
  /** The factors are there, and what is found out about them is still to come. Resolves when they are on their way. */
  onFitted(jobId: string, fitted: Factorization): Promise<void>;
}

/** Why a job has no result though nothing failed. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

export interface Jobs {
  /**
   * Reads and factorizes.
   * @throws JobCancelled when `signal` fires, or when the job is stopped before it has anything to keep.
   * @throws DataError for bad input; anything else is a fault of ours.
   */
  factorize(params: FactorizeParams, signal: AbortSignal): Promise<Factorization>;
  /**
   * Uses a result.
   * @throws JobCancelled when `signal` fires.
   * @throws DataError for bad input; anything else is a fault of ours.
   */
  use(params: UseParams, signal: AbortSignal): Promise<UseResult[]>;
  /** Ends a job after its present chunk; a job that has not begun to compute is given up. Unknown ids are ignored: the job may just have ended. */
  stop(jobId: string): void;
  /** The best factors so far; null when there are none, and where nobody waits for them and they would cost too much. */
  checkpoint(jobId: string, waitedFor?: boolean): Promise<Factorization | null>;
}

interface Job {
  readonly jobId: string;
  readonly abort: AbortController;
  phase: 'reading' | 'computing';
  stopRequested: boolean;
  makeCheckpoint?: MakeCheckpoint;
  /** `performance.now()` when it arrived. */
  begun: number;
}

/** Reading tells of itself at most this often, in milliseconds. */
const readingInterval = 50;

/** The jobs of this process. One is at work at a time: those that wait do so in the host (see queue.ts). */
export function createJobs(dependencies: JobDependencies, listener: JobListener): Jobs {
  let present: Job | undefined;

  async function compute(job: Job, params: FactorizeParams): Promise<Factorization> {
    const { signal } = job.abort;
    let reportedAt = -Infinity;
    const dataset = await dependencies.readDataset(params.source, {
      ...(params.table && { table: params.table }),
      ...(params.weights && { weights: params.weights }),
      signal,
      onProgress: (fraction) => {
        const now = performance.now();
        if (now - reportedAt >= readingInterval || fraction === 1) {
          reportedAt = now;
          listener.onProgress({ jobId: params.jobId, phase: 'reading', fraction });
        }
      },
    });
    signal.throwIfAborted();
    job.phase = 'computing';
    const result = await dependencies.factorize(
      dataset,
      params.settings,
      {
        onProgress: (progress) => listener.onProgress({ ...progress, jobId: params.jobId }),
        shouldStop: () => job.stopRequested,
        signal,
        onCheckpointable: (make) => {
          job.makeCheckpoint = make;
        },
        onFitted: (fitted) => listener.onFitted(params.jobId, timed(job, fitted)),
        ...(params.diagnose && { diagnose: params.diagnose }),
      },
      params.continuation,
      params.warmStart,
    );
    return timed(job, result);
  }

  /**
   * Adds the times that are known only here. Gathering X from the dataset's blocks, which `factorize` timed, is reading
   * too, and so is what little lies between the two.
   */
  function timed(job: Job, factorization: Factorization): Factorization {
    const { timing } = factorization;
    const total = (performance.now() - job.begun) / 1000;
    return { ...factorization, timing: { ...timing, read: total - timing.total + timing.read, total } };
  }

  /** Does a job's work; `signal` gives it up meanwhile. */
  async function alone<T>(jobId: string, signal: AbortSignal, work: (job: Job) => Promise<T>): Promise<T> {
    if (present) {
      throw new Error(`The job "${present.jobId}" is at work, and this process takes one at a time.`);
    }
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(new JobCancelled('The job was cancelled.'));
    if (signal.aborted) {
      giveUp();
    }
    abort.signal.throwIfAborted();
    signal.addEventListener('abort', giveUp, { once: true });
    const job: Job = { jobId, abort, phase: 'reading', stopRequested: false, begun: performance.now() };
    present = job;
    try {
      return await work(job);
    } catch (error) {
      // A reader that is reportedAt to stop may complain in words of its own.
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      present = undefined;
      signal.removeEventListener('abort', giveUp);
    }
  }

  const find = (jobId: string): Job | undefined => (present?.jobId === jobId ? present : undefined);

  return {
    factorize: (params, signal) => alone(params.jobId, signal, (job) => compute(job, params)),
    use: (params, signal) => alone(params.jobId, signal, (job) => dependencies.use(params, job.abort.signal)),

    stop(jobId) {
      const job = find(jobId);
      if (job === undefined) {
        return;
      }
      job.stopRequested = true;
      if (job.phase !== 'computing') {
        job.abort.abort(new JobCancelled('The job was stopped before there was anything to keep.'));
      }
    },

    async checkpoint(jobId, waitedFor) {
      const job = find(jobId);
      const factorization = await job?.makeCheckpoint?.(waitedFor);
      return job && factorization ? timed(job, factorization) : null;
    },
  };
}
