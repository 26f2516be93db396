import type { FactorsView, InspectorState } from '../src/protocol/inspector';
import { element, noMenu } from './dom';

/** Components drawn at most: more do not fit a page. */
const most = 144;
/** Width of a tile on the screen, in CSS pixels. */
const tileWidth = 72;

/**
 * The components as images, where a row of the data is one: each scaled by its own largest magnitude, with 0 in the middle
 * grey where any of its numbers is negative, else from black to white.
 */
export class Components {
  readonly node = element('section', { className: 'components' });
  readonly #grid = element('div', { className: 'components-grid' });
  #shown: FactorsView | undefined;

  constructor() {
    this.node.append(element('h2', { text: 'Components as Images' }), this.#grid);
    this.node.hidden = true;
  }

  update({ factors }: InspectorState): void {
    const drawing = factors?.drawing;
    this.node.hidden = drawing === undefined;
    if (factors === undefined || drawing === undefined || factors === this.#shown) {
      return;
    }
    this.#shown = factors;
    const { rows, columns, rowStep, values } = factors.H;
    const tiles = Array.from({ length: Math.min(most, rows) }, (_, k) => {
      const name = `component ${k * rowStep + 1}`;
      const canvas = element('canvas', {
        attributes: { role: 'img', 'aria-label': name, title: name, 'data-vscode-context': noMenu },
      });
      canvas.width = drawing.width;
      canvas.height = drawing.height;
      canvas.style.width = `${tileWidth}px`;
      canvas.getContext('2d')?.putImageData(imageOf(values.subarray(k * columns, (k + 1) * columns), drawing), 0, 0);
      return canvas;
    });
    this.#grid.replaceChildren(...tiles);
  }
}

function imageOf(values: Float32Array, { width, height, channels }: NonNullable<FactorsView['drawing']>): ImageData {
  const image = new ImageData(width, height);
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0) || 1;
  const signed = values.some((value) => value < 0);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let band = 0; band < 3; band++) {
      const part = (values[pixel * channels + Math.min(band, channels - 1)] ?? 0) / largest;
      image.data[4 * pixel + band] = Math.round(255 * (signed ? (part + 1) / 2 : part));
    }
    image.data[4 * pixel + 3] = 255;
  }
  return image;
}
