import { fork, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { workerEnvironment } from './environment';

/** Starts a worker's process. It says nothing until it is asked. */
export function forkWorker(path: string): ChildProcess {
  return fork(path, [], {
    // Inherited flags would include the extension host's inspector.
    execArgv: [],
    serialization: 'advanced',
    env: workerEnvironment(process.env, process.versions['electron'] !== undefined),
    // On Windows a process holds its working directory: hold none of the user's.
    cwd: dirname(path),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** Whether a process that was forked earlier can still take requests. */
export const isFresh = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.connected && child.exitCode === null && child.signalCode === null;
