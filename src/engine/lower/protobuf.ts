import protobuf from 'protobufjs/minimal';

const wire = { varint: 0, delimited: 2, fixed32: 5 } as const;

/**
 * Writes messages field by field with protobuf.js's own writer. From a schema the library would first generate code,
 * which takes longer than a program's whole translation.
 */
export class ProtobufWriter {
  private readonly writer = protobuf.Writer.create();

  /** A whole number as int32 or int64. */
  integer(field: number, value: number): void {
    this.tag(field, wire.varint).int64(value);
  }

  /** A number as float32. */
  float(field: number, value: number): void {
    this.tag(field, wire.fixed32).float(value);
  }

  text(field: number, value: string): void {
    this.tag(field, wire.delimited).string(value);
  }

  raw(field: number, value: Uint8Array): void {
    this.tag(field, wire.delimited).bytes(value);
  }

  /** A message within this one, written by `write`. */
  message(field: number, write: () => void): void {
    this.tag(field, wire.delimited).fork();
    write();
    this.writer.ldelim();
  }

  /** What was written. */
  end(): Uint8Array {
    // In Node the library gives a Buffer, which is more than is asked for.
    return Uint8Array.from(this.writer.finish());
  }

  private tag(field: number, type: number): protobuf.Writer {
    return this.writer.uint32(field * 8 + type);
  }
}
