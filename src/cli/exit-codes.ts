import { FileWriteError } from '../files/failure';
import { JobFailedError, WorkerCrashedError } from '../worker/errors';
import { UsageError } from './errors';

export const exitCodes = { done: 0, fault: 1, usage: 2, crash: 3, interrupted: 130, terminated: 143 } as const;

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof FileWriteError) return exitCodes.usage;
  if (error instanceof JobFailedError) {
    // What the machine refuses from the beginning is for the user to mend, like a wrong name.
    if (error.kind === 'data' || error.kind === 'environment') return exitCodes.usage;
    return error.kind === 'memory' ? exitCodes.crash : exitCodes.fault;
  }
  if (error instanceof WorkerCrashedError) return error.exit.startError ? exitCodes.usage : exitCodes.crash;
  return exitCodes.fault;
}
