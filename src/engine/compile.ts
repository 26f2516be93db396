import { availableParallelism } from 'node:os';
import { batchProgram } from './batch';
import { Diagnosis } from './diagnosis';
import { keepProgram, keyOf, takeProgram, type IdleProgram } from './kept-programs';
import { nodeOf, optionsOf, recordOf, refuse, tensorOf } from './arguments';
import { checkOptions, type CompileOptions } from './compile-options';
import { describe, is, topological, type Node } from './graph';
import { bindSizes } from './interpreter';
import { changingStates, initialValues, leavesOf, mapRoots, requireSameShape, type StepProgram } from './step-program';
import { loopGraph } from './lower/program';
import type { RowBlocks } from './lower/row-blocks';
import { optimize } from './rewrite/optimize';
import type { Rewriting } from './rewrite/rewrite';
import { printGraph } from './print';
import type { Execution } from './run/execution';
import { launch, type DeviceReport } from './run/launch';
import { forms, type Precision } from './run/session';
import type { FloatArray, Tensor } from './tensor';

export interface RunOptions<S extends string> {
  /** How many steps to take; 1 by default. */
  steps?: number;
  /** One value a step. */
  sequences?: Readonly<Record<S, ArrayLike<number>>>;
}

/**
 * Compiles a program: the graph is written as an ONNX model whose steps run in one `Loop`, so a run of K steps is one
 * call. The result serves data of any size that the inputs' shapes allow.
 * @throws Error naming the expression, where it uses an input or sequence that is not declared.
 */
export async function compile<I extends string = never, S extends string = never, O extends string = never>(
  options: CompileOptions<I, S, O>,
): Promise<Compiled<I, S, O>> {
  checkOptions(options);
  const {
    precision = 'float32',
    threads = availableParallelism(),
    device = 'auto',
    expectedSteps: steps = defaultSteps,
    plannedMemory = true,
    spinning = true,
    finder,
  } = options;
  const written = programOf(options);
  const { batch: count, debugNaN = false, optimize: rewriting = true } = options;
  if (count !== undefined && debugNaN) throw new Error('debugNaN repeats a single run; leave it or the batch out');
  const how = { precision, threads, device, steps, plannedMemory, spinning, count, debugNaN, rewriting };
  const key = keyOf(written, how);
  const same = key === undefined ? undefined : takeProgram<Ready>(key);
  if (same) {
    for (const [name, value] of initialValues(same.compiled.program)) same.execution.set(name, value);
    return new Compiled(same, nodeNames(written), precision, key);
  }
  const { program, log } = rewriting ? optimizeProgram(written, precision) : { program: written, log: [] };
  const runs = count === undefined ? program : batchProgram(program, count, precision);
  // A batch brings in products with transposes, which ONNX Runtime takes together.
  const rewritten = rewriting && count === undefined;
  const { execution, report } = await launch(runs, {
    device,
    precision,
    threads,
    steps,
    plannedMemory,
    rewritten,
    spinning,
    finder,
  });
  const ready: Ready = {
    execution,
    compiled: { written, program: runs, log, debugNaN },
    report,
    dispose: () => execution.dispose(),
  };
  // What another device holds is its memory, which is scarce.
  return new Compiled(ready, nodeNames(written), precision, report.used === 'cpu' ? key : undefined);
}

/** A program that can be run, whoever declared it. */
interface Ready extends IdleProgram {
  readonly execution: Execution;
  readonly compiled: Rewritten;
  readonly report: DeviceReport;
}

const nodeNames = ({ states }: StepProgram): ReadonlyMap<Node, string> =>
  new Map(Array.from(states, ([name, { node }]) => [node, name]));

const defaultSteps = 1000;

const INPUT = 'input_';
const SEQUENCE = 'sequence_';
const OUTPUT = 'output_';

