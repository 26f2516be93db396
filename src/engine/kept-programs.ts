import { sizeOf, isKnown } from './shape';
import { signatureOf } from './signature';
import type { StepProgram } from './step-program';

/** A program that is compiled and in nobody's use. */
export interface IdleProgram {
  dispose(): Promise<void>;
}

/** Numbers in the inputs and shared values of a program that is kept: of larger ones compiling is a small part of the work. */
const maxNumbers = 1 << 22;

/** How many programs are kept; none unless a process that compiles for one job after another asks for it. */
let most = 0;
const kept = new Map<string, IdleProgram>();

/**
 * From now on so many programs stay compiled when they are disposed of, those that were used last, and whoever compiles the
 * same expressions for the same sizes is given one of them: it begins with the shared values as they were declared.
 */
export async function keepPrograms(count: number): Promise<void> {
  most = count;
  await disposeBeyond(most);
}

/** What tells a program and how it runs from every other; undefined where it would not be kept. */
export function keyOf(program: StepProgram, how: object): string | undefined {
  if (most === 0) return undefined;
  const { inputs, sequences, outputs, states } = program;
  const values = [...inputs.values(), ...Array.from(states.values(), ({ node }) => node)];
  const shapes = values.map(({ shape }) => shape);
  if (!shapes.every(isKnown) || shapes.reduce((sum, shape) => sum + sizeOf(shape), 0) > maxNumbers) return undefined;
  const named = [
    ...inputs,
    ...sequences,
    ...outputs,
    ...[...states].flatMap(([name, { node, next }]) => [[name, node] as const, [`next ${name}`, next] as const]),
  ];
  return `${JSON.stringify(how)}\n${signatureOf(named)}`;
}

/** The program of that key, which is then the caller's alone. */
export function takeProgram<T extends IdleProgram>(key: string): T | undefined {
  const found = kept.get(key);
  kept.delete(key);
  return found as T | undefined;
}

export async function keepProgram(key: string, program: IdleProgram): Promise<void> {
  const same = takeProgram(key);
  kept.set(key, program);
  await same?.dispose();
  await disposeBeyond(most);
}

async function disposeBeyond(count: number): Promise<void> {
  const oldest = [...kept.keys()].slice(0, Math.max(0, kept.size - count));
  await Promise.all(oldest.map(async (key) => takeProgram(key)?.dispose()));
}
