import { describe, is, topological, type Node } from '../graph';
import { loopOf, type Loop } from '../loops';
import { inferSizes } from '../rewrite/cost';
import { changingStates, isTraced, rootsOf, type StepProgram } from '../step-program';
import { ModelBuilder, type SizeSource } from './emitter';
import { ElementType, encodeModel, valueInfo, type GraphProto, type ValueInfoProto } from './onnx';
import { writeRowBlocks } from './row-loop';
import { rowBlocks, defaultBlocking } from './row-blocks';
import type { RowBlocks } from './blocking';
import { deeper, elementType, emit, nameOf, nested, outermost, scopeOf, type Scope } from './scope';

/** Names of the model's inputs and outputs; `STEPS` is an int64 scalar. */
export const STEPS = 'steps';

/**
 * The program as one ONNX graph that takes any number of steps in a `Loop`: shared values are loop-carried, scalar
 * outputs come out once a step, others from the last step. What no step changes is computed once, before the loop; large
 * values are made in blocks of rows.
 */
export function loopGraph(
  program: StepProgram,
  precision: 'float32' | 'float64',
  sizesOfBlocks = defaultBlocking,
): { readonly graph: GraphProto; readonly rowBlocks: readonly RowBlocks[] } {
  const blocking = { ...sizesOfBlocks, sizes: inferSizes(rootsOf(program)) };
  const model = new ModelBuilder(precision, sizeSources(program), { blocking });
  const outer = model.root;
  const body = model.root.child();
  const changing = changingStates(program);
  const last = [...program.outputs].filter(([, node]) => !isTraced(program, node));
  const traced = [...program.outputs].filter(([, node]) => isTraced(program, node));

  const once: Scope = { emitter: outer, names: new Map() };
  const step: Scope = { emitter: body, names: new Map(), parent: once };
  const fixed = [...program.states].filter(([, { node, next }]) => node === next);
  const given = [...program.inputs, ...fixed.map(([name, { node }]) => [name, node] as const)];
  for (const [name, node] of given) {
    once.names.set(node, name);
    model.homes.set(name, outer);
  }
  for (const [name, { node }] of changing) step.names.set(node, `${name}_before`);
  for (const [name, node] of program.sequences) {
    step.names.set(node, body.node('Squeeze', [body.node('Gather', [name, 'step'], { axis: 0 })]));
  }
  write([...changing.map(([, { next }]) => next), ...program.outputs.values()], step);
  const result = resultNames(step, [...changing.map(([, { node }]) => node), ...program.sequences.values()]);

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
      ...traced.map(([, node]) => valueInfo(result(node), type, node.shape)),
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
  return { graph, rowBlocks: model.rowBlocks };
}

/** The program of `loopGraph` as an encoded model. */
export const lowerLoop = (
  program: StepProgram,
  precision: 'float32' | 'float64',
  sizesOfBlocks = defaultBlocking,
): Uint8Array => encodeModel(loopGraph(program, precision, sizesOfBlocks).graph);

/**
 * Writes what `roots` need. A node goes into the outermost scope that knows its operands, so whatever does not change
 * within a loop leaves it. What only one alternative of an `ifElse` needs goes into that branch.
 */
export function write(roots: readonly Node[], scope: Scope): void {
  const branches = (node: Node): node is Node<'ifElse'> => is(node, 'ifElse') && !scope.emitter.model.selects;
  // A loop's body is written with the loop, and what has a name is there already.
  const around = (node: Node): readonly Node[] => {
    if (scopeOf(node, scope)) return [];
    return is(node, 'iterate') ? loopOf(node).initial : node.operands;
  };
  const eager = new Set(topological(roots, (node) => (branches(node) ? around(node).slice(0, 1) : around(node))));
  const order = topological(roots, (node) => {
    const operands = around(node);
    if (!branches(node) || operands.length === 0) return operands;
    const shared = topological(operands.slice(1), around).filter((inner) => eager.has(inner));
    return [...operands.slice(0, 1), ...shared];
  });
  for (const node of inBlocks(roots, order, scope)) {
    if ('blocks' in node) {
      writeRowBlocks(node.blocks, node.home);
      scope.emitter.model.rowBlocks.push(node.blocks);
      continue;
    }
    if (scopeOf(node, scope)) continue;
    if (branches(node)) writeChoice(node, scope);
    else if (is(node, 'iterate')) writeLoop(loopOf(node), scope);
    else {
      const target = node.operands.map((operand) => scopeOf(operand, scope)).reduce(deeper, outermost(scope));
      target?.names.set(node, emit(target, node));
    }
  }
}

