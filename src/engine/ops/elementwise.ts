import {
  add,
  div,
  equal,
  exp,
  fill,
  greater,
  ifElse,
  log,
  mul,
  neg,
  pow,
  sigmoid,
  sign,
  square,
  sub,
  where,
} from '../functions';
import { make, numberOf, type DType, type Node, type None } from '../graph';
import type { Emitter } from '../lower/emitter';
import { alike, broadcastShapes, merge } from '../shape';
import { elementwiseBatch, spread } from './batching';
import type { Check, Declaration, OperatorRecord } from './declaration';
import { slopeOfRoot, slopeOfSaturating } from './singular';
import { erf, logGamma, logistic, lowerErf, lowerLogGamma, lowerPolygamma, polygamma } from './special';
import { map, none } from './values';

declare module '../graph' {
  interface Attributes {
    // Elementwise, one operand.
    neg: None;
    abs: None;
    sign: None;
    exp: None;
    log: None;
    log1p: None;
    expm1: None;
    sqrt: None;
    square: None;
    sigmoid: None;
    tanh: None;
    relu: None;
    softplus: None;
    erf: None;
    lgamma: None;
    /** Derivative n + 1 of lgamma; n = 0 is digamma. */
    polygamma: { readonly n: number };
    isnan: None;
    /** Its operand, through which no gradient flows. */
    stop: None;
    toFloat: None;
    not: None;
    // Elementwise, broadcasting.
    add: None;
    sub: None;
    mul: None;
    div: None;
    pow: None;
    maximum: None;
    minimum: None;
    clip: None;
    equal: None;
    greater: None;
    greaterEqual: None;
    where: None;
    /** The second operand where the first, a single truth value, holds, else the third; only that one is computed. */
    ifElse: None;
  }
}

type Lowering = string | ((emitter: Emitter, inputs: readonly string[], node: Node) => string);
type Rule = (adjoint: Node, operands: readonly Node[], result: Node) => readonly (Node | undefined)[];
type Range = readonly [number, number];

interface Elementwise {
  arity: number;
  evaluate: (...x: number[]) => number;
  vjp: Rule;
  lower: Lowering;
  /** Ranges of the operands on which the gradient is checked. */
  range: Range | readonly Range[];
  operandTypes?: readonly DType[];
  result?: DType;
}

function declare({
  arity,
  evaluate,
  vjp,
  lower,
  range,
  operandTypes,
  result = 'float',
}: Elementwise): Declaration<None> {
  const shapes: readonly (readonly number[])[][] = [
    Array.from({ length: arity }, () => [3, 4]),
    ...(arity > 1 ? [Array.from({ length: arity }, (_, i) => (i === 0 ? [2, 1, 4] : [3, 1]))] : [[]]),
  ];
  return {
    elementwise: true,
    infer(operands) {
      const wrong = operands.find(({ dtype }, i) => dtype !== (operandTypes?.[i] ?? 'float'));
      if (wrong) return `an operand holds ${wrong.dtype} values`;
      const shape = broadcastShapes(operands.map((operand) => operand.shape));
      return shape ? { shape, dtype: result } : 'the shapes do not broadcast';
    },
    vjp: (adjoint, node) => vjp(adjoint, node.operands, node),
    evaluate: (operands) => map(operands, evaluate),
    lower: (emitter, inputs, node) =>
      typeof lower === 'string' ? emitter.node(lower, inputs) : lower(emitter, inputs, node),
    batch: elementwiseBatch,
    checks: shapes.map((operandShapes): Check<None> => ({
      shapes: operandShapes.length === 0 ? [[]] : operandShapes,
      range,
      ...(operandTypes ? { dtypes: operandTypes } : {}),
      attributes: {},
    })),
  };
}

const unary = (
  evaluate: (x: number) => number,
  derivative: (x: Node, y: Node, adjoint: Node) => Node | undefined,
  lower: Lowering,
  range: Range,
): Declaration<None> =>
  declare({
    arity: 1,
    evaluate: (x = NaN) => evaluate(x),
    vjp: (adjoint, [x], y) => (x ? [derivative(x, y, adjoint)] : []),
    lower,
    range,
  });

