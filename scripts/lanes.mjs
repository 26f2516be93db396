// Work that is shared out among as many lanes as there are processors.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { succeeds } from './setup/run.mjs';

/**
 * The processors that this process may use, by the system's numbers, where a program can be held to one of them.
 * @type {readonly number[] | undefined}
 */
const processors = allowedProcessors();

/**
 * Does the tasks in their order, as many at a time as there are processors, and beside them one of those that mostly wait.
 * @template {{ waits?: boolean }} T
 * @param {readonly T[]} tasks
 * @param {(task: T, lane: number) => Promise<void>} work
 */
export async function inLanes(tasks, work) {
  const waiting = tasks.filter(({ waits }) => waits).values();
  const computing = tasks.filter(({ waits }) => !waits).values();
  const lane = async (/** @type {number} */ number, /** @type {readonly Iterable<T>[]} */ ...queues) => {
    for (const queue of queues) for (const task of queue) await work(task, number);
  };
  const processors = Array.from({ length: availableParallelism() }, (_, number) => lane(number, computing, waiting));
  await Promise.all([lane(0, waiting), ...processors]);
}

/**
 * A command that is held to the lane's own processor, and gives way to what waits for a person's clicks. ONNX Runtime's threads wait for each other awake: those of two processes
 * on the same processors keep each other from their work, which then takes twice as long.
 * @param {number} lane
 * @param {readonly [string, ...string[]]} command a program and its arguments
 * @returns {readonly [string, ...string[]]}
 */
export function heldTo(lane, command) {
  const processor = processors?.[lane];
  return processor === undefined ? command : ['nice', '-n', '5', 'taskset', '-c', String(processor), ...command];
}

/** @returns {readonly number[] | undefined} */
function allowedProcessors() {
  if (process.platform !== 'linux') return undefined;
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const numbers = (list ?? '').split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) || 0 }, (_, k) => first + k);
  });
  const [first] = numbers;
  return first !== undefined && succeeds('taskset', ['-c', String(first), 'true']) ? numbers : undefined;
}
