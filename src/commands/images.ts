import type { ImageOptions } from '../data/reading-report';

export type ImageChoiceId = ImageOptions['as'];

/** A way to read images as a matrix, as the picker offers it. */
export interface ImageChoice {
  id: ImageChoiceId;
  label: string;
  detail: string;
  options: ImageOptions;
}

/** The usual one first. */
export const imageChoices: readonly ImageChoice[] = [
  {
    id: 'gray',
    label: 'Grey',
    detail: 'A row of pixels a row; of a folder, an image a row.',
    options: { as: 'gray' },
  },
  {
    id: 'channels',
    label: 'Channels',
    detail: 'The same for red, green and blue, side by side.',
    options: { as: 'channels' },
  },
  {
    id: 'patches',
    label: 'Colour Patches, 8×8',
    detail: 'A square of 8×8 pixels a row: components become a dictionary.',
    options: { as: 'patches', size: 8 },
  },
];

/** The choice of that id; undefined for what is none. */
export function imageChoiceOf(id: unknown): ImageChoice | undefined {
  return imageChoices.find((choice) => choice.id === id);
}
