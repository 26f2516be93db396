import { centrings, scalings, usualAxis } from '../factorization/preparation/kinds';
import { noPreparation, type Preparation, type Scaling } from '../model/preparation';
import { UsageError } from './errors';
import { choice } from './values';

/** The options that say what is done to X beforehand, as they were written. */
export interface PreparationOptions {
  center?: string | undefined;
  scale?: string | undefined;
}

/**
 * The preparation asked for, each part of it that is not named as the preset has it; undefined where nothing is.
 * @throws UsageError naming the option
 */
export function preparationFrom({ center, scale }: PreparationOptions, preset?: Preparation): Preparation | undefined {
  if (center === undefined && scale === undefined) return preset;
  const base = preset ?? noPreparation;
  return {
    centre: center === undefined ? base.centre : choice('center', center, centrings),
    scale: scale === undefined ? base.scale : scalingFrom(scale),
  };
}

/** `zscore` scales what is usual for it; `zscore,rows` says which. */
function scalingFrom(text: string): Scaling {
  const [name = '', axis, ...more] = text.split(',').map((part) => part.trim());
  const kind = choice('scale', name, scalings);
  if (kind === 'none' || kind === 'log1p' || kind === 'tf-idf') {
    if (axis !== undefined) {
      throw new UsageError(`--scale ${kind} takes neither rows nor columns; write --scale ${kind}.`);
    }
    return { kind };
  }
  if (more.length > 0) {
    throw new UsageError(`--scale wants one scaling and perhaps rows or columns, such as ${kind},rows, not "${text}".`);
  }
  return { kind, axis: axis === undefined ? usualAxis[kind] : choice('scale', axis, ['rows', 'columns']) };
}
