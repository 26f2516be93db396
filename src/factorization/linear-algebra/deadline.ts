import { performance } from 'node:perf_hooks';

/** When to give up, asked between parts of a long computation, which then rejects. */
export interface Patience {
  /** Rejects with the signal's reason when it fires. */
  signal?: AbortSignal;
  /** Rejects with {@link OutOfTime} once `performance.now()` has passed this. */
  deadline?: number;
}

/** A computation was not finished by its deadline. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

export function checkPatience({ signal, deadline = Infinity }: Patience): void {
  signal?.throwIfAborted();
  if (performance.now() > deadline) throw new OutOfTime('The computation was not finished by its deadline.');
}
