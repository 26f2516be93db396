import { encodeUse } from '../results/use-files';
import type { UseResult } from '../model/uses';
import { FileWriteError } from '../files/failure';
import { writeResult } from '../files/write';
import { elsewhere, type OutputFile } from './output';
import type { AskedUse } from './uses';

/** An asked use whose output is known to be writable. */
export interface UseOutput extends AskedUse {
  /** Where `out` is, links followed. */
  target?: string;
}

/** The files that uses write. */
export function filesOf(uses: readonly AskedUse[]): OutputFile[] {
  return uses.flatMap((use) => (use.out === undefined ? [] : [{ path: use.out, option: optionOf(use) }]));
}

/** The uses with the places of their files, in the order of `filesOf`. */
export function withTargets(uses: readonly AskedUse[], targets: readonly string[]): UseOutput[] {
  const next = targets[Symbol.iterator]();
  return uses.map((use) => (use.out === undefined ? use : { ...use, target: next.next().value as string }));
}

/**
 * Writes each result that is a matrix or a list of rows to its file.
 * @throws FileWriteError once all are written that can be
 */
export async function writeUses(results: readonly UseResult[], outputs: readonly UseOutput[]): Promise<void> {
  const failures: string[] = [];
  for (const [index, result] of results.entries()) {
    const output = outputs[index];
    if (output?.target === undefined) continue;
    const bytes = encodeUse(result, output.target);
    if (bytes === undefined) continue;
    try {
      await writeResult(output.target, bytes, elsewhere(optionOf(output)));
    } catch (error) {
      if (!(error instanceof FileWriteError)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new FileWriteError(failures.join(' '));
}

/** New rows have their W where --out says; the other uses name their files themselves. */
const optionOf = ({ use }: AskedUse): string => (use.kind === 'transform' ? 'out' : use.kind);
