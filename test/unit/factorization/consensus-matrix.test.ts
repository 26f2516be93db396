import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomNormal } from '../../../src/engine';
import {
  consensusOf,
  groupsOf,
  maxRows,
  refusesConsensus,
  rowsToCompare,
} from '../../../src/factorization/diagnostics/consensus';
import { defaultModel } from '../../../src/model/model';
import { noPenalty } from '../../../src/model/penalties';
import { clusterings } from '../../support/datasets';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('consensusOf', () => {
  clusterings().runs.forEach(({ rank, groups, consensus, coefficient, dispersion }, index) => {
    it(`has the matrix, the cophenetic correlation and the dispersion of NumPy and SciPy, case ${index + 1}`, () => {
      const rows = upTo(consensus.length);
      const found = consensusOf(
        rows,
        groups.map((run) => Int32Array.from(run)),
        rank,
      );
      assert.equal(found.restarts, groups.length);
      assert.deepEqual(found.rows, rows);
      assert.deepEqual(found.matrix, Float32Array.from(consensus.flat()));
      assert.ok(Math.abs((found.cophenetic ?? NaN) - coefficient) < 1e-12, `${found.cophenetic}, not ${coefficient}`);
      assert.ok(Math.abs(found.dispersion - dispersion) < 1e-12);
    });
  });

  it('is perfect, with the groups as clusters, where all runs agree but for the numbers of their components', () => {
    const found = consensusOf([2, 3, 5, 7, 9], [Int32Array.of(0, 1, 0, 2, 2), Int32Array.of(2, 0, 2, 1, 1)], 3);
    assert.deepEqual([found.cophenetic, found.dispersion], [1, 1]);
    const parts = found.order.map((at) => [0, 1, 0, 2, 2][at]);
    let at = 0;
    for (const size of found.clusters) {
      assert.equal(new Set(parts.slice(at, at + size)).size, 1);
      at += size;
    }
    assert.deepEqual(
      [...found.clusters].sort((a, b) => a - b),
      [1, 2, 2],
    );
  });

  it('does not depend on how each run numbers its components', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 8, maxLength: 8 }), {
          minLength: 2,
          maxLength: 6,
        }),
        (runs) => {
          const plain = consensusOf(
            upTo(8),
            runs.map((run) => Int32Array.from(run)),
            3,
          );
          const renamed = consensusOf(
            upTo(8),
            runs.map((run, k) => Int32Array.from(run, (group) => [5, 1, 9, 4][(group + k) % 4] as number)),
            3,
          );
          assert.deepEqual(renamed, plain);
        },
      ),
    );
  });

  it('has no correlation where every row is always in one group', () => {
    const { cophenetic, dispersion } = consensusOf(upTo(3), [new Int32Array(3), new Int32Array(3)], 2);
    assert.deepEqual([cophenetic, dispersion], [undefined, 1]);
  });
});

describe('groupsOf', () => {
  it('takes the largest part, whatever the scale and sign of W against H', () => {
    const rank = 3;
    const W = randomNormal([20, rank], { seed: 1 }).data;
    const H = randomNormal([rank, 7], { seed: 2 }).data;
    const scales = [0.01, -30, 5];
    const scaled = {
      W: Float32Array.from(W, (value, at) => value * (scales[at % rank] as number)),
      H: Float32Array.from(H, (value, at) => value / (scales[Math.floor(at / 7)] as number)),
    };
    const plain = groupsOf({ W: Float32Array.from(W), H: Float32Array.from(H) }, rank, upTo(20));
    assert.deepEqual(groupsOf(scaled, rank, upTo(20)), plain);
    assert.ok(new Set(plain).size > 1);
    assert.deepEqual(groupsOf(scaled, rank, [3, 11]), Int32Array.of(plain[3] as number, plain[11] as number));
  });

  it('sets rows apart that have nothing of any component', () => {
    const factors = { W: Float32Array.of(0, 1, 2, 0, 0, 0, 0, 7), H: Float32Array.of(1, 1, 3, 0) };
    assert.deepEqual(groupsOf(factors, 2, upTo(4)), Int32Array.of(1, 0, 2, 1));
  });
});

describe('rowsToCompare', () => {
  it('are all rows where they are few', () => {
    assert.deepEqual(rowsToCompare(5, 3), upTo(5));
    assert.deepEqual(rowsToCompare(maxRows, 3), upTo(maxRows));
  });

  it('are otherwise a sample spread over all, the same for the same seed', () => {
    const rows = rowsToCompare(60_000, 1);
    assert.equal(new Set(rows).size, maxRows);
    assert.ok(rows.every((row, k) => row < 60_000 && (k === 0 || row > (rows[k - 1] as number))));
    // Of 400 uniform numbers, one tenth holds 40 ± 6.
    for (let part = 0; part < 10; part++) {
      const inside = rows.filter((row) => Math.floor(row / 6_000) === part).length;
      assert.ok(Math.abs(inside - 40) < 30, `${inside} in part ${part}`);
    }
    assert.deepEqual(rowsToCompare(60_000, 1), rows);
    assert.notDeepEqual(rowsToCompare(60_000, 2), rows);
  });
});

describe('refusesConsensus', () => {
  const nmf = { ...defaultModel, constraints: { W: { kind: 'non-negative' }, H: { kind: 'non-negative' } } } as const;
  const penalised = (W: Partial<typeof noPenalty>) => ({
    ...defaultModel,
    penalties: { W: { ...noPenalty, ...W }, H: { ...noPenalty, l2: 1 } },
  });

  it('is that components can be rotated, unless a constraint or penalty tells them apart', () => {
    for (const model of [defaultModel, penalised({ l2: 2 }), penalised({ smooth: 1 })]) {
      assert.match(refusesConsensus(model, 3) ?? '', /rotation/);
    }
    for (const model of [nmf, penalised({ l1: 1 }), penalised({ group: 1 }), penalised({ orthogonal: 1 })]) {
      assert.equal(refusesConsensus(model, 3), undefined);
    }
  });

  it('is that there is one component', () => {
    assert.match(refusesConsensus(nmf, 1) ?? '', /one group/);
  });
});
