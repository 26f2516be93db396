import { broadcastTo, pow, rule, topological, is, alike, type Replacements, type Rule } from '../engine';

/**
 * Squared distances by Gram matrices are summed in float64 lest they cancel. A device that has none takes the sum over
 * the residual, which does not cancel, at every step.
 */
export const residualDistance: Rule = rule('squared distance from the residual', 'ifElse', (node) => {
  const [, distance, residual] = node.operands;
  const needsFloat64 = distance && topological([distance]).some((inner) => is(inner, 'gramDistance'));
  return needsFloat64 ? residual : undefined;
});

/** The WebGPU provider (1.30) fails on powers whose operands broadcast along the last axis. */
export const powerOfAlike: Rule = rule('power of operands of one shape', 'pow', (node) => {
  const [a, b] = node.operands;
  if (!a || !b || a.rank === 0 || b.rank === 0 || alike(a.shape, b.shape)) return undefined;
  return pow(broadcastTo(a, node.shape), broadcastTo(b, node.shape));
});

/** Operations that ONNX Runtime's WebGPU provider lacks (1.30), written with those that it has. */
export const webGpuReplacements: Replacements = {
  Sign(e, [x = '']) {
    const zero = e.number(0);
    return e.node('Sub', [e.toFloat(e.node('Greater', [x, zero])), e.toFloat(e.node('Less', [x, zero]))]);
  },
  // Its own takes its bounds from the host, which would have to wait for the device to have computed them.
  Clip: (e, [x = '', low = '', high = '']) => e.node('Min', [e.node('Max', [x, low]), high]),
  IsNaN: (e, [x = '']) => e.node('Not', [e.node('Equal', [x, x])]),
  // Its own answers in int64, whose conversion to floats is not there: the least place that holds the largest element.
  ArgMax(e, [x = ''], { axis = 0, keepdims = 1 }) {
    const along = Number(axis);
    const one = e.number(1);
    const ones = e.node('Where', [e.node('Equal', [x, x]), one, one]);
    const places = e.node('Sub', [e.node('CumSum', [ones, e.integers([along])]), one]);
    const largest = e.node('ReduceMax', [x, e.integers([along])], { keepdims: 1 });
    const held = e.node('Where', [e.node('Equal', [x, largest]), places, e.number(2 ** 24)]);
    return e.node('ReduceMin', [held, e.integers([along])], { keepdims: Number(keepdims) });
  },
};
