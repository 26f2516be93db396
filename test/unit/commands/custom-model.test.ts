import assert from 'node:assert/strict';
import {
  constraintChoices,
  constraintLabel,
  firstCustomModel,
  lossChoices,
  parseNumbers,
  parseOption,
  parseWeights,
  penaltyChoices,
  withConstraint,
  withLoss,
  withPenalty,
} from '../../../src/commands/custom-model';
import {
  constraintId,
  constraintRecord,
  constraints,
  constraintWith,
  type Constraint,
} from '../../../src/model/constraints';
import { losses, type Loss } from '../../../src/model/losses';
import { modelSchema } from '../../../src/model/model';
import { valid } from '../../../src/untrusted/schema';
import { noPenalty } from '../../../src/model/penalties';
import { presetModel } from '../../../src/model/presets';

describe('a model of one’s own', () => {
  it('offers every loss and penalty, and every constraint by a name that leads back to it', () => {
    assert.deepEqual(lossChoices.map(({ id }) => id).sort(), Object.keys(losses).sort());
    assert.deepEqual(penaltyChoices.map(({ id }) => id).sort(), Object.keys(noPenalty).sort());
    const labels = constraintChoices.map(({ id, label }) => {
      const constraint = constraintWith(id, id === 'box' ? [0, 2] : []);
      assert.equal(constraintId(constraint), id);
      if (id === 'box') assert.equal(constraintLabel(constraint), 'From 0 to 2');
      else if (!constraintRecord(constraint).numbers) assert.equal(constraintLabel(constraint), label);
      return label;
    });
    assert.equal(new Set(labels).size, labels.length);
    const kinds = new Set(constraintChoices.map(({ id }) => constraintWith(id, []).kind));
    assert.deepEqual([...kinds].sort(), Object.keys(constraints).sort());
  });

  it('reads weights, bounds and thresholds, and says what is wrong with others', () => {
    assert.deepEqual(parseWeights(' 0.5 '), { W: 0.5, H: 0.5 });
    assert.deepEqual(parseWeights('0, 2e-3'), { W: 0, H: 0.002 });
    for (const wrong of ['', '-1', '1,', '1,2,3', 'a', '1 2', 'Infinity', '0, -1']) {
      assert.match((parseWeights(wrong) as { problem: string }).problem, /one weight of at least 0/, wrong);
    }
    assert.deepEqual(parseNumbers('box', '-1, 2.5'), { constraint: { kind: 'box', least: -1, most: 2.5 } });
    for (const wrong of ['', '1', '1,2,3', 'a,b']) {
      assert.match((parseNumbers('box', wrong) as { problem: string }).problem, /least and the greatest number/, wrong);
    }
    assert.deepEqual(parseNumbers('box', '2, 1'), { problem: 'Give the smaller bound first: 1, 2.' });
    assert.deepEqual(parseOption(losses.huber.options.delta, '0.25'), { value: 0.25 });
    for (const wrong of ['', '0', '-1', 'x', '1,2']) {
      assert.match((parseOption(losses.huber.options.delta, wrong) as { problem: string }).problem, /above 0/, wrong);
    }
  });

  it('means a weight that is given as it is', () => {
    const model = withPenalty({ ...presetModel('recommender'), relative: ['l1', 'l2'] }, 'l2', { W: 2, H: 3 });
    assert.deepEqual(model.relative, ['l1']);
    assert.equal('relative' in withPenalty(presetModel('ridge'), 'l2', { W: 1, H: 1 }), false);
    assert.deepEqual(valid(modelSchema(), JSON.parse(JSON.stringify(presetModel('ridge')))), presetModel('ridge'));
  });

  it('changes what was chosen and nothing else', () => {
    const sphere: Constraint = { kind: 'unit-norm', nonNegative: true };
    const constrained = withConstraint(firstCustomModel, 'H', sphere);
    assert.deepEqual(constrained, { ...firstCustomModel, constraints: { W: { kind: 'none' }, H: sphere } });
    const penalised = withPenalty(constrained, 'smooth', { W: 2, H: 0 });
    assert.deepEqual(penalised.penalties, { W: { ...noPenalty, smooth: 2 }, H: noPenalty });
    assert.deepEqual(penalised.constraints, constrained.constraints);
    const huber: Loss = { kind: 'huber', delta: 2 };
    assert.deepEqual(withLoss(penalised, huber), { ...penalised, loss: huber });
    // What knows no negative numbers makes factors non-negative that were free, and leaves others as they are.
    assert.deepEqual(withLoss(penalised, { kind: 'kullback-leibler' }).constraints, {
      W: { kind: 'non-negative' },
      H: sphere,
    });
  });

  it('is remembered whole, and forgotten where it is no model', () => {
    const model = withPenalty(withConstraint(firstCustomModel, 'W', { kind: 'simplex' }), 'l1', { W: 0, H: 1 });
    assert.deepEqual(valid(modelSchema(), JSON.parse(JSON.stringify(model))), model);
    for (const wrong of [undefined, null, 3, {}, { ...model, loss: { kind: 'odd' } }, { ...model, constraints: {} }]) {
      assert.equal(valid(modelSchema(), wrong), undefined);
    }
  });
});
