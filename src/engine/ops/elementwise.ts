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
import { make, numberOf, type DType, type Node, type None, type Words } from '../graph';
import type { Emitter } from '../lower/emitter';
import { alike, broadcastShapes, merge } from '../shape';
import { spread } from './batching';
import { check, type Declaration, type OperatorRecord, type Operands } from './declaration';
import { slopeOfRoot, slopeOfSaturating } from './singular';
import { erf, logGamma, logistic, lowerErf, lowerLogGamma, lowerPolygamma, polygamma, written } from './special';
import { map } from './values';

/**
 * Elementwise operators whose nodes carry nothing. `stop` is its operand, through which no gradient flows; `ifElse` is its
 * second operand where the first, a single truth value, holds, else the third, and only that one is computed.
 */
type Plain =
  | Words<'neg abs sign exp log log1p expm1 sqrt square sigmoid tanh relu softplus erf lgamma isnan stop toFloat not'>
  | Words<'add sub mul div pow maximum minimum clip equal greater greaterEqual where ifElse'>;

declare module '../graph' {
  interface Attributes extends Record<Plain, None> {
    /** Derivative n + 1 of lgamma; n = 0 is digamma. */
    polygamma: { readonly n: number };
  }
}

type Range = readonly [number, number];

interface Elementwise {
  /** The reference, on numbers: it tells how many operands there are. */
  of(...x: Operands<number>): number;
  /** From the adjoint of the result those of the operands; none by default. */
  slopes?(adjoint: Node, operands: Operands<Node>, result: Node): readonly (Node | undefined)[];
  /** ONNX's operation, or several. */
  onnx: string | ((emitter: Emitter, inputs: Operands<string>, node: Node) => string);
  /** Ranges of the operands on which the gradient is checked. */
  range?: Range | readonly Range[];
  operandTypes?: readonly DType[];
  result?: DType;
  operations?: number;
}

/** Lists of ranges, which would be taken for matrices and broken into lines. */
const inLine = (...ranges: readonly Range[]): readonly Range[] => ranges;
const positive: Range = [0.3, 3];
const any: Range = [-2, 2];

function declare(operator: Elementwise): Declaration<None> {
  const { of, slopes, onnx, range = any, operandTypes: dtypes, result = 'float', operations = 1 } = operator;
  const shapes =
    of.length > 1
      ? [
          [2, 1, 4],
          [3, 1],
          [3, 1],
        ]
      : [[]];
  return {
    elementwise: true,
    operations,
    infer(operands) {
      const wrong = operands.find(({ dtype }, i) => dtype !== (dtypes?.[i] ?? 'float'));
      if (wrong) return `an operand holds ${wrong.dtype} values`;
      const shape = broadcastShapes(operands.map((operand) => operand.shape));
      return shape ? { shape, dtype: result } : 'the shapes do not broadcast';
    },
    vjp: (adjoint, node) => slopes?.(adjoint, node.operands, node) ?? [],
    evaluate: (operands) => map(operands, of),
    lower: (e, inputs, node) => (typeof onnx === 'string' ? e.node(onnx, inputs) : onnx(e, inputs, node)),
    checks: [shapes.map(() => [3, 4]), shapes].map((some) => ({
      ...check({}, ...some.slice(0, of.length)),
      range,
      ...(dtypes && { dtypes }),
    })),
  };
}

/** An operator that takes a series. */
const series = (operator: Elementwise): Declaration<None> => declare({ ...operator, operations: 10 });

const comparison = (of: (a: number, b: number) => boolean, onnx: string): Declaration<None> =>
  declare({ of: (a, b) => Number(of(a, b)), onnx, range: [-1, 1], result: 'bool' });

/** The larger or smaller of two. Where they are equal each gets half of the adjoint, as in PyTorch. */
const extremum = (
  of: (a: number, b: number) => number,
  first: (a: Node, b: Node) => Node,
  onnx: string,
): Declaration<None> => {
  const slopes: Elementwise['slopes'] = (g, [a, b]) => {
    const half = mul(g, 0.5);
    const [isFirst, isSecond] = [first(a, b), first(b, a)];
    return [where(isSecond, 0, where(isFirst, g, half)), where(isFirst, 0, where(isSecond, g, half))];
  };
  return declare({ of, slopes, onnx, range: inLine([-1, 0], [0.01, 1]) });
};

