import protobuf from 'protobufjs/light';

/** Element types of ONNX that the engine uses. */
export const ElementType = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

const AttributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const;

export interface TensorProto {
  name?: string;
  dims: readonly number[];
  dataType: ElementType;
  rawData: Uint8Array;
}
interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  ints?: readonly number[];
}
export interface NodeProto {
  opType: string;
  domain?: string;
  input: readonly string[];
  output: readonly string[];
  attribute: readonly AttributeProto[];
}
export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: ElementType; shape?: { dim: readonly { dimValue?: number; dimParam?: string }[] } } };
}
export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

/** A whole number, a list of them, text, or what its key says. */
export type AttributeValue =
  number | string | readonly number[] | { float: number } | { tensor: TensorProto } | { graph: GraphProto };

export function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  if ('tensor' in value) return { name, type: AttributeType.tensor, t: value.tensor };
  if ('graph' in value) return { name, type: AttributeType.graph, g: value.graph };
  return { name, type: AttributeType.ints, ints: value };
}

export function valueInfo(name: string, elemType: ElementType, shape?: readonly (number | string)[]): ValueInfoProto {
  if (!shape) return { name, type: { tensorType: { elemType } } };
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** Raw bytes of numbers in an element type; ONNX is little-endian, as is every machine that ONNX Runtime runs on. */
export function rawTensor(dataType: ElementType, values: ArrayLike<number>, dims: readonly number[]): TensorProto {
  const numbers = Array.from(values);
  const array =
    dataType === ElementType.int64
      ? BigInt64Array.from(numbers, BigInt)
      : dataType === ElementType.bool
        ? Uint8Array.from(numbers)
        : dataType === ElementType.float32
          ? Float32Array.from(numbers)
          : Float64Array.from(numbers);
  return { dims, dataType, rawData: new Uint8Array(array.buffer) };
}

const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) });

/** The part of onnx.proto (ONNX 1.16) that the engine writes: field numbers and types as published. */
const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    GraphProto: {
      fields: {
        node: field(1, 'NodeProto', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'TensorProto', 'repeated'),
        input: field(11, 'ValueInfoProto', 'repeated'),
        output: field(12, 'ValueInfoProto', 'repeated'),
      },
    },
    NodeProto: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'AttributeProto', 'repeated'),
        domain: field(7, 'string'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'TensorProto'),
        g: field(6, 'GraphProto'),
        ints: field(8, 'int64', 'repeated'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: field(1, 'int64', 'repeated'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: field(1, 'DimensionProto', 'repeated') } },
    DimensionProto: {
      fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') },
    },
  },
});

/** Opset 18 of ONNX: every ONNX Runtime provider that the engine uses implements it. */
export function encodeModel(graph: GraphProto): Uint8Array {
  const opsetImport = [
    { domain: '', version: 18 },
    { domain: 'com.microsoft', version: 1 },
  ];
  return schema
    .lookupType('ModelProto')
    .encode({ irVersion: 8, producerName: 'factorlens', graph, opsetImport })
    .finish();
}
