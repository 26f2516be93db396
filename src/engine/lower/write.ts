import { describe, is, isLeaf, topological, type Node } from '../graph';
import { loopOf, type Loop } from '../loops';
import { declarationOf } from '../ops/operators';
import type { Emitter } from './emitter';
import { ElementType, valueInfo, type GraphProto } from './onnx';
import { rowBlocks, type Blocking, type RowBlocks } from './row-blocks';
import { writeRowBlocks } from './row-loop';
import { writeScan } from './scan';

/** Writes expressions to the graphs of a model. */
export class Writer {
  /** What is computed in blocks of rows. */
  readonly rowBlocks: RowBlocks[] = [];

  /** @param blocking how large values are made in blocks of rows: for devices on which a `Loop` is cheap */
  constructor(private readonly blocking?: Blocking) {}

  /**
   * Writes what `roots` need. A node goes into the outermost graph that knows its operands, so whatever does not change
   * within a loop leaves it. What only one alternative of an `ifElse` needs goes into that branch.
   */
  write(roots: readonly Node[], graph: Emitter): void {
    const branches = (node: Node): node is Node<'ifElse'> => is(node, 'ifElse') && !graph.model.selects;
    // A loop's body is written with the loop, and what has a name is there already.
    const around = (node: Node): readonly Node[] => {
      if (graph.homeOf(node)) return [];
      return is(node, 'iterate') ? loopOf(node).initial : node.operands;
    };
    const eager = new Set(topological(roots, (node) => (branches(node) ? around(node).slice(0, 1) : around(node))));
    const order = topological(roots, (node) => {
      const operands = around(node);
      if (!branches(node) || operands.length === 0) return operands;
      const shared = topological(operands.slice(1), around).filter((inner) => eager.has(inner));
      return [...operands.slice(0, 1), ...shared];
    });
    const homes = new Map<Node, Emitter>();
    const homeOf = (node: Node): Emitter | undefined => {
      if (graph.homeOf(node)) return undefined;
      for (const inner of topological([node], ({ operands }) => operands.filter((operand) => !homes.has(operand)))) {
        const known = graph.homeOf(inner) ?? graph.innermost(inner.operands.map((operand) => homes.get(operand)));
        homes.set(inner, known);
      }
      return homes.get(node);
    };
    for (const item of this.blocking ? rowBlocks(roots, order, homeOf, this.blocking) : order) {
      if ('parts' in item) {
        writeRowBlocks(item, homes.get(item.parts[0]!.node) ?? graph);
        this.rowBlocks.push(item);
      } else if (graph.homeOf(item)) continue;
      else if (branches(item)) this.choice(item, graph);
      else if (is(item, 'iterate')) this.loop(loopOf(item), graph);
      else {
        const home = graph.innermost(item.operands.map((operand) => graph.homeOf(operand)));
        home.names.set(item, written(item, home));
      }
    }
  }

  private choice(node: Node<'ifElse'>, graph: Emitter): void {
    const [condition, yes, no] = node.operands;
    if (!condition || !yes || !no) throw new Error(`${describe(node)} lacks an alternative`);
    const [left, right] = [this.branch(yes, graph), this.branch(no, graph)];
    const home = graph.innermost([graph.homeOf(condition), left.needs, right.needs]);
    const branches = { then_branch: { graph: left.graph }, else_branch: { graph: right.graph } };
    home.names.set(node, home.node('If', [home.nameOf(condition)], branches));
  }

  private branch(root: Node, parent: Emitter): { graph: GraphProto; needs: Emitter | undefined } {
    const inner = parent.child(true);
    this.write([root], inner);
    const name = inner.node('Identity', [inner.nameOf(root)]);
    const output = [valueInfo(name, inner.model.typeOf(root))];
    return { needs: inner.needs, graph: { name, node: inner.nodes, initializer: [], input: [], output } };
  }

  private loop({ count, states, initial, next, results }: Loop, graph: Emitter): void {
    const body = graph.child();
    const { model } = body;
    for (const state of states) body.names.set(state, model.fresh('state'));
    this.write(next, body);
    const after = next.map((node) => body.nameOf(node));
    const home = graph.innermost([body.needs, ...initial.map((node) => graph.homeOf(node))]);
    const names = writeScan(home, body, {
      turn: model.fresh('turn'),
      count: model.constant(ElementType.int64, [count], []),
      carried: states.map((state, i) => ({
        initial: home.nameOf(initial[i]!),
        before: body.nameOf(state),
        after: after[i]!,
        type: model.typeOf(state),
        shape: state.shape,
      })),
    });
    results.forEach((result, i) => home.names.set(result, names[i]!));
  }
}

/** Writes one node, whose operands are known there. @returns the result's name */
function written(node: Node, graph: Emitter): string {
  if (is(node, 'constant')) return graph.values(node.attributes.value.data, node.attributes.value.shape);
  const operands = node.operands.map((operand) => graph.nameOf(operand));
  return isLeaf(node) ? graph.nameOf(node) : declarationOf(node).lower(graph, operands, node, node.attributes as never);
}
