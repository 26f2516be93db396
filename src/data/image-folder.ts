import { availableMemory } from '../memory/available';
import { DataError, onOneLine, type Dataset, type ImageOptions } from './dataset';
import { aboutLeftOut, eachFile, type Folder } from './folder';
import { aboutCut, blocksOf, decodeSource } from './image';
import { patchesOf, type ImageValues } from './patches';
import { channelsOf, greyOf } from './pixels';

/** More values than this are refused before they are gathered: such a matrix alone takes 4 GB. */
const valueLimit = 2 ** 30;

/**
 * Reads a folder of images of one size as one matrix, an image a row, pixel by pixel: grey, or with the red, green and blue of a
 * pixel together. Or patches of all of them, which then may differ in size.
 * @throws DataError naming the first image that cannot be read or is of another size
 */
export async function readImageFolder(
  folder: Folder,
  options: ImageOptions,
  reading: { onProgress?: ((fraction: number) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<Dataset> {
  const channels = options.as === 'gray' ? 1 : 3;
  const images: ImageValues[] = [];
  const cut: string[] = [];
  const source = await eachFile(folder, reading, async (file) => {
    const pixels = await decodeSource(file);
    const { width, height } = pixels;
    const [first] = images;
    if (options.as !== 'patches' && first !== undefined && (first.width !== width || first.height !== height)) {
      throw new DataError(
        `${folder.name}/${file.name}: this image is ${width}×${height} pixels and ${first.name} is ${first.width}×${first.height}, but images that become rows of one matrix must be of one size; scale it, or take patches.`,
      );
    }
    const values = width * height * channels;
    const { length: count } = folder.files;
    if (values * count > valueLimit || 4 * values * (count - images.length) > availableMemory()) {
      throw new DataError(
        `${folder.name}: ${count.toLocaleString('en')} images of ${width}×${height} pixels would take ${((4 * values * count) / 1e9).toFixed(1)} GB, more than fits into memory; scale them down or take fewer.`,
      );
    }
    cut.push(...aboutCut(pixels, `The file ${onOneLine(file.name)}`));
    images.push({ name: file.name, width, height, values: channels === 1 ? greyOf(pixels) : channelsOf(pixels, 3) });
  });
  const { width, height } = images[0] ?? { width: 1, height: 1 };
  const common = {
    missing: 0,
    source,
    reading: { kind: 'images' as const, as: options, count: images.length, width, height },
  };
  if (options.as === 'patches') {
    const { values, rows, labels, drawing, warnings } = patchesOf(images, channels, options);
    const columns = drawing.width * drawing.height * drawing.channels;
    return {
      ...common,
      rows,
      columns,
      rowLabels: labels,
      warnings: [...aboutLeftOut(folder), ...cut, ...warnings],
      drawing,
      blocks: blocksOf(values, columns),
    };
  }
  return {
    ...common,
    rows: images.length,
    columns: width * height * channels,
    rowLabels: images.map(({ name }) => name),
    warnings: [...aboutLeftOut(folder), ...cut],
    drawing: { width, height, channels },
    *blocks() {
      for (const [start, { values }] of images.entries()) {
        yield { start, count: 1, values };
      }
    },
  };
}
