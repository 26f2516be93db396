import { availableMemory } from '../../memory/available';
import { DataError, type Dataset } from '../dataset';
import type { ImageOptions } from '../reading-report';
import { scaled, type RangedPixels } from './range';
import { aboutMissing, blocksOf } from './blocks';
import { patchesOf } from './patches';
import { channelsOf, furtherBands, greyOf, type Levels, type Pixels } from './pixels';

/** More values than this are refused before they are gathered: such a matrix alone takes 4 GB. */
const valueLimit = 2 ** 30;

interface Gathered extends RangedPixels {
  name: string;
  width: number;
  height: number;
}

type Part = 'rows' | 'columns' | 'rowLabels' | 'warnings' | 'drawing' | 'missing';

/**
 * Gathers images of one size as rows of a matrix, pixel by pixel with the channels of a pixel together; or patches of
 * images, which then may differ in size.
 */
export class ImageRows {
  readonly #images: Gathered[] = [];
  readonly #warnings = new Set<string>();

  /** @param bandsOf of a picture the bands that are taken, as many of each picture; grey where undefined */
  constructor(
    private readonly name: string,
    private readonly options: ImageOptions,
    private readonly bandsOf: ((pixels: Pixels) => number[]) | undefined,
  ) {}

  get count(): number {
    return this.#images.length;
  }

  get first(): { name: string; width: number; height: number } | undefined {
    return this.#images[0];
  }

  /**
   * @param count how many there are to be
   * @throws DataError when they do not fit into memory
   */
  add(name: string, pixels: Pixels, count: number): void {
    const { width, height, inverted } = pixels;
    const bands = this.bandsOf?.(pixels);
    const values = width * height * (bands?.length ?? 1);
    if (values * count > valueLimit || 4 * values * (count - this.#images.length) > availableMemory()) {
      throw new DataError(
        `${this.name}: ${count.toLocaleString('en')} images of ${width}×${height} pixels would take ${((4 * values * count) / 1e9).toFixed(1)} GB, more than fits into memory; scale them down or take fewer.`,
      );
    }
    for (const warning of aboutBands(pixels, bands)) this.#warnings.add(warning);
    const levels: Levels = bands === undefined ? greyOf(pixels) : channelsOf(pixels, bands);
    this.#images.push({ name, width, height, levels, inverted });
  }

  /** What is known of the matrix, and its blocks. @throws DataError when patches do not fit */
  finish(
    channels: number,
  ): Pick<Dataset, Part> & { range?: [least: number, greatest: number]; blocks: ReturnType<typeof blocksOf> } {
    const { values, range, warnings: aboutRange } = scaled(this.#images, this.name);
    const images = this.#images.map(({ name, width, height }, at) => ({
      name,
      width,
      height,
      values: values[at] ?? new Float32Array(),
    }));
    const about = [...this.#warnings, ...aboutRange];
    const { width, height } = images[0] ?? { width: 1, height: 1 };
    const common = range === undefined ? {} : { range };
    if (this.options.as === 'patches') {
      const patches = patchesOf(images, channels, this.options);
      const { drawing, rows, labels } = patches;
      const columns = drawing.width * drawing.height * drawing.channels;
      const { missing, warnings } = aboutMissing([patches.values], range !== undefined);
      return {
        ...common,
        rows,
        columns,
        missing,
        rowLabels: labels,
        warnings: [...about, ...warnings, ...patches.warnings],
        drawing,
        blocks: blocksOf([patches.values], columns),
      };
    }
    const columns = width * height * channels;
    const { missing, warnings } = aboutMissing(values, range !== undefined);
    return {
      ...common,
      rows: images.length,
      columns,
      missing,
      rowLabels: images.map(({ name }) => name),
      warnings: [...about, ...warnings],
      ...((channels === 1 || channels === 3) && { drawing: { width, height, channels } }),
      blocks: blocksOf(values, columns),
    };
  }
}

/** Sentences on bands of a picture that are not used. @param used those that are; grey where undefined */
export function aboutBands(pixels: Pixels, used: readonly number[] | undefined): string[] {
  const { colours, alpha, ranged } = pixels;
  const further = furtherBands(pixels);
  const count = pixels.bands - (alpha === undefined ? 0 : 1);
  const left = used === undefined || used.every((band) => band < colours) ? further : 0;
  return [
    ...(left > 0
      ? [
          `Of ${count} bands the first ${colours === 3 ? '3 are the colours' : 'is the grey'}; the meaning of the other${left > 1 ? 's' : ''} is not said, and ${left > 1 ? 'they were' : 'it was'} left out: read as channels, an image gives every band.`,
        ]
      : []),
    ...(ranged && alpha !== undefined
      ? ['Its opacity is left out of account, since its samples have no white to lie over.']
      : []),
  ];
}
