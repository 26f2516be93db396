import assert from 'node:assert/strict';
import { settingsFacts } from '../../../src/inspector/facts';
import { settingsOf } from '../../support/factorizations';
import { defaultModel } from '../../../src/factorization/model';

describe('the objective in words', () => {
  it('has a term for every penalty, each with its weight and its factor', () => {
    const model = {
      ...defaultModel,
      penalties: {
        W: { l1: 2, l2: 3, group: 0, smooth: 4, orthogonal: 5 },
        H: { l1: 0, l2: 0, group: 6, smooth: 0, orthogonal: 7 },
      },
    };
    const objective = settingsFacts({ ...settingsOf(), model }).find(({ label }) => label === 'Objective');
    assert.equal(
      objective?.value,
      'Σ(X − WH)² + 2·Σ|W| + 3·ΣW² + 4·Σ(difference of neighbours in W)² + 5·Σ(WᵀW off its diagonal)²' +
        ' + 6·Σ‖component of H‖ + 7·Σ(HHᵀ off its diagonal)²',
    );
  });
});
