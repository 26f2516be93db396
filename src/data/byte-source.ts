import { readSync } from 'node:fs';

/** Bytes that are read where they are wanted. */
export interface ByteSource {
  readonly size: number;
  /** Bytes from `start` on: so many, or fewer where the source ends before. */
  read(start: number, length: number): Uint8Array;
}

export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (start, length) => bytes.subarray(start, start + length) };
}

/** The bytes of an open file of a known size. What lies beyond that size, since the file has grown, is not read. */
export function bytesOfFile(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(start, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - start)));
      let filled = 0;
      while (filled < bytes.length) {
        const count = readSync(descriptor, bytes, filled, bytes.length - filled, start + filled);
        if (count === 0) return bytes.subarray(0, filled);
        filled += count;
      }
      return bytes;
    },
  };
}
