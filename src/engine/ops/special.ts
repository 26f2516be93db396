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

/** ONNX's operations on results and numbers, such as `of('Add', 1, x)`: as a graph is written, or on numbers alone. */
export type Operations<T> = (operation: string, ...operands: readonly (T | number)[]) => T;

export const written =
  (e: Emitter): Operations<string> =>
  (operation, ...operands) =>
    e.node(
      operation,
      operands.map((operand) => (typeof operand === 'number' ? e.number(operand) : operand)),
    );

const reference: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Exp: Math.exp,
  Log: Math.log,
  Abs: Math.abs,
  Sign: Math.sign,
};
const onNumbers: Operations<number> = (operation, a, b = NaN) => reference[operation]!(a, b);

function errorFunction<T>(of: Operations<T>, x: T): T {
  const z = of('Abs', x);
  const t = of('Div', 2, of('Add', 2, z));
  const twice = of('Sub', of('Mul', 4, t), 2);
  // Clenshaw's recurrence from the last coefficient down.
  let [b1, b2]: [T | number, T | number] = [0, 0];
  for (const coefficient of erfcSeries.slice(1).toReversed()) {
    [b1, b2] = [of('Add', of('Sub', of('Mul', twice, b1), b2), coefficient), b1];
  }
  const half = of('Mul', 0.5, of('Add', erfcSeries[0]!, of('Mul', twice, b1)));
  const complement = of('Mul', t, of('Exp', of('Sub', of('Sub', half, b2), of('Mul', z, z))));
  return of('Mul', of('Sign', x), of('Sub', 1, complement));
}

export const erf = (x: number): number => errorFunction(onNumbers, x);
export const lowerErf = (e: Emitter, x: string): string =>
  e.model.precision === 'float32' ? e.node('Erf', [x]) : errorFunction(written(e), x);

/** Bernoulli numbers B₂, B₄, … of Stirling's series. */
const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];
/** By how much arguments are raised before the series is used; its error is then below 1e-15 for positive x. */
const shift = 9;
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/**
 * log Γ(x) for x > 0: Stirling's series at y = x + 9 (Abramowitz & Stegun 6.1.40), less log of x(x + 1)…(x + 8), which is
 * taken relative to y⁹ lest it overflow.
 */
function logGammaOf<T>(of: Operations<T>, x: T): T {
  const y = of('Add', x, shift);
  const inverse = of('Div', 1, y);
  let product = of('Mul', x, inverse);
  for (let k = 1; k < shift; k++) product = of('Mul', product, of('Mul', of('Add', x, k), inverse));
  const square = of('Mul', inverse, inverse);
  let [series, power]: [T | number, T] = [0.5 * Math.log(2 * Math.PI), inverse];
  for (const [k, b] of bernoulli.entries()) {
    series = of('Add', series, of('Mul', b / ((2 * k + 2) * (2 * k + 1)), power));
    power = of('Mul', power, square);
  }
  const main = of('Sub', of('Mul', of('Sub', x, 0.5), of('Log', y)), y);
  return of('Sub', of('Add', main, series), of('Log', product));
}

/** ψ⁽ⁿ⁾(x) for x > 0: the series of ψ⁽ⁿ⁾(x + 9) (Abramowitz & Stegun 6.4.11), with the recurrence 6.4.6. */
function polygammaOf<T>(of: Operations<T>, n: number, x: T): T {
  const sign = n % 2 === 0 ? -1 : 1;
  const power = (base: T, exponent: number): T => (exponent === 1 ? base : of('Mul', power(base, exponent - 1), base));
  const y = of('Add', x, shift);
  const inverse = of('Div', 1, y);
  const square = of('Mul', inverse, inverse);
  const leading = n === 0 ? of('Log', y) : of('Mul', sign * factorial(n - 1), power(inverse, n));
  let result = of('Add', leading, of('Mul', (sign * factorial(n)) / 2, power(inverse, n + 1)));
  let term = power(inverse, n + 2);
  for (const [k, b] of bernoulli.entries()) {
    const order = 2 * k + 2;
    result = of('Add', result, of('Mul', (sign * b * factorial(order + n - 1)) / factorial(order), term));
    term = of('Mul', term, square);
  }
  for (let k = 0; k < shift; k++) {
    const place = of('Div', 1, of('Add', x, k));
    result = of('Add', result, of('Mul', sign * factorial(n), power(place, n + 1)));
  }
  return result;
}

export const logGamma = (x: number): number => logGammaOf(onNumbers, x);
export const lowerLogGamma = (e: Emitter, x: string): string => logGammaOf(written(e), x);
export const polygamma = (n: number, x: number): number => polygammaOf(onNumbers, n, x);
export const lowerPolygamma = (e: Emitter, n: number, x: string): string => polygammaOf(written(e), n, x);
