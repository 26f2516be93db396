import type { Dataset, Source, TableOptions } from '../data/dataset';
import type { Diagnose } from '../factorization/diagnostics';
import type { Factorization, FactorizationSettings } from '../factorization/factorization';
import type { WarmStart } from '../factorization/starts/warm';
import type { UseResult } from '../factorization/use/kinds';
import type { Continuation, DistributiveOmit, FactorizeParams, JobProgress, UseParams } from '../protocol/worker';

/** Makes the best factorization so far; null before there is one, and where it costs too much for one that nobody waits for. */
type MakeCheckpoint = (waitedFor?: boolean) => Factorization | null | Promise<Factorization | null>;

/** The two halves of a job, given from outside so that the queue can be seen at work without an engine. */
export interface JobDependencies {
  readDataset(
    source: Source,
    options: { table?: TableOptions; weights?: Source; onProgress: (fraction: number) => void; signal: AbortSignal },
  ): Promise<Dataset>;
  factorize(
    dataset: Dataset,
    settings: FactorizationSettings,
    callbacks: {
      onProgress: (progress: DistributiveOmit<JobProgress, 'jobId'>) => void;
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
   * Waits its turn, reads, factorizes.
   * @throws JobCancelled when `signal` fires, or when the job is stopped before it has anything to keep.
   * @throws DataError for bad input; anything else is a fault of ours.
   */
  factorize(params: FactorizeParams, signal: AbortSignal): Promise<Factorization>;
  /**
   * Waits its turn and uses a result.
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
  phase: 'queued' | 'reading' | 'computing';
  stopRequested: boolean;
  makeCheckpoint?: MakeCheckpoint;
  /** `performance.now()` when it was asked for, and when its turn came. */
  asked: number;
  begun: number;
}

/** Reading tells of itself at most this often, in milliseconds. */
const readingInterval = 50;

/** A queue in which one job computes at a time: two would only take turns at the same processor and memory. */
export function createJobs(dependencies: JobDependencies, listener: JobListener): Jobs {
  const jobs = new Map<string, Job>();
  const waiting: { job: Job; start: () => void }[] = [];
  let busy = false;

  function announcePositions(): void {
    waiting.forEach(({ job }, index) =>
      listener.onProgress({ jobId: job.jobId, phase: 'queued', position: index + 1 }),
    );
  }

  async function turn(job: Job): Promise<void> {
    if (!busy) {
      busy = true;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const { signal } = job.abort;
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(entry), 1);
        announcePositions();
        reject(signal.reason as Error);
      };
      const entry = {
        job,
        start: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(entry);
      listener.onProgress({ jobId: job.jobId, phase: 'queued', position: waiting.length });
    });
  }

  function nextTurn(): void {
    const next = waiting.shift();
    if (next === undefined) {
      busy = false;
      return;
    }
    announcePositions();
    next.start();
  }

  async function compute(job: Job, params: FactorizeParams): Promise<Factorization> {
    const { signal } = job.abort;
    job.begun = performance.now();
    job.phase = 'reading';
    let told = -Infinity;
    const dataset = await dependencies.readDataset(params.source, {
      ...(params.table && { table: params.table }),
      ...(params.weights && { weights: params.weights }),
      signal,
      onProgress: (fraction) => {
        const now = performance.now();
        if (now - told >= readingInterval || fraction === 1) {
          told = now;
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
   * Adds the times that only the queue knows. Gathering X from the dataset's blocks, which `factorize` timed,
   * is reading too, and so is what little lies between the two.
   */
  function timed(job: Job, factorization: Factorization): Factorization {
    const { timing } = factorization;
    const queue = (job.begun - job.asked) / 1000;
    const total = (performance.now() - job.asked) / 1000;
    return { ...factorization, timing: { queue, ...timing, read: total - queue - timing.total + timing.read, total } };
  }

  /** Does a job's work when its turn comes; `signal` gives it up meanwhile. */
  async function inTurn<T>(jobId: string, signal: AbortSignal, work: (job: Job) => Promise<T>): Promise<T> {
    if (jobs.has(jobId)) {
      throw new Error(`A job with the id "${jobId}" is already under way.`);
    }
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(new JobCancelled('The job was cancelled.'));
    if (signal.aborted) {
      giveUp();
    }
    abort.signal.throwIfAborted();
    signal.addEventListener('abort', giveUp, { once: true });
    const now = performance.now();
    const job: Job = { jobId, abort, phase: 'queued', stopRequested: false, asked: now, begun: now };
    jobs.set(jobId, job);
    try {
      await turn(job);
      try {
        return await work(job);
      } finally {
        nextTurn();
      }
    } catch (error) {
      // A reader that is told to stop may complain in words of its own.
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      jobs.delete(jobId);
      signal.removeEventListener('abort', giveUp);
    }
  }

  return {
    factorize: (params, signal) => inTurn(params.jobId, signal, (job) => compute(job, params)),
    use: (params, signal) => inTurn(params.jobId, signal, (job) => dependencies.use(params, job.abort.signal)),

    stop(jobId) {
      const job = jobs.get(jobId);
      if (job === undefined) {
        return;
      }
      job.stopRequested = true;
      if (job.phase !== 'computing') {
        job.abort.abort(new JobCancelled('The job was stopped before there was anything to keep.'));
      }
    },

    async checkpoint(jobId, waitedFor) {
      const job = jobs.get(jobId);
      const factorization = await job?.makeCheckpoint?.(waitedFor);
      return job && factorization ? timed(job, factorization) : null;
    },
  };
}
