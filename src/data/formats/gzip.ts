import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from '../dataset';
import type { OpenSource } from '../source';

/** The name of what a compressed file holds: `data.csv.gz` holds `data.csv`. */
export function unpackedName(name: string): string {
  return name.replace(/\.gz$/i, '');
}

/** Unpacks a gzip file while it is read: nothing of it is held. @throws DataError, while reading, when it is damaged */
export function gunzipped(source: OpenSource): OpenSource {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const unpacker = createGunzip();
    // What the file's own reader throws is its own fault, not that of the archive.
    let fault: Error | undefined;
    async function* packed(): AsyncGenerator<Uint8Array> {
      try {
        yield* source.chunks();
      } catch (error) {
        fault = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
    }
    try {
      const input = Readable.from(packed());
      input.on('error', (error) => unpacker.destroy(error));
      for await (const chunk of input.pipe(unpacker) as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      if (fault !== undefined) throw fault;
      if (!isZlibError(error)) throw error;
      throw new DataError(
        `${source.name}: the compressed file is damaged or cut off (${error.message}); download or compress it again.`,
        { cause: error },
      );
    }
  }
  return { ...source, chunks };
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