const binary = (
  evaluate: (a: number, b: number) => number,
  vjp: (adjoint: Node, a: Node, b: Node, result: Node) => readonly (Node | undefined)[],
  lower: Lowering,
  range: Range | readonly Range[],
): Declaration<None> =>
  declare({
    arity: 2,
    evaluate: (a = NaN, b = NaN) => evaluate(a, b),
    vjp: (adjoint, [a, b], result) => (a && b ? vjp(adjoint, a, b, result) : []),
    lower,
    range,
  });

const comparison = (evaluate: (a: number, b: number) => boolean, lower: Lowering): Declaration<None> =>
  declare({
    arity: 2,
    evaluate: (a = NaN, b = NaN) => Number(evaluate(a, b)),
    vjp: () => [],
    lower,
    range: [-1, 1],
    result: 'bool',
  });

/** The larger or smaller of two. Where they are equal each gets half of the adjoint, as in PyTorch. */
const extremum = (evaluate: (a: number, b: number) => number, first: (a: Node, b: Node) => Node, lower: string) =>
  binary(
    evaluate,
    (adjoint, a, b) => {
      const half = mul(adjoint, 0.5);
      const [isFirst, isSecond] = [first(a, b), first(b, a)];
      return [where(isSecond, 0, where(isFirst, adjoint, half)), where(isFirst, 0, where(isSecond, adjoint, half))];
    },
    lower,
    [
      [-1, 0],
      [0.01, 1],
    ],
  );

/** The slope of a power in its base: none where the exponent is 0, though the base's inverse, at 0, is infinite. */
function slopeOfPower(g: Node, a: Node, b: Node): Node | undefined {
  const exponent = numberOf(b);
  if (exponent === 0) return undefined;
  const slope = mul(g, mul(b, pow(a, sub(b, 1))));
  if (exponent === undefined) return where(equal(b, 0), 0, slope);
  return exponent < 1 ? slopeOfRoot(slope, a) : slope;
}

/** What takes a series counts as ten operations an element. */
const series = <A>(declaration: Declaration<A>): Declaration<A> => ({ ...declaration, operations: 10 });

const positive: Range = [0.3, 3];
const any: Range = [-2, 2];
/** Of a number and its bounds: within them and beyond either. */
const clipRange: readonly Range[] = [
  [-2, 2],
  [-1, -0.3],
  [0.3, 1],
];

