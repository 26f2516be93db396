import { is, topological, type Node } from '../graph';
import { changingNodes, inferSizes } from '../rewrite/cost';
import type { Sizes } from '../shape';
import { rewrite } from '../rewrite/rewrite';
import { forms, type Device, type Precision } from '../run/session';
import { changingStates, isTraced, leavesOf, mapRoots, rootsOf, withoutLoops, type StepProgram } from '../step-program';
import { ModelBuilder, type Replacements } from './emitter';
import { ElementType, encodeModel, valueInfo, type GraphProto } from './onnx';
import { defaultBlocking, type RowBlocks } from './row-blocks';
import { writeScan } from './scan';
import { Writer } from './write';

/** Names of the model's inputs and outputs; `STEPS` is an int64 scalar. */
export const STEPS = 'steps';

/** What a value is called after the steps. */
export const after = (name: string): string => `${name}_after`;

/** Under which names a program's values go in and come out. */
export interface StepNames {
  /** Shared values that steps change. */
  readonly changing: readonly string[];
  /** Outputs that have a value each step, and those that have one of the last step. */
  readonly traced: readonly string[];
  readonly last: readonly string[];
  /** How many values a traced output has each step. */
  readonly width: number;
}

/** A program written for a device, as plain data: it can be handed to another process. */
export interface Lowered {
  readonly names: StepNames;
  readonly models: { readonly loop: Uint8Array } | LoweredSteps;
}

export function lower(program: StepProgram, device: Device, precision: Precision): Lowered {
  const { rules = [], replacements = {} } = device;
  const inSteps = forms[device.id] === 'steps';
  const suited = mapRoots(inSteps ? withoutLoops(program) : program, (roots) => {
    return rules.length > 0 ? rewrite(roots, rules) : roots;
  });
  const outputs = (traced: boolean): string[] =>
    [...suited.outputs].flatMap(([name, node]) => (isTraced(suited, node) === traced ? [name] : []));
  return {
    names: {
      changing: changingStates(suited).map(([name]) => name),
      traced: outputs(true),
      last: outputs(false),
      width: suited.batch ?? 1,
    },
    models: inSteps ? lowerSteps(suited, replacements) : { loop: lowerLoop(suited, precision) },
  };
}

/**
 * The program as one ONNX graph that takes any number of steps in a `Loop`: shared values are loop-carried, scalar
 * outputs come out once a step, others from the last step. What no step changes is computed once, before the loop; large
 * values are made in blocks of rows.
 */
export function loopGraph(
  program: StepProgram,
  precision: Precision,
  sizesOfBlocks = defaultBlocking,
): { readonly graph: GraphProto; readonly rowBlocks: readonly RowBlocks[] } {
  const model = new ModelBuilder(precision);
  const { root: once, floatType: type } = model;
  const changed = leavesOf(program);
  for (const node of topological(rootsOf(program))) {
    if (node.operands.some((operand) => changed.has(operand))) changed.add(node);
  }
  const step = once.child((node) => changed.has(node));
  const turn = 'step';
  for (const [name, node] of program.inputs) once.names.set(node, model.input(name, type, node.shape));
  for (const [name, { node, next }] of program.states) {
    model.input(name, type, node.shape);
    if (node === next) once.names.set(node, name);
    else step.names.set(node, `${name}_before`);
  }
  for (const [name, node] of program.sequences) {
    const all = model.input(name, type, [STEPS]);
    step.names.set(node, step.node('Squeeze', [step.node('Gather', [all, turn], { axis: 0 })]));
  }
  model.input(STEPS, ElementType.int64, []);

  const changing = changingStates(program);
  const last = [...program.outputs].filter(([, node]) => !isTraced(program, node));
  const traced = [...program.outputs].filter(([, node]) => isTraced(program, node));
  const writer = new Writer({ ...sizesOfBlocks, sizes: inferSizes(rootsOf(program)) });
  writer.write([...changing.map(([, { next }]) => next), ...program.outputs.values()], step);
  const carried = [
    ...changing.map(([name, { node, next }]) => {
      return { initial: name, before: `${name}_before`, after: step.nameOf(next), type, shape: node.shape };
    }),
    ...last.map(([name, node]) => {
      const empty = once.values(new Float64Array(), new Array<number>(node.rank).fill(0));
      return { initial: empty, before: `${name}_previous`, after: step.nameOf(node), type };
    }),
  ];
  const stacked = traced.map(([, node]) => ({ value: step.nameOf(node), type, shape: node.shape }));
  const results = [...changing, ...last, ...traced].map(([name]) => after(name));
  writeScan(once, step, { turn, count: STEPS, carried, stacked }, results);
  const outputs = results.map((name) => valueInfo(name, type));
  return { graph: model.graph('run', outputs), rowBlocks: writer.rowBlocks };
}

