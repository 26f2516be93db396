import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { decodeFactorization, encodeFactorization } from '../data/factors-file';
import type { Factorization } from '../factorization/factorization';
import type { WarmStart } from '../factorization/starts/start';
import { toReport } from '../factorization/report';
import { factorsFileName } from '../protocol/naming';
import { WorkerClient } from '../worker/client';
import { JobCancelledError, JobFailedError, WorkerCrashedError } from '../worker/errors';
import { UsageError } from './errors';
import type { RunCommand } from './options';
import { reason, resolveOutput, writeWhole } from './output';
import { createProgressDisplay } from './progress';
import { summarise } from './summary';
import { oneLine } from './text';

export const exitCodes = { done: 0, fault: 1, usage: 2, crash: 3, interrupted: 130, terminated: 143 } as const;

/** How long a job that was given up may take to end before its process is killed, in milliseconds. */
const giveUpGrace = 2000;

/**
 * Runs one job and writes its factors.
 * @returns the process's exit code. Errors have been told on stderr, each in one line.
 */
export async function run(command: RunCommand, workerPath: string): Promise<number> {
  const { file, settings, quiet } = command;
  const shownOutput = command.out ?? join(dirname(file), factorsFileName(basename(file)));
  const display = createProgressDisplay(process.stderr, settings, { quiet });
  const client = new WorkerClient({ workerPath });
  if (process.env['FACTORLENS_LOG'] === '1') {
    client.onLog(({ level, message }) => display.note(`${level}: ${message}`));
  }
  const interruption = listenForInterruption(client, display.note);
  try {
    const output = await resolveOutput(file, shownOutput);
    const begin = command.init && (await beginningOf(command.init.file));
    const factorization = await client.factorize(
      {
        jobId: interruption.jobId,
        source: { kind: 'path', path: resolve(file) },
        table: command.table,
        settings: begin && !command.init?.rankGiven ? { ...settings, rank: begin.rank } : settings,
        ...(begin && { warmStart: begin }),
      },
      { onProgress: display.update, token: interruption.token },
    );
    await writeWhole(output, encodeFactorization(factorization));
    display.end();
    if (command.json) {
      const report = toReport(factorization, { trace: command.trace, output: shownOutput, file });
      process.stdout.write(`${JSON.stringify(report)}\n`);
    } else if (!quiet) {
      process.stdout.write(summarise(factorization, file, shownOutput));
    }
    return interruption.exitCode ?? exitCodes.done;
  } catch (error) {
    display.end();
    if (
      interruption.exitCode !== undefined &&
      (error instanceof JobCancelledError || error instanceof WorkerCrashedError)
    ) {
      display.note('Interrupted; nothing was written.');
      return interruption.exitCode;
    }
    display.note(error instanceof Error ? error.message : String(error));
    return exitCodeOf(error);
  } finally {
    interruption.end();
    await client.dispose();
  }
}

/** @throws UsageError when the file cannot be read or is no factors file */
async function beginningOf(file: string): Promise<WarmStart> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`--init: ${oneLine(file)} cannot be read (${reason(error)}); name a .factors.npz file.`);
  }
  const { rows, columns, rank, W, H } = decoded(bytes, basename(file));
  return { name: basename(file), rows, columns, rank, W, H };
}

function decoded(bytes: Uint8Array, name: string): Factorization {
  try {
    return decodeFactorization(bytes, name);
  } catch (error) {
    if (error instanceof Error && error.name === 'DataError') throw new UsageError(error.message);
    throw error;
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || (error instanceof JobFailedError && error.kind === 'data')) {
    return exitCodes.usage;
  }
  return error instanceof WorkerCrashedError ? exitCodes.crash : exitCodes.fault;
}

/** The first Ctrl-C stops and keeps what there is; the second, or SIGTERM, gives up. */
function listenForInterruption(client: WorkerClient, note: (line: string) => void) {
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
