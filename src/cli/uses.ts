import type { Use } from '../model/uses';
import { UsageError } from './errors';
import { integer } from './values';

/** A use of a result, and the file that it writes; absent where it is told and not written. */
export interface AskedUse {
  use: Use;
  out?: string;
}

/** The options that say what a result is used for, as they were written. */
export interface UseOptions {
  fill?: string | undefined;
  reconstruct?: string | undefined;
  components?: string | undefined;
  anomalies?: string | undefined;
  nearest?: string | undefined;
}

const maxNeighbours = 1000;
const defaultNeighbours = 10;

/** Kinds of files that matrices are written as. */
export const matrixExtensions = ['.csv', '.npy'] as const;

/** @throws UsageError naming the option */
export function usesFrom({ fill, reconstruct, components, anomalies, nearest }: UseOptions): AskedUse[] {
  const uses: AskedUse[] = [];
  if (fill !== undefined) uses.push({ use: { kind: 'fill' }, out: matrixFile('fill', fill) });
  if (reconstruct !== undefined) {
    const count =
      components === undefined ? undefined : integer('components', components, { minimum: 1, maximum: 1e4 });
    uses.push({
      use: { kind: 'reconstruct', ...(count !== undefined && { components: count }) },
      out: matrixFile('reconstruct', reconstruct),
    });
  } else if (components !== undefined) {
    throw new UsageError('--components belongs to --reconstruct OUT; name the file to write as well.');
  }
  if (anomalies !== undefined) uses.push({ use: { kind: 'anomalies' }, out: matrixFile('anomalies', anomalies) });
  if (nearest !== undefined) uses.push({ use: neighboursOf(nearest) });
  return uses;
}

/** @throws UsageError when the name does not say in which form to write */
export function matrixFile(option: string, name: string): string {
  if (!matrixExtensions.some((extension) => name.toLowerCase().endsWith(extension))) {
    throw new UsageError(
      `--${option} wants the name of a ${matrixExtensions.join(' or ')} file to write, not "${name}".`,
    );
  }
  return name;
}

/** `ROW` or `ROW,COUNT`; a label may hold commas as long as no number follows the last. */
function neighboursOf(text: string): Extract<Use, { kind: 'nearest' }> {
  const match = /^(.+?)(?:,(\d+))?$/.exec(text.trim());
  if (match?.[1] === undefined) {
    throw new UsageError('--nearest wants a row by its label or number, and perhaps how many: --nearest 7,10.');
  }
  return {
    kind: 'nearest',
    row: match[1],
    count:
      match[2] === undefined ? defaultNeighbours : integer('nearest', match[2], { minimum: 1, maximum: maxNeighbours }),
  };
}
