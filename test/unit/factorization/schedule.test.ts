import assert from 'node:assert/strict';
import type { NormalizedGradientOptions, RateSchedule } from '../../../src/model/solvers';
import { scheduledRates } from '../../../src/factorization/solvers/normalized-gradient';

const options = (schedule: RateSchedule): NormalizedGradientOptions => ({
  id: 'ngd',
  rate: 0.5,
  schedule,
  stepLength: 'relative',
});

describe('rate schedules', () => {
  it('keeps a constant rate', () => {
    assert.deepEqual([...scheduledRates(options('constant'), 7, 3, 10)], [0.5, 0.5, 0.5]);
  });

  it('falls with the root of the step number', () => {
    assert.deepEqual(
      [...scheduledRates(options('inverse-sqrt'), 0, 4, 100)].map((r) => r.toFixed(6)),
      ['0.500000', '0.353553', '0.288675', '0.250000'],
    );
  });

  it('follows half a cosine from the full rate to nothing', () => {
    const rates = scheduledRates(options('cosine'), 0, 5, 4);
    assert.ok(Math.abs((rates[0] as number) - 0.5) < 1e-7);
    assert.ok(Math.abs((rates[2] as number) - 0.25) < 1e-7);
    assert.ok(Math.abs(rates[4] as number) < 1e-7);
  });

  it('does not depend on how a run is cut into chunks', () => {
    const whole = scheduledRates(options('cosine'), 0, 20, 20);
    const parts = [...scheduledRates(options('cosine'), 0, 13, 20), ...scheduledRates(options('cosine'), 13, 7, 20)];
    assert.deepEqual([...whole], parts);
  });

  it('refuses to foretell an adaptive rate', () => {
    assert.throws(() => scheduledRates(options('adaptive'), 0, 1, 1), /not known in advance/);
  });
});
