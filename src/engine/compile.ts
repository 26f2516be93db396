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
import type { Execution } from './run/execute';
import { launch, type DeviceReport, type Launched } from './run/launch';
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
  const { precision = 'float32', batch: count, debugNaN = false, optimize: rewriting = true, finder } = options;
  const { threads = availableParallelism(), device = 'auto', expectedSteps: steps = 1000 } = options;
  const { plannedMemory = true, spinning = true } = options;
  if (count !== undefined && debugNaN) throw new Error('debugNaN repeats a single run; leave it or the batch out');
  // A batch brings in products with transposes, which ONNX Runtime takes together.
  const rewritten = rewriting && count === undefined;
  const how = { precision, threads, device, steps, plannedMemory, spinning, rewritten };
  const written = programOf(options);
  const key = keyOf(written, { ...how, count, debugNaN, rewriting });
  const same = key === undefined ? undefined : takeProgram<Ready>(key);
  if (same) {
    for (const [name, value] of initialValues(same.program)) same.execution.set(name, value);
    return new Compiled(same, written, key);
  }
  const log: Rewriting[] = [];
  const alone = rewriting ? optimizeProgram(written, precision, log) : written;
  const program = count === undefined ? alone : batchProgram(alone, count, precision);
  const { execution, report } = await launch(program, { ...how, finder });
  const dispose = (): Promise<void> => execution.dispose();
  const ready = { execution, report, written, program, log, precision, debugNaN, dispose };
  // What another device holds is its memory, which is scarce.
  return new Compiled(ready, written, report.used === 'cpu' ? key : undefined);
}

/** A program that can be run, whoever declared it. */
interface Ready extends IdleProgram, Launched {
  readonly written: StepProgram;
  /** As it runs, and the rewrites that made it so. */
  readonly program: StepProgram;
  readonly log: readonly Rewriting[];
  readonly precision: Precision;
  readonly debugNaN: boolean;
}

const [INPUT, SEQUENCE, OUTPUT] = ['input_', 'sequence_', 'output_'] as const;
/** A name as it was given. */
const bare = (name: string): string => name.slice(name.indexOf('_') + 1);

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

function optimizeProgram(program: StepProgram, precision: Precision, log: Rewriting[]): StepProgram {
  return mapRoots(program, (roots) => {
    const optimized = optimize(roots, leavesOf(program), precision);
    log.push(...optimized.log);
    return optimized.roots;
  });
}

function printProgram(program: StepProgram, rowBlocks: readonly RowBlocks[] = []): string {
  const outputs = [...program.outputs].map(([name, node]) => [bare(name), node] as const);
  const updates = changingStates(program).map(([, { node, next }]) => [`${describe(node)} becomes`, next] as const);
  return printGraph(Object.fromEntries([...outputs, ...updates]), rowBlocks);
}

/** A compiled program with the current values of its shared nodes. */
export class Compiled<I extends string, S extends string, O extends string> {
  readonly device: DeviceReport;
  private readonly diagnosis: Diagnosis;
  /** What the shared nodes of whoever declared it are called. */
  private readonly names: ReadonlyMap<Node, string>;
  private isDisposed = false;

  constructor(
    private readonly ready: Ready,
    { states }: StepProgram,
    private readonly key: string | undefined,
  ) {
    this.device = ready.report;
    this.diagnosis = new Diagnosis(ready.written);
    this.names = new Map(Array.from(states, ([name, { node }]) => [node, name]));
  }

  private get execution(): Execution {
    if (this.isDisposed) throw new Error('The program was disposed of.');
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
    const { program, written, debugNaN } = this.ready;
    const { execution } = this;
    const given = new Map<Node, Tensor>();
    const byName = new Map<string, Tensor>();
    for (const [name, node] of program.inputs) {
      const value = inputOf(inputs, bare(name));
      given.set(node, value);
      byName.set(name, value);
    }
    const sequences = new Map<string, Float64Array>();
    for (const name of program.sequences.keys()) {
      const values = options.sequences?.[bare(name) as S];
      if (values?.length !== steps) {
        throw new Error(`the sequence ${bare(name)} needs ${steps} values and has ${values?.length ?? 0}`);
      }
      sequences.set(name, Float64Array.from(values));
    }
    const shapes = new Map<Node, readonly number[]>();
    for (const [name, { node }] of written.states) {
      const shape = execution.shapeOf(name);
      shapes.set(node, shape.slice(shape.length - node.rank));
    }
    this.diagnosis.check(given, shapes);

    const states = async (): Promise<Map<Node, Tensor>> => {
      const values = new Map<Node, Tensor>();
      for (const [name, { node }] of written.states) values.set(node, await execution.get(name));
      return values;
    };
    const repeat = (begin: ReadonlyMap<Node, Tensor>, finite: boolean): void =>
      this.diagnosis.repeat(new Map([...given, ...begin]), steps, sequences, finite);
    const before = debugNaN ? await states() : undefined;
    const results = await execution.run(byName, sequences, steps).catch(async (error: unknown) => {
      // A failed run leaves the shared values as they were.
      if (this.diagnosis.computesIndices && !program.batch) repeat(await states(), false);
      throw error;
    });
    if (before) {
      const after = [...results.values(), ...Array.from((await states()).values(), ({ data }) => data)];
      if (!after.every((values) => values.every(Number.isFinite))) {
        for (const [name, { node }] of written.states) execution.set(name, before.get(node)!);
        repeat(before, true);
      }
    }
    return Object.fromEntries(Array.from(results, ([name, values]) => [bare(name), values])) as Record<O, FloatArray>;
  }

  /** The current value of a shared node; in a batch, of all runs. */
  get(node: Node): Promise<Tensor> {
    return this.execution.get(this.nameOf(node));
  }

  /** Gives a shared node another value, e.g. to start anew. @throws ShapeError if its shape is not the node's. */
  set(node: Node, value: Tensor): void {
    const name = this.nameOf(node);
    tensorOf('set', value, `the value of ${describe(node)}`);
    bindSizes(new Map([[this.ready.program.states.get(name)?.node ?? node, value.shape]]));
    this.execution.set(name, value);
  }

  /** The program as it was written, the rewrites that were applied to it, and the program as it runs. */
  explain(): string {
    const { written, program, log, precision } = this.ready;
    const rewrites = log.map(({ rule, before, after }) => `${rule}: ${describe(before)} → ${describe(after)}`);
    const { rowBlocks } = forms[this.device.used] === 'loop' ? loopGraph(program, precision) : { rowBlocks: [] };
    return [
      ['written', printProgram(written)],
      ['rewrites', rewrites.join('\n')],
      ['runs', printProgram(program, rowBlocks)],
    ]
      .map(([title, text]) => `── ${title}\n${text}`)
      .join('\n');
  }

  /** Frees the native session, unless it is kept for the next program of the same kind. Nothing can be run afterwards. */
  async dispose(): Promise<void> {
    const { ready, key, isDisposed } = this;
    this.isDisposed = true;
    if (!isDisposed) await (key === undefined ? ready.dispose() : keepProgram(key, ready));
  }

  private nameOf(node: Node): string {
    const name = this.names.get(nodeOf('a program', node, 'what is read or set'));
    if (name === undefined) throw new Error(`${describe(node)} is not a shared value of this program`);
    return name;
  }
}

function inputOf(inputs: Readonly<Partial<Record<string, Tensor>>>, name: string): Tensor {
  const value = inputs[name];
  if (value !== undefined) return tensorOf('run', value, `the input ${name}`);
  const names = Object.keys(inputs).join(', ');
  throw new Error(`the input ${name} was not given${names && `; there is ${names}`}`);
}
