import { DataError } from '../dataset';

/** What a picture may take in memory. */
export const byteLimit = 400_000_000;

export interface ImageSize {
  width: number;
  height: number;
  bands: number;
  /** Bits a sample. */
  bits: number;
}

/** What a picture takes in memory: its samples as they stand in the file, or its grey levels at 4 bytes a pixel. */
export const pictureBytes = ({ width, height, bands, bits }: ImageSize): number =>
  width * height * Math.max(4, bands * Math.ceil(bits / 8));

/** @throws DataError when an image takes more memory than is given to one */
export function assertFits(size: ImageSize, name: string): void {
  const { width, height, bands, bits } = size;
  const bytes = pictureBytes(size);
  if (bytes > byteLimit) {
    const megabytes = (taken: number): string => Math.ceil(taken / 1e6).toLocaleString('en');
    throw new DataError(
      `${name}: ${width}×${height} pixels of ${bands} × ${bits} bits take ${megabytes(bytes)} MB of memory, more than the ${megabytes(byteLimit)} MB that are allowed; scale the image down.`,
    );
  }
}
