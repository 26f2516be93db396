import { SettingsError } from '../../model/settings';
import { isNonNegative } from '../../model/constraints';
import type { Model } from '../../model/model';
import { preparationText, type Preparation } from '../../model/preparation';

/** @throws SettingsError where a preparation contradicts itself or the model */
export function checkPreparation(preparation: Preparation, { loss, constraints }: Model): void {
  const { centre, scale } = preparation;
  if (scale.kind === 'minmax' && centre === scale.axis) {
    throw new SettingsError(
      `Scaling ${scale.axis} to 0 … 1 begins by subtracting their least value, so centring ${centre} before it changes nothing; leave one of the two out.`,
    );
  }
  // Min–max makes the least value 0 whatever went before.
  const negative = scale.kind !== 'minmax' && (centre !== 'none' || scale.kind === 'zscore');
  if (negative && isNonNegative(constraints.W) && isNonNegative(constraints.H)) {
    throw new SettingsError(
      `The preparation (${preparationText(preparation) ?? ''}) makes about half of the numbers negative, which W·H with both factors non-negative cannot be; leave the centring out, scale by minmax or unit-norm, or let one factor be negative.`,
    );
  }
  if (negative && loss.kind === 'poisson') {
    throw new SettingsError(
      `The preparation (${preparationText(preparation) ?? ''}) makes about half of the numbers negative, but the poisson loss needs counts; leave it out, or take the squared loss.`,
    );
  }
}
