import { NotificationType, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { Source, TableOptions } from '../data/dataset';
import type { Peek } from '../data/peek';
import type { Diagnose } from '../factorization/diagnostics/diagnostics';
import type { Factorization } from '../factorization/result';
import type { Continuation } from '../factorization/plan';
import type { FactorizationProgress } from '../factorization/progress';
import type { FactorizationSettings } from '../model/settings';
import type { Use, UseResult } from '../model/uses';
import type { WarmStart } from '../factorization/starts/start';

/**
 * The wire between the extension host (or the command line) and the worker process. Messages travel over the
 * child's IPC channel with structured-clone serialisation, so typed arrays arrive as typed arrays.
 */

export interface FactorizeParams {
  /** Chosen by the caller; progress and control messages carry it. */
  jobId: string;
  source: Source;
  table?: TableOptions;
  /** A matrix of weights for the entries. */
  weights?: Source;
  settings: FactorizationSettings;
  continuation?: Continuation;
  /** The factors to begin with where the settings' start is `file`. */
  warmStart?: WarmStart;
  /** How much is to be found out about the result: `auto` by default. */
  diagnose?: Diagnose;
}

/** What a result is to be used for. */
export interface UseParams {
  /** Chosen by the caller, as of a factorization. */
  jobId: string;
  factorization: Factorization;
  /** The new rows, or the data that the result came from; absent where no use needs data. */
  source?: Source;
  /** The weights of the data that the result came from, where it has any. */
  weights?: Source;
  uses: Use[];
}

export interface JobReference {
  jobId: string;
}

/** What is told of a job while it waits and runs. */
export type Progress =
  /** Other jobs are ahead of it: 1 is next in line. Told by the host's end, where the queue is. */
  { phase: 'queued'; position: number } | { phase: 'reading'; fraction: number } | FactorizationProgress;

export type JobProgress = JobReference & Progress;

/** Codes of errors that cross the wire, beside those JSON-RPC reserves. */
export const workerErrorCodes = {
  /** Bad input: the message is for the user as it stands. */
  data: 1,
  /** A fault of ours; its stack is in the log. */
  internal: 2,
  /** The job was given up, or stopped before there was anything to keep. */
  cancelled: 3,
  /** The machine refused what the job needs, such as threads: the message is for the user as it stands. */
  environment: 4,
  /** Memory ran out, and the worker outlived it: the message is for the user as it stands. */
  memory: 5,
} as const;

/** Exit codes of a worker that leaves because of an error that nobody caught. */
export const workerExitCodes = { fault: 70, memory: 71 } as const;

/** Reads, factorizes and answers with the result; cancelling the request gives the job up. */
export const factorizeRequest = new RequestType<FactorizeParams, Factorization, void>('factorize');

/** Reads what is needed and answers with a result for each use, in order; cancelling the request gives it up. */
export const useRequest = new RequestType<UseParams, UseResult[], void>('use');

/** Asks a job to end after the present chunk; its `factorize` request then answers with what there is. */
export const stopNotification = new NotificationType<JobReference>('stop');

/** A checkpoint that nobody waits for is not made where it would cost a share of the time that is felt. */
export interface CheckpointParams extends JobReference {
  waitedFor: boolean;
}

/** The best factors so far of a running job, whole; null before there are any, and where they would cost too much. */
export const checkpointRequest = new RequestType<CheckpointParams, Factorization | null, void>('checkpoint');

/** Sent by the worker while a job waits and runs. */
export const progressNotification = new NotificationType<JobProgress>('progress');

/** The factors as they will stay, before they are examined; the answer to the request has what is found out as well. */
export const fittedNotification = new NotificationType<JobReference & { factorization: Factorization }>('fitted');

/** Answered at once by a worker that is not deep in a native call. */
export const pingRequest = new RequestType0<true, void>('ping');

/** A line for the log. */
export const logNotification = new NotificationType<{ level: 'info' | 'warn' | 'error'; message: string }>('log');

/** Asks the process that reads results for one. */
export interface ReadResultParams {
  source: Source;
  /** Of the file, for messages. */
  name: string;
}

/** Asks the same process what the beginning of a file says of it; null where that is nothing. */
export interface PeekParams {
  source: Source;
  table?: TableOptions;
}

export const peekRequest = new RequestType<PeekParams, Peek | null, void>('peek');

/** Answered by a process of its own, which ends afterwards: what a hostile file does there harms no job and no editor. */
export const readResultRequest = new RequestType<ReadResultParams, Factorization, void>('readResult');
