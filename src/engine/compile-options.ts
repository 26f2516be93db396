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

type Check = (value: unknown, name: string) => void;

const leaves =
  (op: 'input' | 'sequence', makers: string): Check =>
  (value, name) => {
    for (const [key, node] of recordOf('compile', name, value, 'expressions')) {
      if (!isNode(node) || !is(node, op)) refuse('compile', `${name}.${key}`, node, `what ${makers} makes is wanted`);
    }
  };
const among =
  (choices: readonly string[]): Check =>
  (value, name) =>
    oneOf('compile', name, value, choices);
const flag: Check = (value, name) => {
  if (typeof value !== 'boolean') refuse('compile', name, value, 'true or false is wanted');
};
const whole: Check = (value, name) => wholeFrom1('compile', name, value);

/** What is asked of each option that is given. */
const checks: Readonly<Record<keyof CompileOptions<string, string, string>, Check>> = {
  inputs: leaves('input', 'matrix, vector, scalar or placeholder'),
  sequences: leaves('sequence', 'sequence'),
  outputs(value) {
    for (const [name, node] of recordOf('compile', 'outputs', value, 'expressions')) {
      nodeOf('compile', node, `outputs.${name}`);
    }
  },
  updates: (value) => listOf('compile', value as readonly unknown[], 'updates', 'pairs'),
  device: among(['auto', ...Object.keys(forms)]),
  finder: () => undefined,
  precision: among(['float32', 'float64']),
  optimize: flag,
  debugNaN: flag,
  expectedSteps(value) {
    if (!(Number(value) >= 0)) refuse('compile', 'expectedSteps', value, 'a number from 0 is wanted');
  },
  batch: whole,
  threads: whole,
  plannedMemory: flag,
  spinning: flag,
};

/** @throws TypeError or RangeError that names the option, what was given and what is wanted */
export function checkOptions(options: CompileOptions<string, string, string>): void {
  optionsOf('compile', options, Object.keys(checks));
  for (const [name, check] of Object.entries(checks)) {
    const value: unknown = options[name as keyof typeof checks];
    if (value !== undefined || name === 'outputs') check(value, name);
  }
}