function programOf(options: CompileOptions<string, string, string>): StepProgram {
  const updates = new Map<Node, Node>();
  for (const update of options.updates ?? []) {
    const pair = 'a pair is wanted: a shared value and its next value';
    if (!Array.isArray(update) || update.length !== 2) return refuse('compile', 'an update', update, pair);
    const [target, next] = (update as unknown[]).map((one) => nodeOf('compile', one, 'a value of an update'));
    if (!target || !next || !is(target, 'shared')) return refuse('compile', 'what is updated', target, pair);
    if (updates.has(target)) throw new Error(`${describe(target)} is updated twice`);
    requireSameShape(target, target.shape, next, next.shape);
    if (next.dtype !== 'float') {
      throw new TypeError(`${describe(target)} is updated by ${describe(next)}, whose values are truth values`);
    }
    updates.set(target, next);
  }
  const roots = [...Object.values(options.outputs), ...updates.values()];
  const states = new Map<string, { node: Node; next: Node }>();
  for (const node of new Set([...topological(roots), ...updates.keys()])) {
    if (is(node, 'shared')) {
      states.set(`shared_${states.size}_${node.attributes.name}`, { node, next: updates.get(node) ?? node });
    }
  }
  const prefixed = (nodes: Readonly<Record<string, Node>> = {}, prefix: string): Map<string, Node> =>
    new Map(Object.entries(nodes).map(([name, node]) => [prefix + name, node]));
  return {
    inputs: prefixed(options.inputs, INPUT),
    sequences: prefixed(options.sequences, SEQUENCE),
    outputs: prefixed(options.outputs, OUTPUT),
    states,
  };
}

/** A program as it was written and as it runs. */
interface Rewritten {
  readonly written: StepProgram;
  readonly program: StepProgram;
  readonly log: readonly Rewriting[];
  readonly debugNaN: boolean;
}

function optimizeProgram(
  program: StepProgram,
  precision: Precision,
): { program: StepProgram; log: readonly Rewriting[] } {
  const leaves = leavesOf(program);
  const log: Rewriting[] = [];
  const optimized = mapRoots(program, (roots) => {
    const result = optimize(roots, leaves, precision);
    log.push(...result.log);
    return result.roots;
  });
  return { program: optimized, log };
}

function printProgram(program: StepProgram, rowBlocks: readonly RowBlocks[] = []): string {
  const outputs = [...program.outputs].map(([name, node]) => [name.slice(OUTPUT.length), node] as const);
  const updates = changingStates(program).map(([, { node, next }]) => [`${describe(node)} becomes`, next] as const);
  return printGraph(Object.fromEntries([...outputs, ...updates]), rowBlocks);
}

/** A compiled program with the current values of its shared nodes. */
export class Compiled<I extends string, S extends string, O extends string> {
  readonly device: DeviceReport;
  private readonly compiled: Rewritten;
  private readonly diagnosis: Diagnosis;
  private ready: Ready | undefined;

  constructor(
    ready: Ready,
    private readonly names: ReadonlyMap<Node, string>,
    readonly precision: Precision,
    private readonly key: string | undefined,
  ) {
    this.ready = ready;
    this.device = ready.report;
    this.compiled = ready.compiled;
    this.diagnosis = new Diagnosis(ready.compiled.written);
  }

  private get execution(): Execution {
    if (!this.ready) throw new Error('The program was disposed of.');
    return this.ready.execution;
  }

