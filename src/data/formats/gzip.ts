import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
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
    const input = Readable.from(source.chunks());
    // What the file's own reader throws is no fault of the archive, and comes out as it is.
    input.on('error', (error) => unpacker.destroy(error));
    try {
      for await (const chunk of input.pipe(unpacker) as AsyncIterable<Buffer>) yield chunk;
      // Whatever stands behind the last member is no part of it, as gzip itself has it; it belongs to the file all the same.
      input.unpipe(unpacker);
      input.resume();
      await finished(input);
    } catch (error) {
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
