import { randomUUID } from 'node:crypto';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc/node';
import type { WorkerClient } from '../worker/client';
import { exitCodes } from './exit-codes';

/** How long a job that was given up may take to end before its process is killed, in milliseconds. */
const giveUpGrace = 2000;

export interface Interruption {
  /** The job that is stopped. */
  readonly jobId: string;
  readonly token: CancellationToken;
  /** Set once there was an interruption. */
  readonly exitCode: number | undefined;
  end(): void;
}

/** The first Ctrl-C stops and keeps what there is; the second, or SIGTERM, gives up. */
export function listenForInterruption(client: WorkerClient, note: (line: string) => void): Interruption {
  const jobId = randomUUID();
  const source = new CancellationTokenSource();
  let exitCode: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const giveUp = (code: number): void => {
    exitCode = code;
    source.cancel();
    timer ??= setTimeout(() => client.kill(), giveUpGrace);
  };
  const onInterrupt = (): void => {
    if (exitCode === undefined) {
      exitCode = exitCodes.interrupted;
      note('Stopping; what there is will be written. Ctrl-C again gives up.');
      client.stop(jobId);
    } else {
      giveUp(exitCodes.interrupted);
    }
  };
  const onTerminate = (): void => giveUp(exitCodes.terminated);
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    jobId,
    token: source.token,
    get exitCode() {
      return exitCode;
    },
    end(): void {
      clearTimeout(timer);
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      source.dispose();
    },
  };
}
