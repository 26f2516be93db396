import type { Factorization } from '../factorization/result';
import { memoryRemedies, tellsOfExhaustion } from '../memory/exhausted';
import { workerExitCodes } from '../protocol/worker';

/** A job failed in the worker. The message is for the user as it stands. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';

  /**
   * `data` when the input is to blame; `environment` when the machine refused something; `memory` when there was not
   * enough; `internal` when we are, and the log has the stack.
   */
  constructor(
    message: string,
    readonly kind: 'data' | 'environment' | 'memory' | 'internal',
  ) {
    super(message);
  }
}

/** The job was given up on request, or stopped before there was anything to keep. */
export class JobCancelledError extends Error {
  override readonly name = 'JobCancelledError';
}

/** How a worker process ended: by itself with a code, by a signal, or without having started. */
export interface WorkerExit {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Why the process could not be started, where that is what happened. */
  startError?: Error;
  /** The caller asked for it with `kill()`. */
  requested: boolean;
  /** The last lines of the process's own output, oldest first. */
  output: readonly string[];
}

/** The worker ended while a job was in it. The message says what happened and what to do. */
export class WorkerCrashedError extends Error {
  override readonly name = 'WorkerCrashedError';

  constructor(
    readonly exit: WorkerExit,
    /** The last whole factors that had arrived, or null. */
    readonly checkpoint: Factorization | null = null,
  ) {
    super(describeExit(exit));
  }
}

/** Exit codes by which an abort is told where there are no signals: of Node, and Windows' own for no memory. */
const abortCodes = [134, 0xc0000017, 0xc000012d, 0xc0000409];

/** Windows tells codes above 2³¹ as they are or as negative numbers. */
const isAbort = ({ exitCode, signal }: WorkerExit): boolean =>
  signal !== null || (exitCode !== null && abortCodes.includes(exitCode >>> 0));

function describeExit(exit: WorkerExit): string {
  const { exitCode, signal, startError, requested, output } = exit;
  if (startError && /\b(EAGAIN|ENOMEM|EMFILE|ENFILE)\b/.test(startError.message)) {
    return `The computing process could not be started, since the system gives no more processes, threads, files or memory (${startError.message}); end other programs, or raise the limits (ulimit -a), and try again.`;
  }
  if (startError) {
    return `The computing process could not be started (${startError.message}). Try again; if it persists, reinstall Factorlens.`;
  }
  if (requested) {
    return 'The computing process was ended on request. Start the job again when you are ready.';
  }
  if (exitCode === workerExitCodes.memory || (isAbort(exit) && tellsOfExhaustion(output.join('\n')))) {
    return `The computing process ran out of memory. ${memoryRemedies} Then start the job again.`;
  }
  if (signal === 'SIGKILL') {
    return `The system ended the computing process, most likely because it ran out of memory. ${memoryRemedies} Then start the job again.`;
  }
  const how = signal === null ? `with exit code ${exitCode ?? 'unknown'}` : `by ${signal}`;
  return `The computing process ended unexpectedly ${how}. Start the job again; if it ends the same way, the log says more.`;
}
