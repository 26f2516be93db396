import { listOf, nodeOf, oneOf, optionsOf } from './arguments';
import { adjointOf, expressed, plus, pullBack, type Adjoint } from './adjoint';
import { add, concatenate, fill, mul, sum, unsqueeze } from './functions';
import { constant, placeholder } from './leaves';
import { describe, is, topological, type Node, type NodesLike } from './graph';
import { unroll, type Loop } from './loops';
import { stabilized } from './rewrite/stabilize';
import { formatShape, ShapeError } from './shape';

/** A gradient was asked for in something that the cost does not depend on. */
export class DisconnectedError extends Error {
  override readonly name = 'DisconnectedError';
}

export interface GradientOptions {
  /** Nodes through which nothing flows, as if they were constants. */
  considerConstant?: readonly Node[];
  /** What to answer for a parameter on which the cost does not depend; an error by default. */
  disconnected?: 'error' | 'zero';
}

/**
 * Gradients of a scalar cost in some nodes, each of its node's shape, by reverse accumulation. They are ordinary
 * expressions, so that they have gradients in turn.
 * @throws ShapeError if the cost is not a scalar, DisconnectedError if it does not depend on one of `parameters`.
 */
export function grad<const P extends readonly Node[]>(
  cost: Node,
  parameters: P,
  options: GradientOptions = {},
): NodesLike<P> {
  nodeOf('grad', cost, 'the cost');
  if (cost.rank !== 0) {
    throw new ShapeError(
      `the gradient of ${describe(cost)} ${formatShape(cost.shape)} is asked for: a cost is a scalar`,
    );
  }
  return vjp(cost, constant(1), parameters, options);
}

/** The adjoint of `output` pulled back to some nodes: Σ adjoint ∘ ∂output/∂parameter, for an output of any shape. */
export function vjp<const P extends readonly Node[]>(
  output: Node,
  adjoint: Node,
  parameters: P,
  options: GradientOptions = {},
): NodesLike<P> {
  nodeOf('vjp', output, 'the output');
  nodeOf('vjp', adjoint, 'the adjoint');
  optionsOf('grad', options, ['considerConstant', 'disconnected']);
  const { considerConstant = [], disconnected = 'error' } = options;
  oneOf('grad', 'disconnected', disconnected, ['error', 'zero']);
  nodesOf('grad', parameters, 'the second argument', 'a parameter');
  nodesOf('grad', considerConstant, 'considerConstant', 'a constant');
  const stops = new Set(considerConstant);
  const operandsOf = (node: Node): readonly Node[] => (stops.has(node) ? [] : node.operands);
  let order = topological([output], operandsOf);
  const active = new Set<Node>(parameters);
  const passed = (node: Node): boolean => !stops.has(node) && node.operands.some((operand) => active.has(operand));
  for (const node of order) {
    if (passed(node)) active.add(node);
  }
  const loops = new Set(order.filter((node) => is(node, 'iterate') && passed(node)));
  if (loops.size > 0) {
    const chosen = ({ results }: Loop): boolean => results.some((result) => loops.has(result));
    const [unrolled = output, ...others] = unroll([output, ...parameters, ...considerConstant], chosen);
    const [straight, constants] = [others.slice(0, parameters.length), others.slice(parameters.length)];
    return vjp(unrolled, adjoint, straight, { considerConstant: constants, disconnected }) as NodesLike<P>;
  }
  const stable = stabilized(output, order, new Set([...parameters, ...stops]));
  if (stable !== output) order = topological([stable], operandsOf);
  for (const node of order) if (passed(node)) active.add(node);
  const adjoints = new Map<Node, Adjoint>([[stable, adjointOf(adjoint)]]);
  for (const node of order.toReversed()) {
    const own = adjoints.get(node);
    if (!own || !passed(node)) continue;
    for (const [i, contribution] of pullBack(node, own).entries()) {
      const operand = node.operands[i];
      if (!contribution || !operand || !active.has(operand)) continue;
      const known = adjoints.get(operand);
      adjoints.set(operand, known ? plus(known, contribution, operand) : contribution);
    }
  }
  const gradientIn = (parameter: Node): Node => {
    const result = adjoints.get(parameter);
    if (result) return expressed(result, parameter);
    if (disconnected === 'zero') return fill(0, parameter);
    throw new DisconnectedError(
      `${describe(output)} does not depend on ${describe(parameter)} in a way that has a gradient; ` +
        `leave it out, or ask for zeros by disconnected: 'zero'`,
    );
  };
  return parameters.map(gradientIn) as NodesLike<P>;
}

const nodesOf = (where: string, given: readonly Node[], argument: string, one: string): readonly Node[] =>
  listOf(where, given, argument, 'expressions').map((node) => nodeOf(where, node, one));

function requireVectors(where: string, vectors: readonly Node[], count: number): void {
  const { length } = nodesOf(where, vectors, 'the third argument', 'a vector');
  if (length !== count) throw new RangeError(`${where}: ${count} parameters have ${length} vectors`);
}

const innerProduct = (slopes: readonly Node[], vectors: readonly Node[]): Node =>
  slopes.map((slope, i) => sum(mul(slope, vectors[i]!))).reduce((a, b) => add(a, b), constant(0));

/**
 * The derivative of `output` along tangents of some nodes: Σ ∂output/∂parameter · tangent. Forward mode by two pullbacks:
 * the first is linear in its adjoint, and pulling a linear map back gives its transpose.
 */
export function jvp(output: Node, parameters: readonly Node[], tangents: readonly Node[]): Node {
  requireVectors('jvp', tangents, parameters.length);
  const dummy = placeholder('adjoint', output.shape);
  const pulled = vjp(output, dummy, parameters, { disconnected: 'zero' });
  return vjp(innerProduct(pulled, tangents), constant(1), [dummy], { disconnected: 'zero' })[0];
}

/** The Hessian of a scalar cost times vectors, one for each parameter: the gradient of ⟨gradient, vectors⟩. */
export function hvp<const P extends readonly Node[]>(
  cost: Node,
  parameters: P,
  vectors: readonly Node[],
): NodesLike<P> {
  requireVectors('hvp', vectors, parameters.length);
  const gradients: readonly Node[] = grad(cost, parameters, { disconnected: 'zero' });
  return grad(innerProduct(gradients, vectors), parameters, { considerConstant: vectors, disconnected: 'zero' });
}

/**
 * The Gauss–Newton matrix times vectors, Jᵀ·L·J·v, for a cost that is a function of `output`: L is the Hessian of the
 * cost in `output`, J the Jacobian of `output`. Positive semidefinite where the cost is convex in `output`.
 */
export function gaussNewton<const P extends readonly Node[]>(
  cost: Node,
  output: Node,
  parameters: P,
  vectors: readonly Node[],
): NodesLike<P> {
  const [curved] = hvp(cost, [output], [jvp(output, parameters, vectors)]);
  return vjp(output, curved, parameters, { disconnected: 'zero' });
}

/** The Hessian of a scalar cost in a vector of known size n, as an n×n matrix: n products, for small n. */
export function hessian(cost: Node, parameter: Node): Node {
  const [n] = nodeOf('hessian', parameter, 'the parameter').shape;
  if (parameter.rank !== 1 || typeof n !== 'number')
    throw new ShapeError('a Hessian is taken in a vector of known size');
  const rows = Array.from({ length: n }, (_, i) => {
    const unit = Float64Array.from({ length: n }, (_, j) => Number(i === j));
    return unsqueeze(hvp(cost, [parameter], [constant({ data: unit, shape: [n] })])[0], 0);
  });
  return concatenate(rows, 0);
}
