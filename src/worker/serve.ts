import { format } from 'node:util';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, ResponseError } from 'vscode-jsonrpc/node';
import { DataError } from '../data/dataset';
import { SettingsError } from '../model/settings';
import { memoryRemedies, tellsOfExhaustion } from '../memory/exhausted';
import {
  checkpointRequest,
  factorizeRequest,
  fittedNotification,
  logNotification,
  pingRequest,
  progressNotification,
  stopNotification,
  useRequest,
  workerErrorCodes,
  workerExitCodes,
} from '../protocol/worker';
import type { JobDependencies } from './jobs';
import { createJobs, JobCancelled } from './jobs';

/**
 * Makes this process a worker: answers requests on its IPC channel until the parent closes it or dies.
 * @param release frees what jobs have in use, before the process ends
 * @throws Error when the process was not forked, and so has no channel.
 */
export function serve(dependencies: JobDependencies, release: () => Promise<void> = () => Promise.resolve()): void {
  if (process.send === undefined) {
    throw new Error('The worker is started by the editor or the command line, not by hand.');
  }
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  const log = (level: 'info' | 'warn' | 'error', message: string): Promise<void> =>
    connection.sendNotification(logNotification, { level, message });

  leaveWith(connection);
  process.on('disconnect', () => {
    const exit = (): never => process.exit(0);
    release().then(exit, exit);
  });
  // Ctrl-C in a terminal reaches the whole process group. What it means is the command line's to decide.
  process.on('SIGINT', () => undefined);

  const jobs = createJobs(dependencies, {
    onProgress: (progress) => void connection.sendNotification(progressNotification, progress),
    onFitted: (jobId, factorization) => connection.sendNotification(fittedNotification, { jobId, factorization }),
  });

  connection.onRequest(pingRequest, () => true);
  connection.onRequest(factorizeRequest, (params, token) =>
    answer(() => jobs.factorize(params, abortSignal(token)), log),
  );
  connection.onRequest(useRequest, (params, token) => answer(() => jobs.use(params, abortSignal(token)), log));
  connection.onRequest(checkpointRequest, ({ jobId, waitedFor }) =>
    answer(() => jobs.checkpoint(jobId, waitedFor), log),
  );
  connection.onNotification(stopNotification, ({ jobId }) => jobs.stop(jobId));
  connection.listen();
}

/** Tells the parent of an error that nobody caught, then ends: after it the process cannot be trusted. */
function leaveWith(connection: MessageConnection): void {
  const leave = (error: unknown): void => {
    const exit = (): never =>
      process.exit(tellsOfExhaustion(String(error)) ? workerExitCodes.memory : workerExitCodes.fault);
    connection.sendNotification(logNotification, { level: 'error', message: format(error) }).then(
      // The writer resolves when the channel has taken the message; a moment lets it be flushed.
      () => setTimeout(exit, 50),
      exit,
    );
  };
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
}

/** Sorts errors by whom they are for: the user's words cross the wire as they are, stacks go to the log. */
async function answer<T>(
  work: () => Promise<T>,
  log: (level: 'error', message: string) => Promise<void>,
): Promise<T | ResponseError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError || error instanceof SettingsError) {
      return new ResponseError(workerErrorCodes.data, error.message);
    }
    if (error instanceof JobCancelled) {
      return new ResponseError(workerErrorCodes.cancelled, error.message);
    }
    await log('error', format(error));
    if (refusesThreads(error)) return new ResponseError(workerErrorCodes.environment, noThreads);
    if (error instanceof Error && tellsOfExhaustion(error.message)) {
      return new ResponseError(workerErrorCodes.memory, `The job ran out of memory. ${memoryRemedies}`);
    }
    return new ResponseError(workerErrorCodes.internal, error instanceof Error ? error.message : String(error));
  }
}

const noThreads =
  'The machine gives the computing process no more threads; end other programs, or raise the limits (ulimit -u, ulimit -v).';

/** Whether it is ONNX Runtime's, WebAssembly's or Node.js's word for threads that the machine does not give. */
function refusesThreads(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /pthread_create failed|Resource temporarily unavailable|\bEAGAIN\b/.test(message);
}

function abortSignal(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) {
    controller.abort();
  } else {
    token.onCancellationRequested(() => controller.abort());
  }
  return controller.signal;
}
