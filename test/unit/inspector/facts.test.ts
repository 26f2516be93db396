import assert from 'node:assert/strict';
import { settingsFacts } from '../../../src/inspector/facts';
import { settingsOf } from '../../support/factorizations';
import { withBound } from '../../../src/model/bounds';
import type { Constraint } from '../../../src/model/constraints';
import { defaultModel, type Model } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';

const factOf = (label: string, model: Model): string | undefined =>
  settingsFacts({ ...settingsOf(), model }).find((fact) => fact.label === label)?.value;

describe('the objective in words', () => {
  it('has a term for every penalty, each with its weight and its factor', () => {
    const model = {
      ...defaultModel,
      penalties: {
        W: { ...noPenalty, l1: 2, l2: 3, smooth: 4, orthogonal: 5 },
        H: { ...noPenalty, group: 6, orthogonal: 7 },
      },
    };
    assert.equal(
      factOf('Objective', model),
      'Σ(X − WH)² + 2·Σ|W| + 3·ΣW² + 4·Σ(difference of neighbours in W)² + 5·Σ(WᵀW off its diagonal)²' +
        ' + 6·Σ‖component of H‖ + 7·Σ(HHᵀ off its diagonal)²',
    );
  });

  it('has every constraint', () => {
    const text = (W: Constraint, H: Constraint): string | undefined =>
      factOf('Objective', { ...defaultModel, constraints: { W, H } });
    assert.equal(
      text({ kind: 'unit-norm', nonNegative: true }, { kind: 'unit-ball', nonNegative: false }),
      'Σ(X − WH)², W ≥ 0, components of W of length 1, components of H at most 1 long',
    );
    assert.equal(
      text({ kind: 'box', least: -1, most: 2 }, { kind: 'simplex' }),
      'Σ(X − WH)², -1 ≤ W ≤ 2, rows of H non-negative with sum 1',
    );
  });

  it('has the bound of a factor that could grow without end, and why', () => {
    const sparse = { ...defaultModel, penalties: { W: { ...noPenalty, l1: 1 }, H: noPenalty } };
    assert.equal(factOf('Objective', withBound(sparse)), 'Σ(X − WH)² + Σ|W|, components of H at most 1 long');
    assert.match(factOf('Why this bound', withBound(sparse)) ?? '', /shrinking W and growing H .* at most 1 long\.$/);
    assert.equal(factOf('Why this bound', defaultModel), undefined);
  });
});