  /**
   * Takes some steps. A scalar output answers with one value a step; any other with its values, row-major, at the last
   * step. Each step's outputs are evaluated before its updates, as in Theano. A tensor given again is not copied.
   * @throws ShapeError or IndexError naming the operation, its operands and its place, where the inputs do not fit
   */
  async run(inputs: Readonly<Record<I, Tensor>>, options: RunOptions<S> = {}): Promise<Record<O, FloatArray>> {
    optionsOf('run', options, ['steps', 'sequences']);
    recordOf('run', 'the first argument', inputs, 'tensors');
    const { steps = 1 } = options;
    if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`a run takes 1 or more steps, not ${steps}`);
    const given = new Map<Node, Tensor>();
    const byName = new Map<string, Tensor>();
    for (const [name, node] of this.compiled.program.inputs) {
      const value = (inputs as Partial<Record<string, Tensor>>)[name.slice(INPUT.length)];
      const input = name.slice(INPUT.length);
      if (value === undefined) {
        const names = Object.keys(inputs).join(', ');
        throw new Error(`the input ${input} was not given${names && `; there is ${names}`}`);
      }
      tensorOf('run', value, `the input ${input}`);
      given.set(node, value);
      byName.set(name, value);
    }
    const sequences = new Map<string, Float64Array>();
    for (const name of this.compiled.program.sequences.keys()) {
      const values = options.sequences?.[name.slice(SEQUENCE.length) as S];
      if (values?.length !== steps) {
        throw new Error(
          `the sequence ${name.slice(SEQUENCE.length)} needs ${steps} values and has ${values?.length ?? 0}`,
        );
      }
      sequences.set(name, Float64Array.from(values));
    }
    const shapes = new Map<Node, readonly number[]>();
    for (const [node, name] of this.names) {
      const shape = this.execution.shapeOf(name);
      shapes.set(node, shape.slice(shape.length - node.rank));
    }
    this.diagnosis.check(given, shapes);
    const repeat = (begin: ReadonlyMap<Node, Tensor>, finite: boolean): void =>
      this.diagnosis.repeat(new Map([...given, ...begin]), steps, sequences, finite);
    const before = this.compiled.debugNaN ? await this.states() : undefined;
    const results = await this.execution.run(byName, sequences, steps).catch(async (error: unknown) => {
      // A failed run leaves the shared values as they were.
      if (this.diagnosis.computesIndices && !this.compiled.program.batch) repeat(await this.states(), false);
      throw error;
    });
    if (before) await this.checkFinite(results, before, repeat);
    const outputs: Record<string, FloatArray> = {};
    for (const [name, values] of results) outputs[name.slice(OUTPUT.length)] = values;
    return outputs;
  }

  /** The current value of a shared node; in a batch, of all runs. */
  get(node: Node): Promise<Tensor> {
    return this.execution.get(this.nameOf(node));
  }

  /** Gives a shared node another value, e.g. to start anew. @throws ShapeError if its shape is not the node's. */
  set(node: Node, value: Tensor): void {
    const name = this.nameOf(node);
    tensorOf('set', value, `the value of ${describe(node)}`);
    bindSizes(new Map([[this.compiled.program.states.get(name)?.node ?? node, value.shape]]));
    this.execution.set(name, value);
  }

  /** The program as it was written, the rewrites that were applied to it, and the program as it runs. */
  explain(): string {
    const { written, program, log } = this.compiled;
    const rewrites = log.map(({ rule, before, after }) => `${rule}: ${describe(before)} → ${describe(after)}`);
    const inOneLoop = forms[this.device.used] === 'loop';
    const { rowBlocks } = inOneLoop ? loopGraph(program, this.precision) : { rowBlocks: [] };
    const runs = printProgram(program, rowBlocks);
    const sections = { written: printProgram(written), rewrites: rewrites.join('\n'), runs };
    return Object.entries(sections)
      .map(([title, text]) => `── ${title}\n${text}`)
      .join('\n');
  }

  /** Frees the native session, unless it is kept for the next program of the same kind. Nothing can be run afterwards. */
  async dispose(): Promise<void> {
    const { ready, key } = this;
    this.ready = undefined;
    if (ready) await (key === undefined ? ready.dispose() : keepProgram(key, ready));
  }

  private nameOf(node: Node): string {
    const name = this.names.get(nodeOf('a program', node, 'what is read or set'));
    if (name === undefined) throw new Error(`${describe(node)} is not a shared value of this program`);
    return name;
  }

  private async states(): Promise<Map<Node, Tensor>> {
    const values = new Map<Node, Tensor>();
    for (const [node, name] of this.names) values.set(node, await this.execution.get(name));
    return values;
  }

  /**
   * Repeats a run in the interpreter if it ended with something that is not finite; the shared values are then again what
   * they were.
   * @throws NonFiniteError at the first value that is not finite
   */
  private async checkFinite(
    results: ReadonlyMap<string, FloatArray>,
    before: ReadonlyMap<Node, Tensor>,
    repeat: (begin: ReadonlyMap<Node, Tensor>, finite: boolean) => void,
  ): Promise<void> {
    const after = [...results.values(), ...Array.from((await this.states()).values(), ({ data }) => data)];
    if (after.every((values) => values.every(Number.isFinite))) return;
    for (const [node, value] of before) this.set(node, value);
    repeat(before, true);
  }
}
