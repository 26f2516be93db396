import type { Dataset } from '../data/dataset';
import { inOrder, sameChoices, sameColumns } from '../data/read-again';
import type { readDataset } from '../data/read';
import { gatherObservations } from '../factorization/observations';
import type { UseResult } from '../model/uses';
import { transform } from '../factorization/apply/transform';
import { fill } from '../factorization/apply/fill';
import { anomalies, nearest, reconstruct } from '../factorization/apply/reconstruct';
import { checkContinuation } from '../factorization/planning/validation';
import type { UseParams } from '../protocol/worker';

/**
 * Uses a result: reads the data that are needed as they were read before, and computes.
 * @throws DataError, SettingsError when the data are not those that the result came from, or do not fit it
 */
export async function applyUses(
  { factorization, source, weights, uses }: UseParams,
  read: typeof readDataset,
  signal: AbortSignal,
): Promise<UseResult[]> {
  const { reading, columnLabels } = factorization;
  const needed = (): NonNullable<typeof source> => {
    if (source === undefined) throw new Error('This use of a result needs data, and none were given.');
    return source;
  };
  let original: Promise<Dataset> | undefined;
  const readOriginal = async (): Promise<Dataset> => {
    const table = sameChoices(reading);
    const dataset = await read(needed(), { signal, ...(table && { table }), ...(weights && { weights }) });
    checkContinuation(factorization, dataset);
    return dataset;
  };
  const results: UseResult[] = [];
  for (const use of uses) {
    signal.throwIfAborted();
    switch (use.kind) {
      case 'transform': {
        const table = sameColumns(reading, columnLabels);
        const dataset = inOrder(await read(needed(), { signal, ...(table && { table }) }), columnLabels);
        results.push(await transform(factorization, dataset, await gatherObservations(dataset), signal));
        break;
      }
      case 'fill':
      case 'anomalies': {
        original ??= readOriginal();
        const dataset = await original;
        const observations = await gatherObservations(dataset);
        results.push(
          use.kind === 'fill'
            ? fill(factorization, observations, dataset.lineOf)
            : anomalies(factorization, observations),
        );
        break;
      }
      case 'reconstruct':
        results.push(reconstruct(factorization, use.components));
        break;
      case 'nearest':
        results.push(nearest(factorization, use.row, use.count));
        break;
    }
  }
  return results;
}
