import { DataError } from '../dataset';
import type { Levels } from './pixels';

export interface RangedPixels {
  levels: Levels;
  /** Whether the greatest of a range is black. */
  inverted: boolean;
}

export interface Scaled {
  /** From 0 to 1, of each picture; NaN where the file has no finite number. */
  values: Float32Array[];
  /** The least and greatest that became 0 and 1; absent where samples have black and white of their own. */
  range?: [least: number, greatest: number];
  warnings: string[];
}

/**
 * Numbers without a black and white of their own, scaled by the range of all pictures together, so that they can be compared.
 * @throws DataError when there is no finite number
 */
export function scaled(pictures: readonly RangedPixels[], name: string): Scaled {
  const ranges = pictures.flatMap(({ levels }) => levels.range ?? []);
  const values = (of: (value: number, inverted: boolean) => number): Float32Array[] =>
    pictures.map(({ levels, inverted }) => {
      if (levels.values instanceof Float32Array && levels.range === undefined) return levels.values;
      const unit = new Float32Array(levels.values.length);
      for (let at = 0; at < unit.length; at++) unit[at] = of(levels.values[at] ?? NaN, inverted);
      return unit;
    });
  if (ranges.length === 0) {
    return { values: values((value) => value), warnings: [] };
  }
  const [least, greatest] = ranges.reduce(
    ([low, high], range) => [Math.min(low, range.least), Math.max(high, range.greatest)],
    [Infinity, -Infinity],
  );
  if (least > greatest) {
    throw new DataError(`${name}: no sample of the image is a finite number; choose one that holds some.`);
  }
  // Halves, since the difference of two doubles may be none.
  const span = greatest / 2 - least / 2;
  const inverted = pictures.some((picture) => picture.inverted);
  return {
    values: values((value, isInverted) => {
      const part = span === 0 ? value - least : Math.min(1, (value / 2 - least / 2) / span);
      return isInverted && span > 0 ? 1 - part : part;
    }),
    range: [least, greatest],
    warnings: [
      span === 0
        ? `All samples are ${shown(least)}, which became 0.`
        : `The samples have no black and white of their own: ${shown(least)}, the least, became ${inverted ? 1 : 0}, and ${shown(greatest)}, the greatest, ${inverted ? 0 : 1}.`,
    ],
  };
}

/** A number as it is told, without digits that a sample does not have. */
const shown = (value: number): string => String(Number(value.toPrecision(7)));
