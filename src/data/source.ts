import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SourceIdentity } from '../factorization/factorization';
import { DataError, type Source } from './dataset';

/** Bytes handed on at a time: few enough that what a chunk's rows take in memory is gone before it grows old. */
const chunkBytes = 1 << 17;

/** A source's bytes in order, hashed on the way. Can be read once. */
export interface OpenSource {
  /** Base name, for messages. */
  name: string;
  /** Size in bytes as the file system tells it before reading. */
  size: number;
  chunks(): AsyncIterable<Uint8Array>;
  /** What was read; only after `chunks()` has come to its end. */
  identity(): SourceIdentity;
}

/** The base name of a source, as messages and results show it. */
export function sourceName(source: Source): string {
  return source.kind === 'path' ? basename(source.path) : source.name;
}

/**
 * Opens a source for one pass.
 * @param onProgress fraction of the bytes handed out so far, 0 to 1
 * @param signal when aborted, reading throws the signal's reason (not a DataError)
 * @throws DataError when the file is missing, a folder, not permitted or empty
 */
export async function openSource(
  source: Source,
  options: { onProgress?: ((fraction: number) => void) | undefined; signal?: AbortSignal | undefined } = {},
): Promise<OpenSource> {
  const name = sourceName(source);
  const size = source.kind === 'path' ? await fileSize(source.path) : source.bytes.byteLength;
  if (size === 0) {
    throw new DataError(`${name}: the file is empty; choose one that holds a table or an image.`);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  let ended = false;

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const raw = source.kind === 'path' ? fileChunks(source.path) : memoryChunks(source.bytes);
    for await (const chunk of raw) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.byteLength;
      options.onProgress?.(Math.min(1, bytes / size));
      yield chunk;
    }
    ended = true;
  }

  return {
    name,
    size,
    chunks,
    identity() {
      if (!ended) {
        throw new Error('The identity of a source is known only once it has been read to its end.');
      }
      return {
        name,
        ...(source.uri === undefined ? {} : { uri: source.uri }),
        bytes,
        sha256: hash.copy().digest('hex'),
      };
    },
  };
}

async function fileSize(path: string): Promise<number> {
  let status;
  try {
    status = await stat(path);
  } catch (error) {
    throw fileError(path, error);
  }
  if (status.isDirectory()) {
    throw new DataError(`${basename(path)}: this is a folder; choose a file.`);
  }
  if (!status.isFile()) {
    throw new DataError(`${basename(path)}: this is not a regular file; copy its content into one first.`);
  }
  return status.size;
}

async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: chunkBytes });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk;
    }
  } catch (error) {
    // What the consumer throws does not come through here: only the stream's own faults do.
    throw fileError(path, error);
  }
}

async function* memoryChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
    // Lets cancellation and progress messages through between chunks, as a file's stream does.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function fileError(path: string, error: unknown): DataError {
  const name = basename(path);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new DataError(`${name}: no such file; check the path ${JSON.stringify(path)}.`);
    case 'EACCES':
    case 'EPERM':
      return new DataError(`${name}: reading is not permitted; change the file's permissions.`);
    default:
      return new DataError(
        `${name}: reading failed (${error instanceof Error ? error.message : String(error)}); check the disk and try again.`,
        { cause: error },
      );
  }
}
