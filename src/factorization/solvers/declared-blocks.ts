import { placeholder, type Node } from '../../engine';
import type { SparseObservations } from '../observations';
import type { FactorName } from '../objective/penalties';
import { entryBlocks, type EntryBlock } from './entry-blocks';
import type { ProgramData } from './program';

/** A block of entries as leaves of the graph. */
export interface DeclaredBlock {
  lines: Node;
  places: Node;
  values: Node;
  weights?: Node;
}

export interface DeclaredBlocks {
  blocks: DeclaredBlock[];
  /** Where each line is in the blocks one after another. */
  order: Node;
  data: ProgramData[];
}

/**
 * The observed entries of a sparse X, cut into blocks of lines.
 *
 * @param name whether lines are the rows of X, for W, or its columns, for H
 * @param mean what is subtracted from every entry
 */
export function declareBlocks(observations: SparseObservations, name: FactorName, mean: number): DeclaredBlocks {
  const side = name === 'W' ? 'rows' : 'columns';
  const data: ProgramData[] = [];
  const declare = (label: string, values: Float32Array, shape: readonly number[]): Node => {
    const node = placeholder(`${label} of ${side}`, shape);
    data.push({ node, value: { data: values, shape } });
    return node;
  };
  const found = entryBlocks(observations, side, mean);
  const position = new Float32Array(observations[side]);
  let before = 0;
  const blocks = found.map(({ lines, width, places, values, weights }: EntryBlock, k): DeclaredBlock => {
    lines.forEach((line, i) => (position[line] = before + i));
    before += lines.length;
    const shape = [lines.length, width];
    return {
      lines: declare(`lines ${k}`, lines, [lines.length]),
      places: declare(`places ${k}`, places, shape),
      values: declare(`values ${k}`, values, shape),
      ...(weights && { weights: declare(`weights ${k}`, weights, shape) }),
    };
  });
  return { blocks, order: declare('order', position, [position.length]), data };
}
