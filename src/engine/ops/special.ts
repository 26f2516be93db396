import type { Emitter } from '../lower/emitter';

/** 1/(1 + e⁻ˣ), without overflow. */
export const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/**
 * Chebyshev coefficients of log(erfc(z)/t) + z² in t = 2/(2 + z), z ≥ 0: Press et al., Numerical Recipes, 3rd edition,
 * section 6.2.2. The fractional error of erfc is below 1.2e-16.
 */
const erfcSeries = [
  -1.3026537197817094, 0.6419697923564903, 1.9476473204185836e-2, -9.561514786808631e-3, -9.46595344482036e-4,
  3.66839497852761e-4, 4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8,
  -8.5238095915e-8, 6.529054439e-9, 5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12,
  -6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13, 3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16, -2.8e-17,
];

/** The few operations that these functions are made of, on numbers or on the graph being written. */
interface Arithmetic<T> {
  number(x: number): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  div(a: T, b: T): T;
  exp(x: T): T;
  log(x: T): T;
  abs(x: T): T;
  sign(x: T): T;
}

const numbers: Arithmetic<number> = {
  number: (x) => x,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  exp: Math.exp,
  log: Math.log,
  abs: Math.abs,
  sign: Math.sign,
};

const onnx = (e: Emitter): Arithmetic<string> => ({
  number: (x) => e.number(x),
  add: (a, b) => e.node('Add', [a, b]),
  sub: (a, b) => e.node('Sub', [a, b]),
  mul: (a, b) => e.node('Mul', [a, b]),
  div: (a, b) => e.node('Div', [a, b]),
  exp: (x) => e.node('Exp', [x]),
  log: (x) => e.node('Log', [x]),
  abs: (x) => e.node('Abs', [x]),
  sign: (x) => e.node('Sign', [x]),
});

function errorFunction<T>(o: Arithmetic<T>, x: T): T {
  const z = o.abs(x);
  const t = o.div(o.number(2), o.add(o.number(2), z));
  const twice = o.sub(o.mul(o.number(4), t), o.number(2));
  // Clenshaw's recurrence from the last coefficient down.
  let [b1, b2] = [o.number(0), o.number(0)];
  for (const coefficient of erfcSeries.slice(1).toReversed()) {
    [b1, b2] = [o.add(o.sub(o.mul(twice, b1), b2), o.number(coefficient)), b1];
  }
  const half = o.mul(o.number(0.5), o.add(o.number(erfcSeries[0] ?? 0), o.mul(twice, b1)));
  const complement = o.mul(t, o.exp(o.sub(o.sub(half, b2), o.mul(z, z))));
  return o.mul(o.sign(x), o.sub(o.number(1), complement));
}

export const erf = (x: number): number => errorFunction(numbers, x);
export const lowerErf = (e: Emitter, [x = '']: readonly string[]): string =>
  e.model.precision === 'float32' ? e.node('Erf', [x]) : errorFunction(onnx(e), x);

/** Bernoulli numbers B₂, B₄, … of Stirling's series. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];
/** By how much arguments are raised before the series is used; its error is then below 1e-15 for positive x. */
const shift = 9;
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/**
 * log Γ(x) for x > 0: Stirling's series at y = x + 9 (Abramowitz & Stegun 6.1.40), less log of x(x + 1)…(x + 8), which is
 * taken relative to y⁹ lest it overflow.
 */
function logGammaOf<T>(o: Arithmetic<T>, x: T): T {
  const y = o.add(x, o.number(shift));
  const inverse = o.div(o.number(1), y);
  let product = o.mul(x, inverse);
  for (let k = 1; k < shift; k++) product = o.mul(product, o.mul(o.add(x, o.number(k)), inverse));
  const square = o.mul(inverse, inverse);
  let [series, power] = [o.number(0.5 * Math.log(2 * Math.PI)), inverse];
  bernoulli.forEach((b, k) => {
    series = o.add(series, o.mul(o.number(b / ((2 * k + 2) * (2 * k + 1))), power));
    power = o.mul(power, square);
  });
  const main = o.sub(o.mul(o.sub(x, o.number(0.5)), o.log(y)), y);
  return o.sub(o.add(main, series), o.log(product));
}

/** ψ⁽ⁿ⁾(x) for x > 0: the series of ψ⁽ⁿ⁾(x + 9) (Abramowitz & Stegun 6.4.11), with the recurrence 6.4.6. */
function polygammaOf<T>(o: Arithmetic<T>, n: number, x: T): T {
  const sign = n % 2 === 0 ? -1 : 1;
  const power = (base: T, exponent: number): T => {
    let result = base;
    for (let k = 1; k < exponent; k++) result = o.mul(result, base);
    return result;
  };
  const y = o.add(x, o.number(shift));
  const inverse = o.div(o.number(1), y);
  const square = o.mul(inverse, inverse);
  const leading = n === 0 ? o.log(y) : o.mul(o.number(sign * factorial(n - 1)), power(inverse, n));
  let result = o.add(leading, o.mul(o.number((sign * factorial(n)) / 2), power(inverse, n + 1)));
  let term = power(inverse, n + 2);
  bernoulli.forEach((b, k) => {
    const order = 2 * k + 2;
    result = o.add(result, o.mul(o.number((sign * b * factorial(order + n - 1)) / factorial(order)), term));
    term = o.mul(term, square);
  });
  for (let k = 0; k < shift; k++) {
    const place = o.div(o.number(1), o.add(x, o.number(k)));
    result = o.add(result, o.mul(o.number(sign * factorial(n)), power(place, n + 1)));
  }
  return result;
}

export const logGamma = (x: number): number => logGammaOf(numbers, x);
export const lowerLogGamma = (e: Emitter, [x = '']: readonly string[]): string => logGammaOf(onnx(e), x);
export const polygamma = (n: number, x: number): number => polygammaOf(numbers, n, x);
export const lowerPolygamma = (e: Emitter, n: number, x: string): string => polygammaOf(onnx(e), n, x);
