import { describe, is, isLeaf, topological, type Node } from '../graph';
import { declarationOf } from '../ops/operators';
import { ModelBuilder, type Emitter, type SizeSource } from './emitter';
import { ElementType, encodeModel, valueInfo, type GraphProto, type ValueInfoProto } from './onnx';

/** A program of update steps, by the names under which its values go in and come out. */
export interface StepProgram {
  readonly inputs: ReadonlyMap<string, Node>;
  readonly sequences: ReadonlyMap<string, Node>;
  /** Shared values and what each becomes after a step (itself, where nothing updates it). */
  readonly states: ReadonlyMap<string, { readonly node: Node; readonly next: Node }>;
  readonly outputs: ReadonlyMap<string, Node>;
}

export interface LoweredModel {
  readonly bytes: Uint8Array;
  /** Nodes written outside and inside the loop, for reports. */
  readonly counts: { readonly once: number; readonly step: number };
}

/** Names of the model's inputs and outputs; `STEPS` is an int64 scalar. */
export const STEPS = 'steps';

/**
 * The program as one ONNX model that takes any number of steps in a `Loop`: shared values are loop-carried, scalar
 * outputs come out once a step, others from the last step. What no step changes is computed once, before the loop.
 */
export function lowerLoop(program: StepProgram, precision: 'float32' | 'float64'): LoweredModel {
  const model = new ModelBuilder(precision, sizeSources(program));
  const outer = model.root;
  const body = model.root.child();
  const changing = [...program.states].filter(([, { node, next }]) => node !== next);
  const last = [...program.outputs].filter(([, node]) => node.rank > 0);
  const traced = [...program.outputs].filter(([, node]) => node.rank === 0);

  const once = new Map<Node, string>();
  const step = new Map<Node, string>();
  for (const [name, node] of program.inputs) once.set(node, name);
  for (const [name, { node, next }] of program.states) {
    if (node === next) once.set(node, name);
    else step.set(node, `${name}_before`);
  }
  for (const [name, node] of program.sequences) {
    step.set(node, body.node('Squeeze', [body.node('Gather', [name, 'step'], { axis: 0 })]));
  }
  const roots = [...changing.map(([, { next }]) => next), ...program.outputs.values()];
  for (const node of topological(roots)) {
    if (once.has(node) || step.has(node)) continue;
    const invariant = node.operands.every((operand) => once.has(operand));
    const names = invariant ? once : step;
    const operands = node.operands.map((operand) => step.get(operand) ?? once.get(operand) ?? '');
    names.set(node, emit(invariant ? outer : body, node, operands));
  }
  /** A result of the body under a name of its own: one value may be several results, or be made outside. */
  const result = (node: Node): string => body.node('Identity', [step.get(node) ?? once.get(node) ?? '']);

  const type = model.floatType;
  const bodyGraph: GraphProto = {
    name: 'step',
    node: body.nodes,
    initializer: [],
    input: [
      valueInfo('step', ElementType.int64, []),
      valueInfo('going', ElementType.bool, []),
      ...changing.map(([name, { node }]) => valueInfo(`${name}_before`, type, node.shape)),
      ...last.map(([name]) => valueInfo(`${name}_previous`, type)),
    ],
    output: [
      valueInfo(body.node('Identity', ['going']), ElementType.bool, []),
      ...changing.map(([, { next }]) => valueInfo(result(next), type)),
      ...last.map(([, node]) => valueInfo(result(node), type)),
      ...traced.map(([, node]) => valueInfo(result(node), type, [])),
    ],
  };
  const initial = last.map(([, node]) => outer.values(new Float64Array(), new Array<number>(node.rank).fill(0)));
  const results = [...changing, ...last, ...traced].map(([name]) => name);
  const going = model.constant(ElementType.bool, [1], []);
  outer.into(
    'Loop',
    [STEPS, going, ...changing.map(([name]) => name), ...initial],
    results.map((name) => `${name}_after`),
    { body: { graph: bodyGraph } },
  );
  const inputs: ValueInfoProto[] = [
    ...[...program.inputs].map(([name, node]) => valueInfo(name, type, node.shape)),
    ...[...program.states].map(([name, { node }]) => valueInfo(name, type, node.shape)),
    ...[...program.sequences].map(([name]) => valueInfo(name, type, [STEPS])),
    valueInfo(STEPS, ElementType.int64, []),
  ];
  const graph: GraphProto = {
    name: 'run',
    node: outer.nodes,
    initializer: model.initializers,
    input: inputs,
    output: results.map((name) => valueInfo(`${name}_after`, type)),
  };
  return { bytes: encodeModel(graph), counts: { once: outer.nodes.length, step: body.nodes.length } };
}

function emit(emitter: Emitter, node: Node, operands: readonly string[]): string {
  if (is(node, 'constant')) return emitter.values(node.attributes.value.data, node.attributes.value.shape);
  if (isLeaf(node)) throw new Error(`${describe(node)} is used, but is neither an input nor shared nor a sequence`);
  return declarationOf(node).lower(emitter, operands, node, node.attributes as never);
}

function sizeSources(program: StepProgram): Map<string, SizeSource> {
  const carriers = [...program.inputs, ...[...program.states].map(([name, { node }]) => [name, node] as const)];
  const sources = new Map<string, SizeSource>();
  for (const [value, node] of carriers) {
    for (const [axis, dim] of node.shape.entries()) {
      if (typeof dim === 'string' && !sources.has(dim)) sources.set(dim, { value, axis });
    }
  }
  return sources;
}