export const elementwise = {
  neg: unary(
    (x) => -x,
    (_, __, g) => neg(g),
    'Neg',
    any,
  ),
  abs: unary(Math.abs, (x, _, g) => mul(g, sign(x)), 'Abs', positive),
  sign: unary(Math.sign, () => undefined, 'Sign', positive),
  exp: series(unary(Math.exp, (x, y, g) => slopeOfSaturating(mul(g, y), x, 'exponentially'), 'Exp', any)),
  log: series(unary(Math.log, (x, _, g) => div(g, x), 'Log', positive)),
  sqrt: unary(Math.sqrt, (x, y, g) => slopeOfRoot(div(mul(g, 0.5), y), x), 'Sqrt', positive),
  square: unary(
    (x) => x * x,
    (x, _, g) => mul(g, mul(2, x)),
    (e, [x = '']) => e.node('Mul', [x, x]),
    any,
  ),
  log1p: series(
    unary(
      Math.log1p,
      (x, _, g) => div(g, add(1, x)),
      (e, [x = '']) => {
        // x·log(u)/(u − 1) with u = fl(1 + x) undoes the rounding of u; where u = 1 it is x itself (Goldberg 1991, theorem 4).
        const one = e.number(1);
        const u = e.node('Add', [one, x]);
        const ratio = e.node('Div', [e.node('Mul', [x, e.node('Log', [u])]), e.node('Sub', [u, one])]);
        return e.node('Where', [e.node('Equal', [u, one]), x, ratio]);
      },
      [-0.5, 3],
    ),
  ),
  expm1: series(
    unary(
      Math.expm1,
      (x, _, g) => slopeOfSaturating(mul(g, exp(x)), x, 'exponentially'),
      (e, [x = '']) => {
        // tanh(x/2)·(eˣ + 1), which neither cancels near 0 nor at −∞; where eˣ is large, eˣ − 1 is exact enough.
        const one = e.number(1);
        const exponential = e.node('Exp', [x]);
        const near = e.node('Mul', [
          e.node('Tanh', [e.node('Mul', [e.number(0.5), x])]),
          e.node('Add', [exponential, one]),
        ]);
        return e.node('Where', [e.node('Greater', [x, one]), e.node('Sub', [exponential, one]), near]);
      },
      any,
    ),
  ),
  sigmoid: series(
    unary(
      logistic,
      (x, y, g) => slopeOfSaturating(mul(g, mul(y, sigmoid(neg(x)))), x, 'exponentially'),
      'Sigmoid',
      any,
    ),
  ),
  tanh: series(
    unary(Math.tanh, (x, y, g) => slopeOfSaturating(mul(g, sub(1, square(y))), x, 'exponentially'), 'Tanh', any),
  ),
  relu: unary(
    (x) => Math.max(x, 0),
    (x, _, g) => where(greater(x, 0), g, 0),
    'Relu',
    positive,
  ),
  softplus: series(
    unary(
      (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      (x, _, g) => slopeOfSaturating(mul(g, sigmoid(x)), x, 'exponentially'),
      (e, [x = '']) =>
        // max(x, 0) − log σ(|x|): no exponential overflows, and float64 has a Sigmoid where it has no Softplus.
        e.node('Sub', [e.node('Max', [x, e.number(0)]), e.node('Log', [e.node('Sigmoid', [e.node('Abs', [x])])])]),
      any,
    ),
  ),
  erf: series(
    unary(
      erf,
      (x, _, g) => slopeOfSaturating(mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))), x, 'exponentially'),
      lowerErf,
      any,
    ),
  ),
  lgamma: series(unary(logGamma, (x, _, g) => mul(g, make('polygamma', [x], { n: 0 })), lowerLogGamma, positive)),
  polygamma: {
    elementwise: true,
    operations: 10,
    infer: ([x]) => (x?.dtype === 'float' ? { shape: x.shape, dtype: 'float' } : 'an operand holds bool values'),
    vjp: (g, { operands: [x] }, { n }) => (x ? [mul(g, make('polygamma', [x], { n: n + 1 }))] : []),
    evaluate: (operands, { n }) => map(operands, (x) => polygamma(n, x)),
    lower: (e, [x = ''], _, { n }) => lowerPolygamma(e, n, x),
    batch: elementwiseBatch,
    checks: [0, 1, 2].map((n) => ({ shapes: [[3, 4]], range: [0.5, 4], attributes: { n } })),
  },
  stop: {
    ...unary(
      (x) => x,
      () => undefined,
      'Identity',
      any,
    ),
    checks: [],
  },
  isnan: {
    ...unary(
      (x) => Number(Number.isNaN(x)),
      () => undefined,
      'IsNaN',
      any,
    ),
    infer: ([x]) => (x ? { shape: x.shape, dtype: 'bool' } : 'no operand'),
  },
  toFloat: {
    ...unary(
      (x) => x,
      () => undefined,
      (e, [x = '']) => e.toFloat(x),
      any,
    ),
    infer: ([x]) => (x ? { shape: x.shape, dtype: 'float' } : 'no operand'),
    checks: [{ shapes: [[3, 4]], range: any, dtypes: ['bool'], attributes: {} }],
  },
  not: declare({
    arity: 1,
    evaluate: (x) => Number(x === 0),
    vjp: () => [],
    lower: 'Not',
    range: any,
    operandTypes: ['bool'],
    result: 'bool',
  }),

  add: binary(
    (a, b) => a + b,
    (g) => [g, g],
    'Add',
    any,
  ),
  sub: binary(
    (a, b) => a - b,
    (g) => [g, neg(g)],
    'Sub',
    any,
  ),
  mul: binary(
    (a, b) => a * b,
    (g, a, b) => [mul(g, b), mul(g, a)],
    'Mul',
    any,
  ),
  div: binary(
    (a, b) => a / b,
    // The square of a divisor would underflow before the divisor does.
    (g, _, b, y) => [div(g, b), slopeOfSaturating(neg(div(mul(g, y), b)), b, 'as a quotient')],
    'Div',
    [any, positive],
  ),
  pow: series(
    binary(
      Math.pow,
      (g, a, b, y) => [
        slopeOfPower(g, a, b),
        // 0 to any power has no slope in the exponent; the logarithm must not be taken there.
        mul(g, mul(y, log(where(greater(a, 0), a, 1)))),
      ],
      'Pow',
      [positive, any],
    ),
  ),
  maximum: extremum(Math.max, (a, b) => greater(a, b), 'Max'),
  minimum: extremum(Math.min, (a, b) => greater(b, a), 'Min'),
  clip: {
    ...declare({
      arity: 3,
      evaluate: (x = NaN, low = NaN, high = NaN) => Math.min(Math.max(x, low), high),
      vjp: (g, [x, low, high]) => {
        if (!x || !low || !high) return [];
        const [above, below] = [greater(x, low), greater(high, x)];
        // Of bounds that cross the upper one holds.
        const holdsLow = greater(high, low);
        return [
          where(above, where(below, g, 0), 0),
          where(above, 0, where(holdsLow, g, 0)),
          where(above, where(below, 0, g), where(holdsLow, 0, g)),
        ];
      },
      lower: (e, inputs, { operands: [, low, high] }) => {
        const [x = '', least = '', most = ''] = inputs;
        // ONNX's own takes single numbers alone.
        return low?.rank === 0 && high?.rank === 0
          ? e.node('Clip', inputs)
          : e.node('Min', [e.node('Max', [x, least]), most]);
      },
      range: clipRange,
    }),
    checks: [
      { shapes: [[3, 4], [], []], range: clipRange, attributes: {} },
      { shapes: [[2, 1, 4], [3, 1], [4]], range: clipRange, attributes: {} },
    ],
  },
  equal: comparison((a, b) => a === b, 'Equal'),
  greater: comparison((a, b) => a > b, 'Greater'),
  greaterEqual: comparison((a, b) => a >= b, 'GreaterOrEqual'),
  where: declare({
    arity: 3,
    evaluate: (condition = NaN, yes = NaN, no = NaN) => (condition ? yes : no),
    vjp: (g, [condition]) => (condition ? [undefined, where(condition, g, 0), where(condition, 0, g)] : []),
    lower: 'Where',
    range: any,
    operandTypes: ['bool', 'float', 'float'],
  }),
  ifElse: {
    elementwise: false,
    infer([condition, yes, no]) {
      if (condition?.dtype !== 'bool' || condition.shape.length > 0)
        return 'the condition must be a single truth value';
      if (!yes || !no || !alike(yes.shape, no.shape) || yes.dtype !== no.dtype)
        return 'the alternatives differ in type';
      return { shape: yes.shape.map((dim, axis) => merge(dim, no.shape[axis] ?? dim)), dtype: yes.dtype };
    },
    vjp: (g, { operands: [condition] }) =>
      condition ? [undefined, ifElse(condition, g, fill(0, g)), ifElse(condition, fill(0, g), g)] : [],
    evaluate: ([condition, yes = none, no = none]) => (condition?.data[0] ? yes : no),
    // Its operands are not computed beforehand: `lower/write.ts` writes them into the branches.
    lower: (e, inputs) => e.node('Where', inputs),
    // One choice for all; `batch.ts` sees to conditions that differ.
    batch: ([condition, yes, no], _, __, count) =>
      condition && yes && no && !condition.batched
        ? ifElse(condition.node, spread(yes, count), spread(no, count))
        : undefined,
    checks: [{ shapes: [[], [3, 4], [3, 4]], range: [-1, 1], dtypes: ['bool', 'float', 'float'], attributes: {} }],
  },
} satisfies Partial<OperatorRecord>;
