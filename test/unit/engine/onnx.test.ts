import assert from 'node:assert/strict';
import protobuf from 'protobufjs/light';
import { ElementType, encodeModel, rawTensor, valueInfo, type GraphProto } from '../../../src/engine/lower/onnx';

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

const graph = (parts: Partial<GraphProto>): GraphProto => ({
  name: 'graph',
  node: [],
  initializer: [],
  input: [],
  output: [],
  ...parts,
});

/** The graph of a model as protobuf.js reads it. */
function decoded(model: Uint8Array): Record<string, unknown> {
  const type = schema.lookupType('ModelProto');
  const { graph: read } = type.toObject(type.decode(model), { longs: Number, arrays: false }) as {
    graph: Record<string, unknown>;
  };
  return read;
}

describe('engine: ONNX models as bytes', () => {
  it('are read back by protobuf.js, whatever the kind of an attribute', () => {
    const weights = rawTensor(ElementType.float32, [1.5, -2], [2]);
    const written = graph({
      node: [
        {
          opType: 'Any',
          domain: 'com.microsoft',
          input: ['x', ''],
          output: ['y'],
          attributes: {
            axis: -1,
            large: 2 ** 40 + 5,
            mode: 'größte',
            axes: [0, -2, 300],
            alpha: { float: -0.25 },
            value: { tensor: weights },
            body: { graph: graph({ name: 'inner' }) },
          },
        },
      ],
      initializer: [{ ...weights, name: 'weights' }],
      input: [valueInfo('x', ElementType.bool, [3, 'n', 200])],
      output: [valueInfo('y', ElementType.float64), valueInfo('scalar', ElementType.int64, [])],
    });
    const tensor = { dims: [2], dataType: 1, rawData: weights.rawData };
    assert.deepEqual(decoded(encodeModel(written)), {
      name: 'graph',
      node: [
        {
          opType: 'Any',
          domain: 'com.microsoft',
          input: ['x', ''],
          output: ['y'],
          attribute: [
            { name: 'axis', i: -1, type: 2 },
            { name: 'large', i: 2 ** 40 + 5, type: 2 },
            { name: 'mode', s: new TextEncoder().encode('größte'), type: 3 },
            { name: 'axes', ints: [0, -2, 300], type: 7 },
            { name: 'alpha', f: -0.25, type: 1 },
            { name: 'value', t: tensor, type: 4 },
            { name: 'body', g: { name: 'inner' }, type: 5 },
          ],
        },
      ],
      initializer: [{ ...tensor, name: 'weights' }],
      input: [
        {
          name: 'x',
          type: {
            tensorType: { elemType: 9, shape: { dim: [{ dimValue: 3 }, { dimParam: 'n' }, { dimValue: 200 }] } },
          },
        },
      ],
      output: [
        { name: 'y', type: { tensorType: { elemType: 11 } } },
        { name: 'scalar', type: { tensorType: { elemType: 7, shape: {} } } },
      ],
    });
  });

  it('are read back however long a message is', () => {
    for (const length of [0, 120, 126, 127, 128, 129, 16380, 16384, 2 ** 21 - 20, 2 ** 21 + 20]) {
      const { rawData } = rawTensor(ElementType.bool, new Uint8Array(length).fill(1), [length]);
      const tensor = { dims: [length], dataType: ElementType.bool, rawData, name: 'x' };
      const [read] = decoded(encodeModel(graph({ initializer: [tensor] })))['initializer'] as { rawData: Uint8Array }[];
      assert.deepEqual(Buffer.compare(read?.rawData ?? new Uint8Array(), rawData), 0, `${length} bytes`);
    }
  });
});
