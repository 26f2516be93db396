import { inferTypes } from './check';
import type { Node, Type } from './graph';
import { checkIndices, lookupsOf } from './indices';
import { evaluate, evaluateChecked } from './interpreter';
import { changingStates, requireSameShape, type StepProgram } from './step-program';
import { none } from './ops/values';
import { namedResults, locate } from './locate';
import type { Tensor } from './tensor';

/** Tells what is wrong with a run in the words of the program that was written. */
export class Diagnosis {
  private readonly results: ReadonlyMap<string, Node>;
  private readonly lookups: ReturnType<typeof lookupsOf>;
  private readonly place = (node: Node): string => locate(node, this.results);
  /** What was found right last. */
  private shapes = '';
  private types: ReadonlyMap<Node, Type> = new Map();
  private given: readonly Tensor[] = [];

  constructor(private readonly program: StepProgram) {
    this.results = namedResults(program);
    this.lookups = lookupsOf(this.results.values());
  }

  /** Whether indices are computed, so that only the run itself knows whether they are there. */
  get computesIndices(): boolean {
    return this.lookups.computed;
  }

  /**
   * Checks what a run is given.
   * @param shared shapes of the shared values
   * @throws ShapeError or IndexError naming the operation, its operands and their shapes, and where it stands
   */
  check(given: ReadonlyMap<Node, Tensor>, shared: ReadonlyMap<Node, readonly number[]>): void {
    const shapes = new Map([...Array.from(given, ([node, { shape }]) => [node, shape] as const), ...shared]);
    const key = Array.from(shapes.values(), (shape) => shape.join()).join(';');
    const tensors = [...given.values()];
    if (key === this.shapes && tensors.every((tensor, k) => tensor === this.given[k])) return;
    this.types = inferTypes(this.results.values(), shapes, this.place);
    for (const [, { node, next }] of changingStates(this.program)) {
      const after = this.types.get(next)?.shape ?? next.shape;
      requireSameShape(node, shapes.get(node) ?? node.shape, next, after);
    }
    checkIndices(this.lookups.given, given, this.types, this.place);
    this.shapes = key;
    this.given = tensors;
  }

  /**
   * Takes the steps of a run in the interpreter.
   * @param begin values of inputs and shared nodes before them
   * @param finite whether every value must be finite
   * @throws NonFiniteError or IndexError at the first operation at fault, as `check` does
   */
  repeat(
    begin: ReadonlyMap<Node, Tensor>,
    steps: number,
    sequences: ReadonlyMap<string, Float64Array>,
    finite: boolean,
  ): void {
    const bindings = new Map(begin);
    const states = [...this.program.states.values()];
    const roots = [...states.map(({ next }) => next), ...this.program.outputs.values()];
    for (let step = 0; step < steps; step++) {
      for (const [name, node] of this.program.sequences) {
        bindings.set(node, { data: Float64Array.of(sequences.get(name)?.[step] ?? NaN), shape: [] });
      }
      const next = finite ? evaluateChecked(roots, bindings, this.place) : evaluate(roots, bindings, this.place);
      states.forEach(({ node }, i) => bindings.set(node, next[i] ?? none));
    }
  }
}
