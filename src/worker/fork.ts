import { fork, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { workerEnvironment } from './environment';
import { WorkerCrashedError } from './errors';

/**
 * Starts a worker's process. It says nothing until it is asked.
 * @param flags for Node
 * @throws WorkerCrashedError where the system refuses at once; other refusals come as the child's `error`
 */
export function forkWorker(path: string, flags: readonly string[] = []): ChildProcess {
  try {
    return fork(path, [], {
      // Inherited flags would include the extension host's inspector.
      execArgv: [...flags],
      serialization: 'advanced',
      env: workerEnvironment(process.env, process.versions['electron'] !== undefined),
      // On Windows a process holds its working directory: hold none of the user's.
      cwd: dirname(path),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  } catch (error) {
    const startError = error instanceof Error ? error : new Error(String(error));
    throw new WorkerCrashedError({ exitCode: null, signal: null, startError, requested: false, output: [] });
  }
}

/** Whether a process that was forked earlier can still take requests. */
export const isFresh = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.connected && child.exitCode === null && child.signalCode === null;
