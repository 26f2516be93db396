import type { SourceIdentity } from './reading-report';
import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
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
  const { size, raw } =
    source.kind === 'path'
      ? await fileContent(source.path)
      : { size: source.bytes.byteLength, raw: memoryChunks(source.bytes) };
  if (size === 0) {
    throw new DataError(`${name}: the file is empty; choose one that holds a table or an image.`);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  let ended = false;

  async function* chunks(): AsyncGenerator<Uint8Array> {
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

interface Content {
  size: number;
  /** Nothing is opened before the first chunk is asked for. */
  raw: AsyncGenerator<Uint8Array>;
}

async function fileContent(path: string): Promise<Content> {
  const state = await orFileError(path, () => stat(path, { bigint: true }));
  if (state.isDirectory()) {
    throw new DataError(`${basename(path)}: this is a folder; choose a file.`);
  }
  if (!state.isFile()) {
    throw new DataError(`${basename(path)}: this is not a regular file; copy its content into one first.`);
  }
  return { size: Number(state.size), raw: fileChunks(path, state) };
}

/**
 * A file's bytes, all of one version of it: that which `before` is the state of.
 * @throws DataError when the file is written to meanwhile, which would give a part of its rows, or rows of two versions
 */
async function* fileChunks(path: string, before: BigIntStats): AsyncGenerator<Uint8Array> {
  // A pipe that has taken the file's place since must not be waited for. (Windows has neither pipes nor the flag.)
  const handle = await orFileError(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    await assertUnchanged(handle, path, before);
    let read = 0n;
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(chunkBytes);
      const { bytesRead } = await orFileError(path, () => handle.read(chunk, 0, chunkBytes));
      read += BigInt(bytesRead);
      // A file that grows as fast as it is read would have no end.
      if (bytesRead === 0 || read > before.size) {
        break;
      }
      yield chunk.subarray(0, bytesRead);
    }
    await assertUnchanged(handle, path, { ...before, size: read });
  } finally {
    await handle.close();
  }
}

async function assertUnchanged(
  handle: FileHandle,
  path: string,
  before: Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs'>,
): Promise<void> {
  const now = await orFileError(path, () => handle.stat({ bigint: true }));
  if (now.ino !== before.ino || now.size !== before.size || now.mtimeNs !== before.mtimeNs) {
    throw new DataError(
      `${basename(path)}: the file was changed while it was read; read it again once nothing writes to it.`,
    );
  }
}

async function* memoryChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
    // Lets cancellation and progress messages through between chunks, as a file's stream does.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function orFileError<T>(path: string, access: () => Promise<T>): Promise<T> {
  try {
    return await access();
  } catch (error) {
    throw fileError(path, error);
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
