import { stat } from 'node:fs/promises';
import { ResponseError } from 'vscode-jsonrpc/node';
import type { Factorization } from '../factorization/result';
import {
  peekRequest,
  readResultRequest,
  workerErrorCodes,
  type PeekParams,
  type ReadResultParams,
} from '../protocol/worker';
import type { Peek } from '../data/peek';
import { JobFailedError } from './errors';
import type { LogLine } from './process';
import { forkWorker } from './fork';
import { WorkerProcess } from './process';

export interface ReadResultOptions {
  /** File of the reader's bundle. Given by the caller, so that a test can give one that misbehaves. */
  readerPath: string;
  onLog?: (line: LogLine) => void;
}

/** Megabytes that the reader's objects may take, whatever the file, and at most. */
const minHeap = 384;
const maxHeap = 4096;
/** An object of many short labels takes at most so many times their bytes in the file. */
const heapShare = 16;

/** How long the reader may take to leave, in milliseconds. */
const endGrace = 1000;

/**
 * Reads a saved result in a process of its own, which ends afterwards and whose memory is bounded by the file's size.
 * A job that is computing is not asked and not disturbed.
 * @throws JobFailedError naming the file when it is no result, or when the process that read it died.
 */
export async function readResult(
  params: ReadResultParams,
  { readerPath, onLog = () => undefined }: ReadResultOptions,
): Promise<Factorization> {
  const { source, name } = params;
  const bytes = source.kind === 'path' ? await sizeOf(source.path) : source.bytes.byteLength;
  const heap = Math.round(Math.min(maxHeap, minHeap + (heapShare * bytes) / 1e6));
  // It is not watched over: it has one thing to do, and no native call that could hang.
  const child = forkWorker(readerPath, [`--max-old-space-size=${heap}`]);
  const reader = new WorkerProcess(child, readerPath, { interval: 1000, maxSilentBeats: Infinity }, onLog);
  try {
    return await reader.connection.sendRequest(readResultRequest, params);
  } catch (error) {
    if (error instanceof ResponseError && error.code === workerErrorCodes.data) {
      throw new JobFailedError(error.message, 'data');
    }
    if (reader.alive) throw error;
    const { exitCode, signal, startError } = await reader.ended;
    // One that a signal ended began to read, though it may not have said so.
    throw startError && signal === null
      ? new JobFailedError(
          `${name} could not be read: the process that reads results did not start (${startError.message}). Try again; if it persists, reinstall Factorlens.`,
          'internal',
        )
      : new JobFailedError(
          `${name} could not be read: the process that reads it ended (${signal ?? `exit code ${exitCode ?? 'unknown'}`}), often because memory ran out. Close other programs and try again, or factorize the data anew.`,
          'data',
        );
  } finally {
    await reader.end(endGrace);
  }
}

/** Milliseconds that a look at a file's beginning may take: a question waits for it. */
const maxPeek = 5000;

/**
 * Looks at the beginning of a file, in a process of its own as well.
 * @returns undefined where it tells nothing, cannot be read, or takes too long: the job then says what is wrong
 */
export async function peekInto(
  params: PeekParams,
  { readerPath, onLog = () => undefined }: ReadResultOptions,
): Promise<Peek | undefined> {
  const child = forkWorker(readerPath, [`--max-old-space-size=${minHeap}`]);
  const reader = new WorkerProcess(child, readerPath, { interval: 1000, maxSilentBeats: Infinity }, onLog);
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, maxPeek, null)));
    return (await Promise.race([reader.connection.sendRequest(peekRequest, params), late])) ?? undefined;
  } catch (error) {
    onLog({ level: 'info', message: `Nothing could be told of the file beforehand: ${String(error)}` });
    return undefined;
  } finally {
    clearTimeout(timer);
    await reader.end(endGrace);
  }
}

/** 0 where nothing can be told of it: the reader says why. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
