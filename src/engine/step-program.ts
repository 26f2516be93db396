import { describe, is, type Node } from './graph';
import { unroll } from './loops';
import { formatShape, mayEqual, ShapeError, type Shape } from './shape';
import type { Tensor } from './tensor';

/** A program of update steps, by the names under which its values go in and come out. */
export interface StepProgram {
  readonly inputs: ReadonlyMap<string, Node>;
  readonly sequences: ReadonlyMap<string, Node>;
  /** Shared values and what each becomes after a step (itself, where nothing updates it). */
  readonly states: ReadonlyMap<string, { readonly node: Node; readonly next: Node }>;
  readonly outputs: ReadonlyMap<string, Node>;
  /** How many run side by side, along the first axis of all that changes; absent where there is no such axis. */
  readonly batch?: number;
}

/** Whether an output has a value each step: a scalar, or one of each run of a batch. */
export const isTraced = ({ batch }: StepProgram, output: Node): boolean =>
  output.rank === (batch === undefined ? 0 : 1);

/** The shared values that steps change. */
export const changingStates = ({ states }: StepProgram): (readonly [string, { node: Node; next: Node }])[] =>
  [...states].filter(([, { node, next }]) => node !== next);

/** @throws ShapeError where an update is not of its shared value's shape, as far as sizes are known */
export function requireSameShape(node: Node, shape: Shape, next: Node, after: Shape): void {
  const fits = after.length === shape.length && after.every((dim, axis) => mayEqual(dim, shape[axis] ?? 1));
  if (fits) return;
  throw new ShapeError(
    `${describe(node)} ${formatShape(shape)} is updated by ${describe(next)} ${formatShape(after)}: ` +
      'an update keeps the shape of its shared value',
  );
}

/** All that a step computes: outputs, and what its shared values become. */
export const rootsOf = (program: StepProgram): Node[] => [
  ...program.outputs.values(),
  ...changingStates(program).map(([, { next }]) => next),
];

/** The leaves whose values differ from step to step. */
export const leavesOf = (program: StepProgram): Set<Node> =>
  new Set([...changingStates(program).map(([, { node }]) => node), ...program.sequences.values()]);

/** A program with its outputs and next values replaced, all of them at once. */
export function mapRoots(program: StepProgram, replace: (roots: readonly Node[]) => readonly Node[]): StepProgram {
  const roots = [...program.outputs.values(), ...Array.from(program.states.values(), ({ next }) => next)];
  const replaced = replace(roots);
  const replacement = new Map(roots.map((node, i) => [node, replaced[i] ?? node]));
  const at = (node: Node): Node => replacement.get(node) ?? node;
  return {
    ...program,
    outputs: new Map([...program.outputs].map(([name, node]) => [name, at(node)])),
    states: new Map([...program.states].map(([name, { node, next }]) => [name, { node, next: at(next) }])),
  };
}

/** A program whose loops within a step are written out turn by turn, for a device on which a `Loop` is dear. */
export const withoutLoops = (program: StepProgram): StepProgram => mapRoots(program, (roots) => unroll(roots));

/** What the program's shared values begin with. */
export function initialValues(program: StepProgram): Map<string, Tensor> {
  const initial = new Map<string, Tensor>();
  for (const [name, { node }] of program.states) if (is(node, 'shared')) initial.set(name, node.attributes.initial);
  return initial;
}
