/**
 * Whether a PNG or GIF lacks its end mark. Decoders do not ask for it once they have the first picture, so that a file may be
 * cut off behind that without their notice. (The other formats say how long they are, and are refused when cut.)
 */
export function lacksEnd(bytes: Uint8Array, format: string): boolean {
  return (format === 'PNG' && !pngEnds(bytes)) || (format === 'GIF' && !gifEnds(bytes));
}

/** Chunks of a length, a type, data and a checksum, up to IEND. */
function pngEnds(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length;) {
    const [length, type] = [view.getUint32(at), view.getUint32(at + 4)];
    if (type === 0x49454e44) {
      return true;
    }
    at += 12 + length;
  }
  return false;
}

/** Extensions and pictures, each a header and blocks that say how long they are, up to a semicolon. After the GIF89a specification. */
function gifEnds(bytes: Uint8Array): boolean {
  const tableBytes = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  const afterBlocks = (start: number): number => {
    let at = start;
    for (let length = bytes[at]; length !== undefined && length > 0; length = bytes[at]) {
      at += length + 1;
    }
    return at + 1;
  };
  for (let at = 13 + tableBytes(bytes[10]); at < bytes.length;) {
    switch (bytes[at]) {
      case 0x21:
        at = afterBlocks(at + 2);
        break;
      case 0x2c:
        at = afterBlocks(at + 11 + tableBytes(bytes[at + 9]));
        break;
      default:
        // The end mark, or something unknown behind the pictures, which is no cut.
        return true;
    }
  }
  return false;
}

/** A sentence on a file that is cut off behind its first picture. @param file as the sentence's subject */
export function aboutCut(file: string): string {
  return `${file} is cut off behind its first picture, which is whole; fetch it anew if it should hold more.`;
}
