import type { Shape } from '../shape';
import type { Emitter } from './emitter';
import { ElementType, valueInfo, type ValueInfoProto } from './onnx';

/** A loop of a model, whose body is written already. */
export interface Scan {
  /** The number of the turn, by its name in the body. */
  readonly turn: string;
  /** How many turns there are, as an int64 scalar; absent where each takes its part of `taken`. */
  readonly count?: string;
  /** Values that each turn makes anew from what they were before it: by their names before all turns, before one, and after it. */
  readonly carried: readonly {
    readonly initial: string;
    readonly before: string;
    readonly after: string;
    readonly type: ElementType;
    readonly shape?: Shape | undefined;
  }[];
  /** Values that each turn makes, which then lie along a first axis of their own. */
  readonly stacked?: readonly { readonly value: string; readonly type: ElementType; readonly shape?: Shape }[];
  /** Values along an axis of which each turn takes the next part, and that part. */
  readonly taken?: readonly { readonly from: string; readonly axis: number; readonly part: ValueInfoProto }[];
}

/**
 * Writes a loop: all loops of all models are written here. It is a `Loop`, or where turns take parts a `Scan`, which looks
 * at them where they lie.
 * @param results names of what is carried, after the last turn, and of what is stacked
 * @returns those names
 */
export function writeScan(
  around: Emitter,
  body: Emitter,
  { turn, count, carried, stacked = [], taken = [] }: Scan,
  results: readonly string[] = [...carried, ...stacked].map(() => around.model.fresh('Loop')),
): readonly string[] {
  const { model } = body;
  /** A value leaves a body under its own name, without a copy, if it is made there and leaves once. */
  const left = new Set<string>();
  const leaving = (name: string): string => {
    const own = model.homes.get(name) === body && !left.has(name);
    left.add(name);
    return own ? name : body.node('Identity', [name]);
  };
  const input = carried.map(({ before, type, shape }) => valueInfo(before, type, shape));
  const output = [
    ...carried.map(({ after, type }) => valueInfo(leaving(after), type)),
    ...stacked.map(({ value, type, shape }) => valueInfo(leaving(value), type, shape)),
  ];
  const initial = carried.map((one) => one.initial);
  const graph = { name: turn, node: body.nodes, initializer: [] };
  if (count === undefined) {
    around.into('Scan', [...initial, ...taken.map(({ from }) => from)], results, {
      body: { graph: { ...graph, input: [...input, ...taken.map(({ part }) => part)], output } },
      num_scan_inputs: taken.length,
      scan_input_axes: taken.map(({ axis }) => axis),
    });
    return results;
  }
  const going = model.fresh('going');
  const counted = [valueInfo(turn, ElementType.int64, []), valueInfo(going, ElementType.bool, [])];
  const goesOn = valueInfo(body.node('Identity', [going]), ElementType.bool, []);
  const always = model.constant(ElementType.bool, [1], []);
  around.into('Loop', [count, always, ...initial], results, {
    body: { graph: { ...graph, input: [...counted, ...input], output: [goesOn, ...output] } },
  });
  return results;
}
