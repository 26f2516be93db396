import { sizesOf } from './arguments';
import { sizeOf } from './shape';
import type { Tensor } from './tensor';

/**
 * Uniform numbers in [0, 1) with 32 random bits each: the xoshiro128** generator of Blackman and Vigna (2018), its
 * state filled from `seed` by SplitMix32. Integer arithmetic alone, so every machine draws the same numbers.
 */
export function randomSource(seed: number): () => number {
  let mix = seed >>> 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [split(), split(), split(), split()];
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 2 ** 32;
  };
}

/**
 * Standard normal numbers, float32. Marsaglia's polar method; logarithm and square root are rounded to float32 at the
 * end, which hides the last-bit differences that mathematical libraries may have.
 */
export function randomNormal(shape: readonly number[], options: { seed?: number; scale?: number } = {}): Tensor {
  const { seed = 0, scale = 1 } = options;
  const random = randomSource(seed);
  const data = new Float32Array(sizeOf(sizesOf('randomNormal', shape)));
  for (let i = 0; i < data.length; i += 2) {
    let u: number, v: number, s: number;
    do {
      u = 2 * random() - 1;
      v = 2 * random() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = scale * Math.sqrt((-2 * Math.log(s)) / s);
    data[i] = u * factor;
    if (i + 1 < data.length) data[i + 1] = v * factor;
  }
  return { data, shape };
}

/** Uniform numbers in [low, high), float32. */
export function randomUniform(
  shape: readonly number[],
  options: { seed?: number; low?: number; high?: number } = {},
): Tensor {
  const { seed = 0, low = 0, high = 1 } = options;
  const random = randomSource(seed);
  return {
    data: Float32Array.from({ length: sizeOf(sizesOf('randomUniform', shape)) }, () => low + (high - low) * random()),
    shape,
  };
}
