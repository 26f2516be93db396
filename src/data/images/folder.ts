import { oneLine } from '../../untrusted/text';
import { DataError, type Dataset } from '../dataset';
import type { ImageOptions } from '../reading-report';
import { aboutLeftOut, eachFile, type Folder } from '../folder';
import { aboutSizes, decodeSource, firstOf } from './image';
import { ImageRows } from './rows';
import type { Pixels } from './pixels';

/**
 * Reads a folder of images of one size as one matrix, an image a row, pixel by pixel: grey, or with the red, green and blue of a
 * pixel together. Or patches of all of them, which then may differ in size. Pages of a file are images of their own.
 * @throws DataError naming the first image that cannot be read or is of another size
 */
export async function readImageFolder(
  folder: Folder,
  options: ImageOptions,
  reading: { onProgress?: ((fraction: number) => void) | undefined; signal?: AbortSignal | undefined },
): Promise<Dataset> {
  const channels = options.as === 'gray' ? 1 : 3;
  const rows = new ImageRows(folder.name, options, options.as === 'gray' ? undefined : threeColours);
  const about: string[] = [];
  const source = await eachFile(folder, reading, async (file, index) => {
    const add = (name: string, pixels: Pixels, more: number): void => {
      const { width, height } = pixels;
      const { first } = rows;
      if (options.as !== 'patches' && first !== undefined && (first.width !== width || first.height !== height)) {
        throw new DataError(
          `${folder.name}/${file.name}: this image is ${width}×${height} pixels and ${first.name} is ${first.width}×${first.height}, but images that become rows of one matrix must be of one size; scale it, or take patches.`,
        );
      }
      rows.add(name, pixels, rows.count + more + folder.files.length - index - 1);
    };
    const pictures = await decodeSource(file);
    const subject = `The file ${oneLine(file.name)}`;
    about.push(...pictures.about(subject));
    if (pictures.count > 1 && (pictures.oneSize || options.as === 'patches')) {
      let page = 0;
      for await (const pixels of pictures.each()) {
        add(`${file.name} page ${++page}`, pixels, pictures.count - page + 1);
      }
    } else {
      about.push(...aboutSizes(pictures, subject));
      add(file.name, await firstOf(pictures), 1);
    }
  });
  const { width, height } = rows.first ?? { width: 1, height: 1 };
  const { range, warnings, ...matrix } = rows.finish(channels);
  return {
    ...matrix,
    source,
    reading: { kind: 'images', as: options, count: rows.count, width, height, ...(range && { range }) },
    warnings: [...aboutLeftOut(folder), ...about, ...warnings],
  };
}

/** Red, green and blue, which are alike where there is grey alone. */
const threeColours = ({ colours }: Pixels): number[] => (colours === 3 ? [0, 1, 2] : [0, 0, 0]);
