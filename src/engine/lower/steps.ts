import { is, topological, type Node } from '../graph';
import { changingNodes, inferSizes } from '../rewrite/cost';
import type { Sizes } from '../shape';
import { ModelBuilder, type Replacements } from './emitter';
import { write } from './lower';
import { nameOf, type Scope } from './scope';
import { changingStates, leavesOf, type StepProgram } from '../step-program';
import { ElementType, encodeModel, valueInfo, type ValueInfoProto } from './onnx';

/** A program as two models: what no step changes, and one step. For devices that run a `Loop` badly or not at all. */
export interface LoweredSteps {
  /** From the inputs and the shared values that nothing updates, the values of `kept`. */
  readonly once: Uint8Array;
  /** Names of the values that `once` makes and each step is given. */
  readonly kept: readonly string[];
  /** From `kept`, the changing shared values and a value of each sequence: the outputs, and the changed values as `NAME_after`. */
  readonly step: Uint8Array;
}

/** Writes a program whose run calls for one step at a time. */
export function lowerSteps(program: StepProgram, replacements: Replacements): LoweredSteps {
  const updated = changingStates(program);
  const results = new Map<string, Node>([
    ...[...program.outputs].map(([name, node]) => [`${name}_after`, node] as const),
    ...updated.map(([name, { next }]) => [`${name}_after`, next] as const),
  ]);
  const roots = [...results.values()];
  const sizes = inferSizes(roots);
  const leaves = leavesOf(program);
  const given = new Map<string, Node>([
    ...program.inputs,
    ...[...program.states].map(([name, { node }]) => [name, node] as const),
  ]);
  const fixed = [...given].filter(([, node]) => !leaves.has(node));
  const changing = [...updated.map(([name, { node }]) => [name, node] as const), ...program.sequences];
  // A step that needs a size which only a run tells is given the value that carries it.
  const carriers = fixed.flatMap(([, node]) =>
    node.shape.some((dim) => typeof dim === 'string' && !sizes.has(dim)) ? [node] : [],
  );
  const values = new Set([...frontier(roots, changingNodes(roots, leaves)), ...carriers]);
  const kept = new Map([...values].map((node, k) => [`kept_${k}`, node] as const));
  return {
    once: model(fixed, kept, sizes, replacements),
    kept: [...kept.keys()],
    step: model([...changing, ...kept], results, sizes, replacements),
  };
}

/**
 * Values that no step changes and steps need: those nearest to the results, so that as much as can be is computed once.
 * Truth values are left to the steps, since devices hold them in forms of their own.
 */
function frontier(roots: readonly Node[], changing: ReadonlySet<Node>): Set<Node> {
  const isKept = (node: Node): boolean => !changing.has(node) && !is(node, 'constant') && node.dtype === 'float';
  return new Set(topological(roots, (node) => (isKept(node) ? [] : node.operands)).filter(isKept));
}

function model(
  given: Iterable<readonly [string, Node]>,
  results: ReadonlyMap<string, Node>,
  sizes: Sizes,
  replacements: Replacements,
): Uint8Array {
  const inputs = [...given];
  const sources = new Map(
    inputs.flatMap(([value, { shape }]) =>
      shape.flatMap((dim, axis) => (typeof dim === 'string' ? [[dim, { value, axis }] as const] : [])),
    ),
  );
  const builder = new ModelBuilder('float32', sources, { sizes, replacements, selects: true });
  const scope: Scope = { emitter: builder.root, names: new Map(inputs.map(([name, node]) => [node, name])) };
  write([...results.values()], scope);
  const float = ElementType.float32;
  const output: ValueInfoProto[] = [];
  for (const [name, node] of results) {
    builder.root.into('Identity', [nameOf(node, scope)], [name]);
    output.push(valueInfo(name, float, node.shape));
  }
  const input = inputs.map(([name, node]) => valueInfo(name, float, node.shape));
  return encodeModel({ name: 'steps', node: builder.root.nodes, initializer: builder.initializers, input, output });
}
