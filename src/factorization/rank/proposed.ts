import type { Dataset } from '../../data/dataset';
import type { FactorizationSettings } from '../../model/settings';
import { maxUsefulRank } from '../../model/run';

/**
 * The settings with a rank that the data allow, where the rank is proposed and not asked for.
 */
export function withFittingRank(
  { rankProposed, ...settings }: FactorizationSettings,
  { rows, columns }: Pick<Dataset, 'rows' | 'columns'>,
): { settings: FactorizationSettings; rankReason?: string } {
  const side = Math.min(rows, columns);
  const rank = maxUsefulRank(side);
  if (!rankProposed || settings.rank <= rank) return { settings };
  return {
    settings: { ...settings, rank },
    rankReason: `none was asked for, and at rank ${side} nothing of ${rows} × ${columns} data is left to learn`,
  };
}
