import assert from 'node:assert/strict';
import { digitsDone } from './digits';
import { useInspector } from './use-inspector';

describe('components as images', function () {
  this.timeout(60_000);
  const inspector = useInspector();

  const section = () => inspector().page.locator('.components');

  it('are not drawn where a row of the data is no image', async () => {
    await inspector().show(digitsDone());
    assert.equal(await section().isVisible(), false);
  });

  it('are drawn pixel by pixel, from their least to their greatest number', async () => {
    const state = digitsDone();
    assert.ok(state.factors);
    const { H } = state.factors;
    const values = H.values.slice();
    // The first component by hand: no negative number, and one pixel for each of three levels.
    values.fill(0, 0, 64);
    values[0] = 4;
    values[9] = 2;
    await inspector().show({
      ...state,
      factors: { ...state.factors, H: { ...H, values }, drawing: { width: 8, height: 8, channels: 1 } },
    });
    const tiles = section().locator('canvas');
    assert.equal(await tiles.count(), H.rows);
    assert.equal(await tiles.first().getAttribute('aria-label'), 'component 1');
    // In words of the page: the tests' types know no DOM.
    const levels = await inspector().page.evaluate<number[][]>(`(() => {
      const { data } = document.querySelector('.components canvas').getContext('2d').getImageData(0, 0, 8, 8);
      return [0, 9, 63].map((pixel) => [data[4 * pixel], data[4 * pixel + 1], data[4 * pixel + 3]]);
    })()`);
    assert.deepEqual(levels, [
      [255, 255, 255],
      [128, 128, 255],
      [0, 0, 255],
    ]);
  });
});
