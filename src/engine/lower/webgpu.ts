import type { Replacements } from './emitter';

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
