import { namesOf } from '../model/fields';
import { centring, noPreparation, scalingOf, type Preparation, type Scaling } from '../model/preparation';
import { vocabulary, type Vocabulary } from '../model/vocabulary';
import { UsageError } from './errors';
import { choice, type Given } from './values';

/**
 * The preparation asked for, each part of it that is not named as the preset has it; undefined where nothing is.
 * @throws UsageError naming the option
 */
export function preparationFrom(
  { center, scale }: Given,
  preset?: Preparation,
  words: Vocabulary = vocabulary,
): Preparation | undefined {
  if (center === undefined && scale === undefined) return preset;
  const base = preset ?? noPreparation;
  return {
    centre: center === undefined ? base.centre : choice('center', center, namesOf(centring)),
    scale: scale === undefined ? base.scale : scalingFrom(scale, words),
  };
}

/** `zscore` scales what is usual for it; `zscore,rows` says which. */
function scalingFrom(text: string, { scalings }: Vocabulary): Scaling {
  const [name = '', axis, ...more] = text.split(',').map((part) => part.trim());
  const kind = choice('scale', name, Object.keys(scalings));
  const scaling = scalingOf(kind, axis, scalings);
  if (!scaling) {
    throw new UsageError(`--scale ${kind} takes neither rows nor columns; write --scale ${kind}.`);
  }
  if (more.length > 0) {
    throw new UsageError(`--scale wants one scaling and perhaps rows or columns, such as ${kind},rows, not "${text}".`);
  }
  if (axis !== undefined) choice('scale', axis, ['rows', 'columns']);
  return scaling;
}
