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

/** Under which names a program's values go in and come out. */
export interface StepNames {
  /** Shared values that steps change. */
  readonly changing: readonly string[];
  /** An output has a value each step if it is `traced`, else one of the last step. */
  readonly outputs: readonly { readonly name: string; readonly traced: boolean }[];
}

export const namesOf = (program: StepProgram): StepNames => ({
  changing: [...program.states].flatMap(([name, { node, next }]) => (node === next ? [] : [name])),
  outputs: Array.from(program.outputs, ([name, node]) => ({ name, traced: node.rank === 0 })),
});

/** Names of the model's inputs and outputs; `STEPS` is an int64 scalar. */
export const STEPS = 'steps';

/**
 * The program as one ONNX model that takes any number of steps in a `Loop`: shared values are loop-carried, scalar
 * outputs come out once a step, others from the last step. What no step changes is computed once, before the loop.
 */
export function lowerLoop(program: StepProgram, precision: 'float32' | 'float64'): Uint8Array {
  const model = new ModelBuilder(precision, sizeSources(program));
  const outer = model.root;
  const body = model.root.child();
  const changing = [...program.states].filter(([, { node, next }]) => node !== next);
  const last = [...program.outputs].filter(([, node]) => node.rank > 0);
  const traced = [...program.outputs].filter(([, node]) => node.rank === 0);

  const once: Scope = { emitter: outer, names: new Map() };
  const step: Scope = { emitter: body, names: new Map(), parent: once };
  for (const [name, node] of program.inputs) once.names.set(node, name);
  for (const [name, { node, next }] of program.states) {
    if (node === next) once.names.set(node, name);
    else step.names.set(node, `${name}_before`);
  }
  for (const [name, node] of program.sequences) {
    step.names.set(node, body.node('Squeeze', [body.node('Gather', [name, 'step'], { axis: 0 })]));
  }
  write([...changing.map(([, { next }]) => next), ...program.outputs.values()], step);
  /** A result of the body under a name of its own: one value may be several results, or be made outside. */
  const result = (node: Node): string => body.node('Identity', [nameOf(node, step)]);

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
  return encodeModel(graph);
}

/** One graph of the model being written: the names of its values, and the graph around it, whose values it sees. */
interface Scope {
  readonly emitter: Emitter;
  readonly names: Map<Node, string>;
  readonly parent?: Scope;
}

function scopeOf(node: Node, scope: Scope | undefined): Scope | undefined {
  return !scope || scope.names.has(node) ? scope : scopeOf(node, scope.parent);
}

function nameOf(node: Node, scope: Scope): string {
  const name = scopeOf(node, scope)?.names.get(node);
  if (name !== undefined) return name;
  throw new Error(`${describe(node)} is used, but is neither an input nor shared nor a sequence`);
}

/**
 * Writes what `roots` need. A node goes into the outermost scope that knows its operands, so whatever does not change
 * within a loop leaves it. What only one alternative of an `ifElse` needs goes into that branch.
 */
function write(roots: readonly Node[], scope: Scope): void {
  const eager = new Set(topological(roots, (node) => (is(node, 'ifElse') ? node.operands.slice(0, 1) : node.operands)));
  const order = topological(roots, (node) =>
    is(node, 'ifElse')
      ? [...node.operands.slice(0, 1), ...topological(node.operands.slice(1)).filter((inner) => eager.has(inner))]
      : node.operands,
  );
  for (const node of order) {
    if (scopeOf(node, scope)) continue;
    if (is(node, 'ifElse')) {
      const [condition, yes, no] = node.operands;
      if (!condition || !yes || !no) throw new Error(`${describe(node)} lacks an alternative`);
      const branches = { then_branch: { graph: branch(yes, scope) }, else_branch: { graph: branch(no, scope) } };
      scope.names.set(node, scope.emitter.node('If', [nameOf(condition, scope)], branches));
      continue;
    }
    const target = node.operands.map((operand) => scopeOf(operand, scope)).reduce(deeper, outermost(scope));
    target?.names.set(node, emit(target.emitter, node, scope));
  }
}

function branch(root: Node, parent: Scope): GraphProto {
  const scope: Scope = { emitter: parent.emitter.child(), names: new Map(), parent };
  write([root], scope);
  const result = scope.emitter.node('Identity', [nameOf(root, scope)]);
  const type = root.dtype === 'bool' ? ElementType.bool : scope.emitter.model.floatType;
  return { name: result, node: scope.emitter.nodes, initializer: [], input: [], output: [valueInfo(result, type)] };
}

const outermost = (scope: Scope): Scope => (scope.parent ? outermost(scope.parent) : scope);
const depth = (scope: Scope | undefined): number => (scope ? 1 + depth(scope.parent) : 0);
const deeper = (a: Scope | undefined, b: Scope | undefined): Scope | undefined => (depth(a) >= depth(b) ? a : b);

function emit(emitter: Emitter, node: Node, scope: Scope): string {
  if (is(node, 'constant')) return emitter.values(node.attributes.value.data, node.attributes.value.shape);
  if (isLeaf(node)) return nameOf(node, scope);
  const operands = node.operands.map((operand) => nameOf(operand, scope));
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
