/** Frames of an animated PNG by its chunk acTL, which stands before the picture; 1 where there is none. After the APNG specification. */
export function apngFrames(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length;) {
    const [length, type] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === 0x6163544c) {
      return Math.max(1, view.getUint32(at + 8));
    }
    // The picture has begun.
    if (type === 0x49444154) {
      return 1;
    }
    at += 12 + length;
  }
  return 1;
}
