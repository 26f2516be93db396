import { encodeUse } from '../data/use-files';
import type { UseResult } from '../factorization/use/kinds';
import { resolveOutput, writeWhole } from './output';
import type { AskedUse } from './uses';

/** An asked use whose output is known to be writable. */
export interface UseOutput extends AskedUse {
  /** Where `out` is, links followed. */
  target?: string;
}

/** @throws UsageError when an output cannot be written, or is the input */
export function outputsOf(input: string, uses: readonly AskedUse[]): Promise<UseOutput[]> {
  return Promise.all(
    uses.map(async (use) => (use.out === undefined ? use : { ...use, target: await resolveOutput(input, use.out) })),
  );
}

/** Writes each result that is a matrix or a list of rows to its file. @throws UsageError when one cannot be written */
export async function writeUses(results: readonly UseResult[], outputs: readonly UseOutput[]): Promise<void> {
  for (const [index, result] of results.entries()) {
    const target = outputs[index]?.target;
    const bytes = target === undefined ? undefined : encodeUse(result, target);
    if (target !== undefined && bytes !== undefined) await writeWhole(target, bytes);
  }
}