/** The program of `loopGraph` as an encoded model. */
export const lowerLoop = (program: StepProgram, precision: Precision, sizesOfBlocks = defaultBlocking): Uint8Array =>
  encodeModel(loopGraph(program, precision, sizesOfBlocks).graph);

/** A program as two models: what no step changes, and one step. For devices that run a `Loop` badly or not at all. */
export interface LoweredSteps {
  /** From the inputs and the shared values that nothing updates, the values of `kept`. */
  readonly once: Uint8Array;
  /** Names of the values that `once` makes and each step is given. */
  readonly kept: readonly string[];
  /** From `kept`, the changing shared values and a value of each sequence: the outputs and the changed values, `after` it. */
  readonly step: Uint8Array;
}

/** Writes a program whose run calls for one step at a time. */
export function lowerSteps(program: StepProgram, replacements: Replacements): LoweredSteps {
  const updated = changingStates(program);
  const results = new Map<string, Node>([
    ...[...program.outputs].map(([name, node]) => [after(name), node] as const),
    ...updated.map(([name, { next }]) => [after(name), next] as const),
  ]);
  const roots = [...results.values()];
  const sizes = inferSizes(roots);
  const leaves = leavesOf(program);
  const states = Array.from(program.states, ([name, { node }]) => [name, node] as const);
  const fixed = [...program.inputs, ...states].filter(([, node]) => !leaves.has(node));
  const changing = [...states.filter(([, node]) => leaves.has(node)), ...program.sequences];
  // A step that needs a size which only a run tells is given the value that carries it.
  const carriers = fixed.flatMap(([, node]) =>
    node.shape.some((dim) => typeof dim === 'string' && !sizes.has(dim)) ? [node] : [],
  );
  const values = new Set([...frontier(roots, changingNodes(roots, leaves)), ...carriers]);
  const kept = new Map([...values].map((node, k) => [`kept_${k}`, node] as const));
  return {
    once: straight(fixed, kept, sizes, replacements),
    kept: [...kept.keys()],
    step: straight([...changing, ...kept], results, sizes, replacements),
  };
}

/**
 * Values that no step changes and steps need: those nearest to the results, so that as much as can be is computed once.
 * Truth values are left to the steps, since devices hold them in forms of their own.
 */
function frontier(roots: readonly Node[], changing: ReadonlySet<Node>): Node[] {
  const isKept = (node: Node): boolean => !changing.has(node) && !is(node, 'constant') && node.dtype === 'float';
  return topological(roots, (node) => (isKept(node) ? [] : node.operands)).filter(isKept);
}

/** A model that computes some results from what it is given. */
function straight(
  given: readonly (readonly [string, Node])[],
  results: ReadonlyMap<string, Node>,
  sizes: Sizes,
  replacements: Replacements,
): Uint8Array {
  const model = new ModelBuilder('float32', { sizes, replacements, selects: true });
  const { root, floatType: type } = model;
  for (const [name, node] of given) root.names.set(node, model.input(name, type, node.shape));
  new Writer().write([...results.values()], root);
  for (const [name, node] of results) root.into('Identity', [root.nameOf(node)], [name]);
  return encodeModel(
    model.graph(
      'steps',
      Array.from(results, ([name, { shape }]) => valueInfo(name, type, shape)),
    ),
  );
}
