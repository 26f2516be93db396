import type { Factorization } from '../factorization/factorization';

/** A job failed in the worker. The message is for the user as it stands. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';

  /** `data` when the input is to blame; `environment` when the machine is; `internal` when we are, and the log has the stack. */
  constructor(
    message: string,
    readonly kind: 'data' | 'environment' | 'internal',
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

function describeExit({ exitCode, signal, startError, requested }: WorkerExit): string {
  if (startError && /\b(EAGAIN|ENOMEM|EMFILE|ENFILE)\b/.test(startError.message)) {
    return `The computing process could not be started, since the system gives no more processes, threads, files or memory (${startError.message}); end other programs, or raise the limits (ulimit -a), and try again.`;
  }
  if (startError) {
    return `The computing process could not be started (${startError.message}). Try again; if it persists, reinstall Factorlens.`;
  }
  if (requested) {
    return 'The computing process was ended on request. Start the job again when you are ready.';
  }
  if (signal === 'SIGKILL' || signal === 'SIGABRT') {
    return `The computing process was ended by ${signal}, often because memory ran out. Start the job again; a smaller rank or fewer columns need less memory.`;
  }
  const how = signal === null ? `with exit code ${exitCode ?? 'unknown'}` : `by ${signal}`;
  return `The computing process ended unexpectedly ${how}. Start the job again; if it ends the same way, the log says more.`;
}
