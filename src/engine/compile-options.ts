import { listOf, nodeOf, oneOf, optionsOf, recordOf, refuse, wholeFrom1 } from './arguments';
import { is, isNode, type Node } from './graph';
import type { DeviceFinder } from './run/launch';
import { forms, type DeviceId, type Precision } from './run/session';

/** A program: what comes in, what comes out, and what each step changes. */
export interface CompileOptions<I extends string, S extends string, O extends string> {
  /** Values that every run is given and no step changes. */
  inputs?: Readonly<Record<I, Node>>;
  /** Values of which each step has its own. */
  sequences?: Readonly<Record<S, Node>>;
  /** Expressions evaluated at each step, before its updates. */
  outputs: Readonly<Record<O, Node>>;
  /** Pairs of a shared value and what it becomes; all are evaluated with the values before the step. */
  updates?: readonly (readonly Node[])[];
  /** `auto` by default. */
  device?: DeviceId | 'auto';
  /** What chooses for `auto` and tries a device that is named; without it there is only the processor. */
  finder?: DeviceFinder;
  /** float64 on the CPU alone. */
  precision?: Precision;
  /** Rewrite the graph for speed and accuracy; on by default. */
  optimize?: boolean;
  /**
   * When a run ends with something that is not finite, repeat it in the interpreter and throw a NonFiniteError that
   * names the first operation at fault. Costs nothing until then, and is slow from then on.
   */
  debugNaN?: boolean;
  /** About how many steps will be taken in all: `auto` looks for a faster device where that pays. 1000 by default. */
  expectedSteps?: number;
  /**
   * So many runs of the program side by side: every shared value that updates change has one value for each, along a first
   * axis, and so has every output (a scalar one answers with `batch` values a step). Inputs, sequences and other shared
   * values are the same for all, and an input is read once for all of them. Without it there is no such axis.
   */
  batch?: number;
  /** Threads of one operation; all processors by default. */
  threads?: number;
  /**
   * Lay out a step's memory in one piece from the second run on; on by default. Then the first run's memory is not used
   * again, which a step with few large intermediates pays for with the time of a whole one.
   */
  plannedMemory?: boolean;
  /**
   * Whether threads stay awake for a while after they have run out of work; on by default. Where programs take turns, those of
   * one take the processor from the other so.
   */
  spinning?: boolean;
}

const optionNames = Object.keys({
  inputs: true,
  sequences: true,
  outputs: true,
  updates: true,
  device: true,
  finder: true,
  precision: true,
  optimize: true,
  debugNaN: true,
  expectedSteps: true,
  batch: true,
  threads: true,
  plannedMemory: true,
  spinning: true,
} satisfies Record<keyof CompileOptions<string, string, string>, true>);

/** @throws TypeError or RangeError that names the option, what was given and what is wanted */
export function checkOptions(options: CompileOptions<string, string, string>): void {
  optionsOf('compile', options, optionNames);
  const leaves = {
    inputs: ['input', 'matrix, vector, scalar or placeholder'],
    sequences: ['sequence', 'sequence'],
  } as const;
  for (const [kind, [op, makers]] of Object.entries(leaves)) {
    for (const [name, node] of recordOf(
      'compile',
      kind,
      options[kind as keyof typeof leaves] === undefined ? {} : options[kind as keyof typeof leaves],
      'expressions',
    )) {
      const wanted = `what ${makers} makes is wanted`;
      if (!isNode(node) || !is(node, op)) refuse('compile', `${kind}.${name}`, node, wanted);
    }
  }
  for (const [name, node] of recordOf('compile', 'outputs', options.outputs, 'expressions')) {
    nodeOf('compile', node, `outputs.${name}`);
  }
  const { updates = [] } = options;
  listOf('compile', updates, 'updates', 'pairs');
  for (const name of ['optimize', 'debugNaN', 'plannedMemory', 'spinning'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') refuse('compile', name, value, 'true or false is wanted');
  }
  const { device = 'auto', precision = 'float32', batch = 1, threads = 1, expectedSteps = 1 } = options;
  if (typeof expectedSteps !== 'number' || !(expectedSteps >= 0)) {
    refuse('compile', 'expectedSteps', expectedSteps, 'a number from 0 is wanted');
  }
  oneOf('compile', 'device', device, ['auto', ...Object.keys(forms)]);
  oneOf('compile', 'precision', precision, ['float32', 'float64']);
  for (const [name, value] of Object.entries({ batch, threads })) wholeFrom1('compile', name, value);
}
