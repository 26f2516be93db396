export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export const squareSum = (values: Float64Array): number => dot(values, values);

export const norm = (values: Float64Array): number => Math.sqrt(squareSum(values));