/** The slope of a power in its base: none where the exponent is 0, though the base's inverse, at 0, is infinite. */
function slopeOfPower(g: Node, a: Node, b: Node): Node | undefined {
  const exponent = numberOf(b);
  if (exponent === 0) return undefined;
  const slope = mul(g, mul(b, pow(a, sub(b, 1))));
  if (exponent === undefined) return where(equal(b, 0), 0, slope);
  return exponent < 1 ? slopeOfRoot(slope, a) : slope;
}

/** Of a number and its bounds: within them and beyond either. */
const clipRange = inLine(any, [-1, -0.3], [0.3, 1]);

const saturating = (slope: Node, x: Node): readonly Node[] => [slopeOfSaturating(slope, x, 'exponentially')];

export const elementwise = {
  neg: declare({ of: (x) => -x, slopes: (g) => [neg(g)], onnx: 'Neg' }),
  abs: declare({ of: Math.abs, slopes: (g, [x]) => [mul(g, sign(x))], onnx: 'Abs', range: positive }),
  sign: declare({ of: Math.sign, onnx: 'Sign', range: positive }),
  exp: series({ of: Math.exp, slopes: (g, [x], y) => saturating(mul(g, y), x), onnx: 'Exp' }),
  log: series({ of: Math.log, slopes: (g, [x]) => [div(g, x)], onnx: 'Log', range: positive }),
  sqrt: declare({
    of: Math.sqrt,
    slopes: (g, [x], y) => [slopeOfRoot(div(mul(g, 0.5), y), x)],
    onnx: 'Sqrt',
    range: positive,
  }),
  square: declare({
    of: (x) => x * x,
    slopes: (g, [x]) => [mul(g, mul(2, x))],
    onnx: (e, [x]) => e.node('Mul', [x, x]),
  }),
  log1p: series({
    of: Math.log1p,
    slopes: (g, [x]) => [div(g, add(1, x))],
    onnx(e, [x]) {
      // x·log(u)/(u − 1) with u = fl(1 + x) undoes the rounding of u; where u = 1 it is x itself (Goldberg 1991, theorem 4).
      const of = written(e);
      const u = of('Add', 1, x);
      const ratio = of('Div', of('Mul', x, of('Log', u)), of('Sub', u, 1));
      return of('Where', of('Equal', u, 1), x, ratio);
    },
    range: [-0.5, 3],
  }),
  expm1: series({
    of: Math.expm1,
    slopes: (g, [x]) => saturating(mul(g, exp(x)), x),
    onnx(e, [x]) {
      // tanh(x/2)·(eˣ + 1), which neither cancels near 0 nor at −∞; where eˣ is large, eˣ − 1 is exact enough.
      const of = written(e);
      const exponential = of('Exp', x);
      const near = of('Mul', of('Tanh', of('Mul', 0.5, x)), of('Add', exponential, 1));
      return of('Where', of('Greater', x, 1), of('Sub', exponential, 1), near);
    },
  }),
  sigmoid: series({
    of: (x) => logistic(x),
    slopes: (g, [x], y) => saturating(mul(g, mul(y, sigmoid(neg(x)))), x),
    onnx: 'Sigmoid',
  }),
  tanh: series({ of: Math.tanh, slopes: (g, [x], y) => saturating(mul(g, sub(1, square(y))), x), onnx: 'Tanh' }),
  relu: declare({
    of: (x) => Math.max(x, 0),
    slopes: (g, [x]) => [where(greater(x, 0), g, 0)],
    onnx: 'Relu',
    range: positive,
  }),
  softplus: series({
    of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slopes: (g, [x]) => saturating(mul(g, sigmoid(x)), x),
    onnx(e, [x]) {
      // max(x, 0) − log σ(|x|): no exponential overflows, and float64 has a Sigmoid where it has no Softplus.
      const of = written(e);
      return of('Sub', of('Max', x, 0), of('Log', of('Sigmoid', of('Abs', x))));
    },
  }),
  erf: series({
    of: (x) => erf(x),
    slopes: (g, [x]) => saturating(mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))), x),
    onnx: (e, [x]) => lowerErf(e, x),
  }),
  lgamma: series({
    of: (x) => logGamma(x),
    slopes: (g, [x]) => [mul(g, make('polygamma', [x], { n: 0 }))],
    onnx: (e, [x]) => lowerLogGamma(e, x),
    range: positive,
  }),
  polygamma: {
    elementwise: true,
    operations: 10,
    infer: ([x]) => (x.dtype === 'float' ? x : 'an operand holds bool values'),
    vjp: (g, { operands: [x] }, { n }) => [mul(g, make('polygamma', [x], { n: n + 1 }))],
    evaluate: (operands, { n }) => map(operands, (x) => polygamma(n, x)),
    lower: (e, [x], _, { n }) => lowerPolygamma(e, n, x),
    checks: [0, 1, 2].map((n) => ({ ...check({ n }, [3, 4]), range: [0.5, 4] })),
  },
  stop: { ...declare({ of: (x) => x, onnx: 'Identity' }), checks: [] },
  isnan: declare({ of: (x) => Number(Number.isNaN(x)), onnx: 'IsNaN', result: 'bool' }),
  toFloat: declare({ of: (x) => x, onnx: (e, [x]) => e.toFloat(x), operandTypes: ['bool'] }),
  not: declare({ of: (x) => Number(x === 0), onnx: 'Not', operandTypes: ['bool'], result: 'bool' }),

  add: declare({ of: (a, b) => a + b, slopes: (g) => [g, g], onnx: 'Add' }),
  sub: declare({ of: (a, b) => a - b, slopes: (g) => [g, neg(g)], onnx: 'Sub' }),
  mul: declare({ of: (a, b) => a * b, slopes: (g, [a, b]) => [mul(g, b), mul(g, a)], onnx: 'Mul' }),
  div: declare({
    of: (a, b) => a / b,
    // The square of a divisor would underflow before the divisor does.
    slopes: (g, [, b], y) => [div(g, b), slopeOfSaturating(neg(div(mul(g, y), b)), b, 'as a quotient')],
    onnx: 'Div',
    range: [any, positive],
  }),
  pow: series({
    of: Math.pow,
    // 0 to any power has no slope in the exponent; the logarithm must not be taken there.
    slopes: (g, [a, b], y) => [slopeOfPower(g, a, b), mul(g, mul(y, log(where(greater(a, 0), a, 1))))],
    onnx: 'Pow',
    range: [positive, any],
  }),
  maximum: extremum(Math.max, (a, b) => greater(a, b), 'Max'),
  minimum: extremum(Math.min, (a, b) => greater(b, a), 'Min'),
  clip: {
    ...declare({
      of: (x, low, high) => Math.min(Math.max(x, low), high),
      slopes(g, [x, low, high]) {
        const [above, below] = [greater(x, low), greater(high, x)];
        // Of bounds that cross the upper one holds.
        const holdsLow = greater(high, low);
        return [
          where(above, where(below, g, 0), 0),
          where(above, 0, where(holdsLow, g, 0)),
          where(above, where(below, 0, g), where(holdsLow, 0, g)),
        ];
      },
      // ONNX's own takes single numbers alone.
      onnx: (e, inputs, { operands: [, ...bounds] }) =>
        bounds.every(({ rank }) => rank === 0)
          ? e.node('Clip', inputs)
          : e.node('Min', [e.node('Max', inputs.slice(0, 2)), inputs[2]]),
    }),
    checks: [check({}, [3, 4], [], []), check({}, [2, 1, 4], [3, 1], [4])].map((one) => ({ ...one, range: clipRange })),
  },
  equal: comparison((a, b) => a === b, 'Equal'),
  greater: comparison((a, b) => a > b, 'Greater'),
  greaterEqual: comparison((a, b) => a >= b, 'GreaterOrEqual'),
  where: declare({
    of: (condition, yes, no) => (condition ? yes : no),
    slopes: (g, [condition]) => [undefined, where(condition, g, 0), where(condition, 0, g)],
    onnx: 'Where',
    operandTypes: ['bool', 'float', 'float'],
  }),
  ifElse: {
    infer([condition, yes, no]) {
      if (condition.dtype !== 'bool' || condition.shape.length > 0) return 'the condition must be a single truth value';
      if (!alike(yes.shape, no.shape) || yes.dtype !== no.dtype) return 'the alternatives differ in type';
      return { shape: yes.shape.map((dim, axis) => merge(dim, no.shape[axis]!)), dtype: yes.dtype };
    },
    vjp: (g, { operands: [condition] }) => [
      undefined,
      ifElse(condition, g, fill(0, g)),
      ifElse(condition, fill(0, g), g),
    ],
    evaluate: ([condition, yes, no]) => (condition.data[0] ? yes : no),
    // Its operands are not computed beforehand: `lower/write.ts` writes them into the branches.
    lower: (e, inputs) => e.node('Where', inputs),
    // One choice for all; `batch.ts` sees to conditions that differ.
    batch: ([condition, yes, no], _, __, count) =>
      condition.batched ? undefined : ifElse(condition.node, spread(yes, count), spread(no, count)),
    checks: [{ ...check({}, [], [3, 4], [3, 4]), dtypes: ['bool', 'float', 'float'] }],
  },
} satisfies Partial<OperatorRecord>;
