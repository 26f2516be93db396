import { JobFailedError, WorkerCrashedError } from '../worker/errors';
import { UsageError } from './errors';

export const exitCodes = { done: 0, fault: 1, usage: 2, crash: 3, interrupted: 130, terminated: 143 } as const;

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || (error instanceof JobFailedError && error.kind === 'data')) {
    return exitCodes.usage;
  }
  const outOfMemory = error instanceof JobFailedError && error.kind === 'memory';
  return outOfMemory || error instanceof WorkerCrashedError ? exitCodes.crash : exitCodes.fault;
}
