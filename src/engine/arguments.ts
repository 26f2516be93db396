import { describe, isNode, numberNode, type Node } from './graph';
import { formatShape, sizeOf, type Shape } from './shape';
import type { Tensor } from './tensor';

/** What was given where something else is wanted, in a few words. */
export function told(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isNode(value)) return `the expression ${describe(value)} ${formatShape(value.shape)}`;
  if (typeof value === 'string') return `the text '${value.length > 30 ? `${value.slice(0, 30)}…` : value}'`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the ${typeof value} ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (isTensor(value)) return `a tensor ${formatShape(value.shape)}`;
  return typeof value === 'function' ? 'a function' : 'an object';
}

/** @throws TypeError that names the function, its argument, what was given and what is wanted */
export function refuse(where: string, argument: string, given: unknown, wanted: string): never {
  throw new TypeError(`${where}: ${argument} is ${told(given)}; ${wanted}`);
}

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' &&
  value !== null &&
  'data' in value &&
  (value.data instanceof Float32Array || value.data instanceof Float64Array) &&
  'shape' in value &&
  Array.isArray(value.shape);

const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value) || isTensor(value);
const waysToNode = (value: unknown): string => (isList(value) ? '; constant(tensor(values, shape)) makes one' : '');

/** An operand of a function: an expression, or a number as a constant. */
export function operandOf(where: string, value: unknown, argument = 'an operand'): Node {
  if (isNode(value)) return value;
  if (typeof value === 'number') return numberNode(value);
  return refuse(where, argument, value, `an expression or a number is wanted${waysToNode(value)}`);
}

/** An argument that must be an expression. */
export function nodeOf(where: string, value: unknown, argument = 'its operand'): Node {
  if (isNode(value)) return value;
  return refuse(where, argument, value, `an expression is wanted${waysToNode(value)}`);
}

export function listOf<T>(where: string, value: readonly T[], argument: string, of: string): readonly T[] {
  const given: unknown = value;
  return Array.isArray(given) ? value : refuse(where, argument, given, `a list of ${of} is wanted`);
}

export function nameOf(where: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  return refuse(where, 'the name', value, 'a text that is not empty is wanted');
}

/** Values with a shape that they fill. */
export function tensorOf(where: string, value: unknown, argument: string): Tensor {
  const wanted = 'a tensor is wanted: tensor(values, shape) makes one';
  if (!isTensor(value)) return refuse(where, argument, value, wanted);
  const wrong = value.shape.find((dim) => !Number.isInteger(dim) || dim < 0);
  if (wrong !== undefined) refuse(where, `a size of ${argument}`, wrong, 'whole numbers from 0 are wanted');
  if (value.data.length !== sizeOf(value.shape)) {
    throw new TypeError(
      `${where}: ${argument} has ${value.data.length} values, which do not fill the shape ${formatShape(value.shape)}`,
    );
  }
  return value;
}

/** The sizes of a shape: whole numbers, from 0 by default, or names. */
export function shapeOf(where: string, value: unknown, argument = 'the shape', least = 0): Shape {
  if (!Array.isArray(value)) return refuse(where, argument, value, 'a list of sizes or names of sizes is wanted');
  const dims: unknown[] = value;
  const fits = (dim: unknown): boolean =>
    dim === undefined || (typeof dim === 'string' ? dim !== '' : Number.isInteger(dim) && Number(dim) >= least);
  const wrong = dims.findIndex((dim) => !fits(dim));
  if (wrong >= 0) {
    refuse(where, `axis ${wrong} of ${argument}`, dims[wrong], 'a whole number from 0 or a name is wanted');
  }
  return dims as Shape;
}

/** The sizes of a tensor: whole numbers from 0. */
export function sizesOf(where: string, shape: readonly number[]): readonly number[] {
  const given: unknown = shape;
  const isShape = Array.isArray(given) && given.every((dim) => Number.isInteger(dim) && Number(dim) >= 0);
  return isShape ? shape : refuse(where, 'the shape', given, 'a list of whole numbers from 0 is wanted');
}

export function wholeFrom1(where: string, argument: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 1) return;
  throw new RangeError(`${where}: ${argument} is ${told(value)}; a whole number from 1 is wanted`);
}

export function oneOf(where: string, argument: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return;
  refuse(where, argument, value, `one of ${choices.join(', ')} is wanted`);
}

function entriesOf(where: string, argument: string, value: unknown, wanted: string): [string, unknown][] {
  const isRecord = typeof value === 'object' && value !== null && !isList(value) && !isNode(value);
  return isRecord ? Object.entries(value) : refuse(where, argument, value, wanted);
}

/** An object of options: all are known. */
export function optionsOf(where: string, value: unknown, known: readonly string[]): void {
  const names = known.join(', ');
  const given = entriesOf(where, 'the argument', value, `an object is wanted, of ${names}`);
  const unknown = given.find(([name]) => !known.includes(name));
  if (unknown) throw new TypeError(`${where}: there is no option ${unknown[0]}; there are ${names}`);
}

/** What is given under names: an object. */
export const recordOf = (where: string, argument: string, value: unknown, of: string): [string, unknown][] =>
  entriesOf(where, argument, value, `an object of ${of} by their names is wanted`);
