import { describe, is, isLeaf, topological, type Node } from '../graph';
import { loopOf } from '../loops';
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
    const unwritten = (node: Node): Emitter | undefined => (graph.homeOf(node) ? undefined : graph.placeOf(node));
    for (const item of this.blocking ? rowBlocks(roots, order, unwritten, this.blocking) : order) {
      if ('parts' in item) {
        writeRowBlocks(item, item.parts[0]!.home);
        this.rowBlocks.push(item);
      } else if (graph.homeOf(item)) continue;
      else if (branches(item)) this.choice(item, graph);
      else if (is(item, 'iterate')) this.loop(item, graph);
      else {
        const home = graph.placeOf(item);
        home.names.set(item, written(item, home));
      }
    }
  }

  private choice(node: Node<'ifElse'>, graph: Emitter): void {
    const [condition, yes, no] = node.operands;
    if (!condition || !yes || !no) throw new Error(`${describe(node)} lacks an alternative`);
    const alternatives = { then_branch: this.branch(yes, graph), else_branch: this.branch(no, graph) };
    const home = graph.placeOf(node);
    home.names.set(node, home.node('If', [home.nameOf(condition)], alternatives));
  }

  private branch(root: Node, parent: Emitter): { readonly graph: GraphProto } {
    // What only it needs is not moved out, or it would be computed in any case.
    const inner = parent.child(() => true);
    this.write([root], inner);
    const name = inner.node('Identity', [inner.nameOf(root)]);
    const output = [valueInfo(name, inner.model.typeOf(root))];
    return { graph: { name, node: inner.nodes, initializer: [], input: [], output } };
  }

  private loop(node: Node<'iterate'>, graph: Emitter): void {
    const { count, states, initial, next, results } = loopOf(node);
    const body = graph.child((inner) => states.some((state) => inner.states.has(state)));
    const { model } = body;
    for (const state of states) body.names.set(state, model.fresh('state'));
    this.write(next, body);
    const home = graph.placeOf(node);
    const names = writeScan(home, body, {
      turn: model.fresh('turn'),
      count: model.constant(ElementType.int64, [count], []),
      carried: states.map((state, i) => ({
        initial: home.nameOf(initial[i]!),
        before: body.nameOf(state),
        after: body.nameOf(next[i]!),
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