/** Nodes to be written, with those that are computed in blocks of rows taken together, where the device takes them so. */
function inBlocks(
  roots: readonly Node[],
  order: readonly Node[],
  scope: Scope,
): readonly (Node | { readonly blocks: RowBlocks; readonly home: Scope })[] {
  const { blocking } = scope.emitter.model;
  if (!blocking) return order;
  const homes = new Map<Node, Scope | undefined>();
  const homeOf = (node: Node): Scope | undefined => {
    for (const inner of topological([node], ({ operands }) => operands.filter((operand) => !homes.has(operand)))) {
      const around = inner.operands.map((operand) => homes.get(operand)).reduce(deeper, outermost(scope));
      homes.set(inner, scopeOf(inner, scope) ?? around);
    }
    return homes.get(node);
  };
  const items = rowBlocks(roots, order, (node) => (scopeOf(node, scope) ? undefined : homeOf(node)), blocking);
  return items.map((item) => {
    if (!('parts' in item)) return item;
    const home = item.parts[0] && homeOf(item.parts[0].node);
    return { blocks: item, home: home ?? scope };
  });
}

function writeChoice(node: Node<'ifElse'>, scope: Scope): void {
  const [condition, yes, no] = node.operands;
  if (!condition || !yes || !no) throw new Error(`${describe(node)} lacks an alternative`);
  const [left, right] = [branch(yes, scope), branch(no, scope)];
  const target = [scopeOf(condition, scope), left.needs, right.needs].reduce(deeper, outermost(scope)) ?? scope;
  const branches = { then_branch: { graph: left.graph }, else_branch: { graph: right.graph } };
  target.names.set(node, target.emitter.node('If', [nameOf(condition, target)], branches));
}

function branch(root: Node, parent: Scope): { graph: GraphProto; needs: Scope | undefined } {
  const scope = nested(parent, true);
  write([root], scope);
  const result = scope.emitter.node('Identity', [nameOf(root, scope)]);
  const output = [valueInfo(result, elementType(root, scope))];
  return { needs: scope.needs, graph: { name: result, node: scope.emitter.nodes, initializer: [], input: [], output } };
}

function writeLoop({ count, states, initial, next, results }: Loop, scope: Scope): void {
  const inner = nested(scope);
  const { model, nodes } = inner.emitter;
  const [turn, going] = [model.fresh('turn'), model.fresh('going')];
  for (const state of states) inner.names.set(state, model.fresh('state'));
  write(next, inner);
  const result = resultNames(inner, states);
  const valueOf = (state: Node): ValueInfoProto =>
    valueInfo(nameOf(state, inner), elementType(state, scope), state.shape);
  const input = [
    valueInfo(turn, ElementType.int64, []),
    valueInfo(going, ElementType.bool, []),
    ...states.map(valueOf),
  ];
  const output = [
    valueInfo(inner.emitter.node('Identity', [going]), ElementType.bool, []),
    ...next.map((node) => valueInfo(result(node), elementType(node, scope))),
  ];
  const target =
    [inner.needs, ...initial.map((node) => scopeOf(node, scope))].reduce(deeper, outermost(scope)) ?? scope;
  const names = results.map(() => model.fresh('Loop'));
  target.emitter.into(
    'Loop',
    [
      model.constant(ElementType.int64, [count], []),
      model.constant(ElementType.bool, [1], []),
      ...initial.map((node) => nameOf(node, target)),
    ],
    names,
    { body: { graph: { name: turn, node: nodes, initializer: [], input, output } } },
  );
  results.forEach((result, i) => target.names.set(result, names[i] ?? ''));
}

/**
 * Under which name a value leaves a graph: its own, without a copy, unless it is given to the graph or made outside of it,
 * or leaves it twice.
 */
function resultNames(scope: Scope, given: readonly Node[]): (node: Node) => string {
  const taken = new Set(given.map((node) => scope.names.get(node)));
  return (node) => {
    const name = nameOf(node, scope);
    const own = scope.names.has(node) && !taken.has(name);
    taken.add(name);
    return own ? name : scope.emitter.node('Identity', [name]);
  };
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
