const wire = { varint: 0, delimited: 2, fixed32: 5 } as const;

/**
 * Writes messages in the wire format of Protocol Buffers, field by field; fields that are not given are left out by not
 * being written. A few lines of its own, since what a library does first for a schema, generating code from it, takes
 * longer than a program's whole translation.
 */
export class ProtobufWriter {
  private bytes = new Uint8Array(2 ** 14);
  private length = 0;
  private readonly encoder = new TextEncoder();

  /** A whole number as int32 or int64. */
  integer(field: number, value: number): void {
    this.tag(field, wire.varint);
    if (value >= 0) {
      this.varint(value);
    } else {
      // Negative numbers are written as their 64 bits, lowest first.
      let bits = BigInt.asUintN(64, BigInt(value));
      for (; bits > 127n; bits >>= 7n) this.byte(Number(bits & 127n) | 128);
      this.byte(Number(bits));
    }
  }

  /** A number as float32, little-endian. */
  float(field: number, value: number): void {
    this.tag(field, wire.fixed32);
    this.append(new Uint8Array(Float32Array.of(value).buffer));
  }

  text(field: number, value: string): void {
    this.raw(field, this.encoder.encode(value));
  }

  raw(field: number, value: Uint8Array): void {
    this.tag(field, wire.delimited);
    this.varint(value.length);
    this.append(value);
  }

  /** A message within this one, written by `write`. */
  message(field: number, write: () => void): void {
    this.tag(field, wire.delimited);
    const start = this.length;
    write();
    // How long it is comes before it, and how long that is depends on it.
    const size = this.length - start;
    const digits = Math.max(1, Math.ceil(Math.log2(size + 1) / 7));
    this.reserve(digits);
    this.bytes.copyWithin(start + digits, start, this.length);
    this.length = start;
    this.varint(size);
    this.length += size;
  }

  /** What was written. */
  end(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private tag(field: number, type: number): void {
    this.varint(field * 8 + type);
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private append(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
