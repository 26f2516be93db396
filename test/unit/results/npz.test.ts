import type { ConsensusMatrix } from '../../../src/factorization/diagnostics/findings';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { DataError } from '../../../src/data/dataset';
import type { Factorization } from '../../../src/factorization/result';
import type { Constraint } from '../../../src/model/constraints';
import { noPenalty } from '../../../src/model/penalties';
import { decodeFactorization, encodeFactorization } from '../../../src/results/npz';
import { encodeNpy } from '../../../src/data/formats/npy';
import { factorizationOf, restartOf, settingsOf, traceOf } from '../../support/factorizations';
import { packZip } from '../../../src/data/formats/zip';
import { python } from '../data/python';

/** Rewrites the description of a saved factorization, and other entries. */
function altered(
  change: (description: Record<string, unknown>) => void,
  entries: Record<string, Uint8Array> = {},
): Uint8Array {
  const { W, H, restarts, ...rest } = factorizationOf();
  const description: Record<string, unknown> = {
    format: 'factorlens',
    version: 1,
    ...rest,
    restarts: restarts.map(({ trace: _, ...report }) => report),
  };
  change(description);
  const traces = restarts.flatMap(({ trace }, index) =>
    (['iteration', 'seconds', 'objective'] as const).map((name): [string, Uint8Array] => [
      `restart${index}_${name}.npy`,
      encodeNpy(trace[name], [trace[name].length]),
    ]),
  );
  return packZip({
    'W.npy': encodeNpy(W, [3, 1]),
    'H.npy': encodeNpy(H, [1, 2]),
    ...Object.fromEntries(traces),
    'factorlens.json': strToU8(JSON.stringify(description)),
    ...entries,
  });
}

function assertRefused(bytes: Uint8Array, pattern: RegExp): void {
  assert.throws(
    () => decodeFactorization(bytes, 'my.factors.npz'),
    (error: unknown) => {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, /^my\.factors\.npz: [^\n]*$/);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

function consensusOf(changes: Partial<ConsensusMatrix> = {}): ConsensusMatrix {
  return {
    kind: 'consensus',
    restarts: 2,
    rows: [0, 2],
    matrix: Float32Array.of(1, 0.5, 0.5, 1),
    order: [1, 0],
    clusters: [1, 1],
    cophenetic: 0.25,
    dispersion: 0.5,
    ...changes,
  };
}

describe('factors files', () => {
  it('keep all of a factorization', () => {
    const full = factorizationOf({
      rankReason: 'none was asked for',
      advice: [
        { text: 'Axis.', action: 'Leave Out t', choice: { exclude: ['t'] } },
        { text: 'Long.', action: 'Read', choice: { long: { row: 'a', column: 'b', value: 'c' }, missing: ['-9'] } },
      ],
      solverReason: 'It suits the model.',
      restartsAtOnce: { size: 4, reason: '4 restarts at a time read X once.' },
      settings: settingsOf({ rank: 1, preparation: { centre: 'rows', scale: { kind: 'zscore', axis: 'columns' } } }),
      preparation: [
        { kind: 'log1p' },
        { kind: 'shift', axis: 'rows', statistic: 'mean', by: Float64Array.of(1, -0.1, 3) },
        { kind: 'shift', axis: 'global', statistic: 'mean', by: Float64Array.of(7) },
        { kind: 'scale', axis: 'columns', statistic: 'deviation', by: Float64Array.of(2, 1 / 3) },
      ],
    });
    assert.deepEqual(decodeFactorization(encodeFactorization(full), 'a'), full);
    const {
      rowLabels: _,
      columnLabels: __,
      ...unnamed
    } = factorizationOf({
      source: { name: 'china.jpg', bytes: 5, sha256: 'c'.repeat(64) },
      reading: {
        kind: 'image',
        format: 'JPEG',
        width: 2,
        height: 3,
        bands: 3,
        bits: 8,
        as: { as: 'patches', size: 1 },
      },
      drawing: { width: 2, height: 1, channels: 1 },
    });
    assert.deepEqual(decodeFactorization(encodeFactorization(unnamed), 'a'), unnamed);
    for (const reading of [
      { kind: 'images', as: { as: 'patches', size: 8, stride: 2 }, count: 3, width: 20, height: 10 },
      {
        kind: 'text',
        options: { from: 'body', minimum: 2, maximum: 0.9, stopWords: 'auto', vocabulary: ['a'] },
        language: 'en',
        distinct: 7,
      },
    ] as const) {
      const other = factorizationOf({ reading: structuredClone(reading) as Factorization['reading'] });
      assert.deepEqual(decodeFactorization(encodeFactorization(other), 'a'), other);
    }
  });

  it('keep what was concluded from the restarts and of every rank', () => {
    const full = factorizationOf({
      consensus: consensusOf(),
      scree: { kind: 'singular-values', values: [3, 0.5], complete: true, explainedVariance: [NaN, 1] },
      rankCurve: [
        { rank: 1, error: 2, standardError: 0.1 },
        { rank: 2, error: 1, standardError: 0.2, explainedVariance: 0.9, cophenetic: -0.5 },
      ],
    });
    assert.deepEqual(decodeFactorization(encodeFactorization(full), 'a'), full);
    const none = factorizationOf({
      consensus: { kind: 'none', reason: 'There was one.' },
      scree: { kind: 'none', reason: 'Entries are missing.' },
    });
    assert.deepEqual(decodeFactorization(encodeFactorization(none), 'a'), none);
  });

  it('keep every loss, penalty, constraint and solver', () => {
    const base = factorizationOf();
    const { settings } = base;
    const losses = [
      { kind: 'squared' },
      { kind: 'absolute' },
      { kind: 'huber', delta: 1.5 },
      { kind: 'kullback-leibler' },
      { kind: 'itakura-saito' },
      { kind: 'poisson' },
      { kind: 'logistic' },
    ] as const;
    const constraints = [
      { kind: 'none' },
      { kind: 'non-negative' },
      { kind: 'box', least: -1, most: 2 },
      { kind: 'unit-ball', nonNegative: false },
      { kind: 'unit-norm', nonNegative: true },
      { kind: 'simplex' },
    ] as const;
    const solvers = [
      { id: 'ngd', rate: 1, schedule: 'constant', stepLength: 'absolute' },
      { id: 'apg', inner: 10 },
      { id: 'irls', inner: 4 },
      { id: 'adam', rate: 0.01 },
      { id: 'momentum', rate: 1, momentum: 0.9 },
      { id: 'auto' },
    ] as const;
    for (let index = 0; index < 7; index++) {
      const loss = losses[index] ?? losses[0];
      const W = constraints[index] ?? constraints[0];
      const given = {
        ...base,
        settings: {
          ...settings,
          model: {
            ...settings.model,
            loss,
            penalties: {
              W: { ...noPenalty, l1: index, l2: 0.5, group: 1, smooth: 2.5 },
              H: { ...noPenalty, orthogonal: 1e-3 },
            },
            constraints: { W, H: constraints[1] },
          },
          solver: solvers[index] ?? solvers[0],
        },
      };
      assert.deepEqual(decodeFactorization(encodeFactorization(given), 'a'), given);
    }
  });

  it('of before components could have a length of exactly 1 have theirs at most 1 long', () => {
    const base = factorizationOf();
    const { settings } = base;
    const given = (H: object) => ({
      ...base,
      settings: {
        ...settings,
        model: { ...settings.model, constraints: { W: { kind: 'none' } as const, H: H as Constraint } },
      },
    });
    const read = (H: object) => decodeFactorization(encodeFactorization(given(H)), 'a').settings.model.constraints.H;
    assert.deepEqual(read({ kind: 'unit-norm' }), { kind: 'unit-ball', nonNegative: false });
    assert.throws(() => read({ kind: 'unit-norm', nonNegative: 1 }), /nonNegative must be true or false/);
    assert.throws(() => read({ kind: 'unit-ball' }), /nonNegative must be true or false/);
  });

  it('keep numbers that JSON lacks, odd labels and dictionary keys', () => {
    const given = factorizationOf({
      rowLabels: ['', '"\n\0', '\u{1F600}'],
      versions: Object.fromEntries([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
      restarts: [restartOf({ objective: Infinity, stopReason: 'diverged', trace: traceOf([0, NaN], [1, Infinity]) })],
      best: 0,
      statistics: { objective: NaN, sse: -Infinity, relativeError: NaN, explainedVariance: -0.5, observed: 0 },
    });
    const found = decodeFactorization(encodeFactorization(given), 'a');
    assert.deepEqual(found, given);
    assert.ok(Object.hasOwn(found.versions, '__proto__'));
  });

  it('are the same bytes for the same factorization', () => {
    assert.deepEqual(encodeFactorization(factorizationOf()), encodeFactorization(factorizationOf()));
  });

  it('are opened by numpy.load', () => {
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-npz-'));
    try {
      const file = join(folder, 'a.factors.npz');
      writeFileSync(file, encodeFactorization(factorizationOf()));
      const found = python(
        `import sys, json, numpy
with numpy.load(sys.argv[1], allow_pickle=False) as f:
    print(json.dumps([f['W'].tolist(), f['H'].tolist(), str(f['W'].dtype), (f['W'] @ f['H']).tolist(),
      f['restart1_objective'].tolist(), json.loads(f['factorlens.json'])['source']['name']]))`,
        file,
      );
      assert.deepEqual(found, [
        [[1], [2], [3]],
        [[4, 5]],
        'float32',
        [
          [4, 5],
          [8, 10],
          [12, 15],
        ],
        Array.from(factorizationOf().restarts[1]?.trace.objective ?? []),
        'small.csv',
      ]);
      // What is packed anew without compression is read as well; compressed, it is told how.
      for (const method of ['STORED', 'DEFLATED']) {
        python(
          `import sys, json, zipfile, numpy
with numpy.load(sys.argv[1]) as f: entries = {k: f.zip.read(k) for k in f.zip.namelist()}
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_${method}) as z:
    for k, v in entries.items(): z.writestr(k, v)
print(json.dumps(None))`,
          file,
        );
        if (method === 'STORED') assert.deepEqual(decodeFactorization(readFileSync(file), 'a'), factorizationOf());
        else assertRefused(readFileSync(file), /W\.npy is compressed, .* pack it without compression \(zip -0\)/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keep labels of any length and number, which numpy.load reads too', () => {
    const labels = ['', 'a\0b', '\uFEFFü', '\u{1F600}'.repeat(70_000), 'x'.repeat(70_000), '', 'ß'];
    const given = factorizationOf({
      rows: labels.length,
      W: new Float32Array(labels.length),
      rowLabels: labels,
      columnLabels: ['', ''],
      reading: {
        ...factorizationOf().reading,
        features: ['x', 'y'],
        leftOut: [{ column: 'note', reason: 'text, such as "ä"' }],
      } as Factorization['reading'],
    });
    const bytes = encodeFactorization(given);
    assert.deepEqual(decodeFactorization(bytes, 'a'), given);
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-npz-'));
    try {
      const file = join(folder, 'a.factors.npz');
      writeFileSync(file, bytes);
      const found = python(
        `import sys, json, numpy
with numpy.load(sys.argv[1], allow_pickle=False) as z:
    labels = [part.tobytes().decode() for part in numpy.split(z['row_labels'], z['row_labels_ends'][:-1])]
print(json.dumps(labels))`,
        file,
      );
      assert.deepEqual(found, labels);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keep more labels than a description could hold', () => {
    // 300 MB: the former limit was 256 MiB of JSON.
    const rowLabels = Array.from({ length: 300 }, (_, row) => `${row} `.padEnd(1_000_000, 'x'));
    const given = factorizationOf({ rows: 300, W: new Float32Array(300), rowLabels });
    const found = decodeFactorization(encodeFactorization(given), 'a');
    assert.ok(found.rowLabels?.every((label, row) => label === rowLabels[row]));
  });

  it('are not written where they could not be read', () => {
    const refused: [Partial<Factorization>, RegExp][] = [
      [{ W: Float32Array.of(1, NaN, 3) }, /W\.npy holds NaN in row 2, column 1/],
      [{ H: Float32Array.of(1, -Infinity) }, /H\.npy holds -Infinity in row 1, column 2/],
      [{ warnings: ['x'.repeat(2 ** 20 + 1)] }, /warnings\[0\] must be text of at most 1048576 characters/],
      [{ warnings: Array.from({ length: 10_001 }, () => '') }, /warnings must be a list of at most 10000/],
      [{ restarts: Array.from({ length: 10_001 }, () => restartOf()) }, /number of restarts is 10001/],
    ];
    for (const [changes, words] of refused) {
      assert.throws(
        () => encodeFactorization(factorizationOf(changes)),
        (error: unknown) => {
          assert.ok(error instanceof DataError);
          assert.match(error.message, /^small\.csv: the result cannot be saved\. [^\n]*\.$/);
          assert.match(error.message, words);
          return true;
        },
      );
    }
    const most = factorizationOf({
      restarts: Array.from({ length: 10_000 }, () => restartOf()),
      warnings: Array.from({ length: 10_000 }, () => 'Mind.'),
    });
    assert.deepEqual(decodeFactorization(encodeFactorization(most), 'a'), most);
  });

  it('of 60,000×50 are written and read in no time', () => {
    const rows = 60_000;
    const large = factorizationOf({
      rows,
      columns: 784,
      rank: 50,
      W: Float32Array.from({ length: rows * 50 }, (_, index) => index / 7),
      H: new Float32Array(50 * 784).fill(0.5),
      rowLabels: Array.from({ length: rows }, (_, index) => `sample ${index}`),
      columnLabels: Array.from({ length: 784 }, (_, index) => `pixel ${index}`),
    });
    const started = performance.now();
    const found = decodeFactorization(encodeFactorization(large), 'a');
    // Some 0.2 s on an idle machine.
    assert.ok(performance.now() - started < 10_000);
    assert.deepEqual(found.W, large.W);
    assert.equal(found.rowLabels?.[59_999], 'sample 59999');
  });
});

describe('factors files from strangers', () => {
  it('are refused when cut off anywhere', () => {
    const bytes = encodeFactorization(factorizationOf());
    for (let length = 0; length < bytes.length; length++) {
      assertRefused(bytes.subarray(0, length), /cut off|not a zip/);
    }
  });

  it('are refused, or read the same, when a byte is changed', () => {
    const given = factorizationOf();
    const bytes = encodeFactorization(given);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x15;
      try {
        // Fields that the directory repeats, dates and the like do not matter.
        assert.deepEqual(decodeFactorization(damaged, 'a'), given);
      } catch (error) {
        assert.ok(error instanceof DataError, `byte ${at}: ${String(error)}`);
        refused++;
      }
    }
    assert.ok(refused > 0.7 * bytes.length, `${refused} of ${bytes.length}`);
  });

  it('are refused when a field is absent or of another kind', () => {
    const fields = Object.keys(factorizationOf()).filter((name) => !['W', 'H'].includes(name));
    for (const name of [...fields, 'format', 'version']) {
      if (!['rowLabels', 'columnLabels'].includes(name)) {
        assertRefused(
          altered((description) => delete description[name]),
          new RegExp(`${name} must be`),
        );
      }
      for (const wrong of [null, true, [null], { a: 1 }, '__proto__', -1, 0.5]) {
        assertRefused(
          altered((description) => (description[name] = wrong)),
          new RegExp(`not valid, since ${name}`),
        );
      }
    }
  });

  it('of before there were penalties on neighbours and overlaps have none', () => {
    const given = factorizationOf();
    const older = altered((description) => {
      const { settings } = given;
      const old = { l1: 0, l2: 0, group: 0 };
      description['settings'] = { ...settings, model: { ...settings.model, penalties: { W: old, H: old } } };
    });
    assert.deepEqual(decodeFactorization(older, 'a').settings.model, given.settings.model);
  });

  it('are refused when shapes do not fit the arrays', () => {
    assertRefused(
      altered((description) => {
        description['rows'] = 4;
        delete description['rowLabels'];
      }),
      /W\.npy must have the shape 4×1/,
    );
    assertRefused(
      altered((description) => (description['rowLabels'] = ['a'])),
      /rowLabels must be a list of 3/,
    );
    assertRefused(
      altered((description) => {
        description['rows'] = 2 ** 40;
        delete description['rowLabels'];
      }),
      /W\.npy is said to have more than/,
    );
    assertRefused(
      altered((description) => (description['best'] = 2)),
      /best must be a whole number from 0 to 1/,
    );
    assertRefused(
      altered(() => undefined, { 'H.npy': encodeNpy(Float64Array.of(4, 5), [1, 2]) }),
      /H\.npy must have.*Float32.*Float64/,
    );
    assertRefused(
      altered(() => undefined, { 'restart1_seconds.npy': encodeNpy(Float64Array.of(1), [1]) }),
      /traces of restart 1 differ in length/,
    );
    assertRefused(
      altered(() => undefined, { 'restart0_iteration.npy': encodeNpy(Float64Array.of(5, 5), [2]) }),
      /iterations of restart 0 are not in order/,
    );
    assertRefused(
      altered(() => undefined, { 'W.npy': strToU8('not an array') }),
      /W\.npy cannot be read/,
    );
  });

  it('are refused when a factor, a bias or the time of a trace is no finite number', () => {
    const biases = (fields: Record<string, unknown>) => (fields['biases'] = { mean: 0 });
    const vector = (...values: number[]) => encodeNpy(Float64Array.from(values), [values.length]);
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const cases: [string, Uint8Array, RegExp][] = [
        ['W.npy', encodeNpy(Float32Array.of(1, wrong, 3), [3, 1]), /W\.npy holds \S+ in row 2, column 1, .*; save/],
        ['H.npy', encodeNpy(Float32Array.of(4, wrong), [1, 2]), /H\.npy holds \S+ in row 1, column 2/],
        ['row_biases.npy', encodeNpy(Float32Array.of(0, 0, wrong), [3]), /row_biases\.npy holds \S+ in place 3/],
        ['column_biases.npy', encodeNpy(Float32Array.of(wrong, 0), [2]), /column_biases\.npy holds \S+ in place 1/],
        ['restart0_seconds.npy', vector(0.1, wrong), /seconds of restart 0/],
        ['restart0_iteration.npy', vector(1, wrong), /iterations of restart 0/],
      ];
      for (const [file, array, words] of cases) {
        const others = {
          'row_biases.npy': encodeNpy(new Float32Array(3), [3]),
          'column_biases.npy': encodeNpy(new Float32Array(2), [2]),
        };
        assertRefused(altered(biases, { ...others, [file]: array }), words);
      }
    }
  });

  it('are refused when a list of texts cannot be', () => {
    const texts = (bytes: string, ...ends: number[]) =>
      altered((fields) => (fields['rowLabels'] = { texts: 'row_labels' }), {
        'row_labels.npy': encodeNpy(new Uint8Array(Buffer.from(bytes, 'latin1')), [bytes.length]),
        'row_labels_ends.npy': encodeNpy(Uint32Array.from(ends), [ends.length]),
      });
    assert.deepEqual(decodeFactorization(texts('uvw', 1, 2, 3), 'a').rowLabels, ['u', 'v', 'w']);
    assertRefused(texts('uvw', 1, 2), /hold no list of texts/);
    assertRefused(texts('uvw', 1, 2, 4), /hold no list of texts/);
    assertRefused(texts('uvw', 2, 1, 3), /hold no list of texts/);
    assertRefused(texts('uvw'), /hold no list of texts/);
    assertRefused(texts('\xff', 0, 0, 1), /hold no list of texts/);
    // The two bytes of one character are of two labels.
    assertRefused(texts('\xc3\xbc', 1, 2, 2), /hold no list of texts/);
    assertRefused(texts('uvw', 1, 2, 2, 3), /rowLabels must be a list of 3/);
    assertRefused(
      altered((fields) => (fields['rowLabels'] = { texts: 'row_labels' })),
      /row_labels\.npy is missing/,
    );
    assertRefused(
      altered((fields) => (fields['rowLabels'] = { texts: 'W' })),
      /rowLabels must be a list of 3/,
    );
  });

  it('are refused when their description is out of proportion', () => {
    const description = (text: string) => packZip({ 'factorlens.json': strToU8(text) });
    assertRefused(description('['.repeat(100_000)), /lists within lists/);
    assertRefused(description(`[${'{},'.repeat(2_000_000)}{}]`), /more parts than a result has/);
    assertRefused(
      description(`{${Array.from({ length: 1001 }, (_, k) => `"${k}":0`).join()}}`),
      /an object of more names/,
    );
    assertRefused(
      altered((fields) => (fields['warnings'] = ['[]{},:"\\'.repeat(200_000)])),
      /warnings\[0\] must be text of at most/,
    );
    assertRefused(
      altered((fields) => (fields['componentVariance'] = [1, 1])),
      /componentVariance must be a list of at most 1/,
    );
    assertRefused(
      altered((fields) => (fields['rankCurve'] = Array.from({ length: 10_001 }, () => ({})))),
      /rankCurve must be a list of at most 10000/,
    );
    // What only looks like structure, inside a text, counts for nothing.
    const odd = ['[[['.repeat(50), '"}\\', '\\"{'.repeat(30)];
    assert.deepEqual(
      decodeFactorization(
        altered((fields) => (fields['rowLabels'] = odd)),
        'a',
      ).rowLabels,
      odd,
    );
  });

  it('are refused when a consensus or a scree cannot be', () => {
    const wrong: [Partial<ConsensusMatrix>, RegExp][] = [
      [{ restarts: 1 }, /consensus\.restarts must be a whole number from 2/],
      [{ rows: [0, 3] }, /consensus\.rows\[1\] must be a whole number from 0 to 2/],
      [{ rows: [2, 0] }, /consensus\.rows must be .* rising/],
      [{ rows: [0] }, /consensus\.rows must be .* at least two/],
      [{ rows: [0, 1, 2] }, /consensus\.order must be a list of 3/],
      [{ order: [0, 0] }, /consensus\.order must be a list of all numbers below 2/],
      [{ order: [0, 2] }, /consensus\.order\[1\] must be/],
      [{ clusters: [1, 2] }, /consensus\.clusters must be a list with the sum 2/],
      [{ clusters: [2, 0] }, /consensus\.clusters\[1\] must be/],
      [{ cophenetic: 1.5 }, /consensus\.cophenetic must be a number from -1 to 1/],
      [{ dispersion: -0.1 }, /consensus\.dispersion must be/],
      [{ matrix: Float32Array.of(1, 0.5, 0.4, 1) }, /consensus\.npy holds numbers that cannot be/],
      [{ matrix: Float32Array.of(1, 1.5, 1.5, 1) }, /consensus\.npy holds numbers that cannot be/],
      [{ matrix: Float32Array.of(1, NaN, NaN, 1) }, /consensus\.npy holds numbers that cannot be/],
    ];
    const { matrix, ...description } = consensusOf();
    for (const [{ matrix: other = matrix, ...changes }, words] of wrong) {
      assertRefused(
        altered((fields) => (fields['consensus'] = { ...description, ...changes }), {
          'consensus.npy': encodeNpy(other, [2, 2]),
        }),
        words,
      );
    }
    assertRefused(
      altered((fields) => (fields['consensus'] = description), { 'consensus.npy': encodeNpy(matrix, [4]) }),
      /consensus\.npy must have the shape 2×2/,
    );
    assertRefused(
      altered((fields) => (fields['consensus'] = description)),
      /consensus\.npy/,
    );
    const rows = 2 ** 15;
    assertRefused(
      altered(
        (fields) => {
          const all = Array.from({ length: rows }, (_, row) => row);
          fields['rows'] = rows;
          delete fields['rowLabels'];
          fields['consensus'] = { ...description, rows: all, order: all, clusters: [rows] };
        },
        { 'W.npy': encodeNpy(new Float32Array(rows), [rows, 1]) },
      ),
      /consensus\.npy is said to have more than/,
    );
    const scree = { kind: 'singular-values', values: [1], complete: true, explainedVariance: [1] };
    for (const [changes, words] of [
      [{ values: [-1] }, /scree\.values\[0\] must be/],
      [{ explainedVariance: [1, 1] }, /scree\.explainedVariance must be a list of 1/],
      [{ complete: 1 }, /scree\.complete must be true or false/],
      [{ kind: 'all' }, /scree\.kind must be one of/],
    ] as const) {
      assertRefused(
        altered((fields) => (fields['scree'] = { ...scree, ...changes })),
        words,
      );
    }
  });

  it('are refused when they were not written by Factorlens, or by a later one', () => {
    assertRefused(zipSync({ 'W.npy': encodeNpy(Float32Array.of(1), [1, 1]) }), /lacks factorlens\.json/);
    assertRefused(zipSync({ 'a.txt': strToU8('x') }), /not a factors file of Factorlens/);
    assertRefused(packZip({ 'factorlens.json': strToU8('{') }), /not valid JSON/);
    assertRefused(packZip({ 'factorlens.json': Uint8Array.of(0xff) }), /not valid JSON/);
    assertRefused(packZip({ 'factorlens.json': strToU8('[]') }), /must be an object/);
    assertRefused(
      altered((description) => (description['version'] = 3)),
      /version 3.*update Factorlens/,
    );
    assertRefused(strToU8('PK\x05\x06'), /cut off/);
  });

  it('are refused when their names are no plain names or come twice', () => {
    for (const name of ['../W.npy', '/etc/passwd', 'C:\\W.npy', 'a/b.npy', '..', '', 'W.npy\0']) {
      assertRefused(
        altered(() => undefined, { [name]: new Uint8Array(1) }),
        /which is not plain/,
      );
    }
    const twice = Buffer.from(altered(() => undefined, { 'V.npy': new Uint8Array(1) }));
    const directory = twice.lastIndexOf('V.npy');
    twice.write('W', directory, 'latin1');
    assertRefused(twice, /has W\.npy twice/);
  });

  it('are refused where an entry is compressed, whatever it says of its size, and nothing is unpacked', () => {
    const zeros = new Uint8Array(50_000_000);
    const bombs = [
      zipSync({ 'factorlens.json': strToU8('{}'), 'W.npy': zeros }, { level: 9 }),
      zipSync({ 'W.npy': zeros, 'factorlens.json': [strToU8('{}'), { level: 0 }] }),
    ];
    const before = process.memoryUsage().arrayBuffers;
    for (const bomb of bombs) {
      assert.ok(bomb.length < 100_000);
      assertRefused(bomb, /\w+\.\w+ is compressed, and the entries of a factors file are stored/);
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 10e6);
  });

  it('are refused where the sizes, places or names of their entries cannot be', () => {
    const whole = Buffer.from(altered(() => undefined));
    const entry = (name: string) => whole.lastIndexOf(name) - 46;
    const changed = (change: (bytes: Buffer) => void): Buffer => {
      const copy = Buffer.from(whole);
      change(copy);
      return copy;
    };
    const resized = (size: number): Buffer =>
      changed((bytes) => {
        bytes.writeUInt32LE(size, entry('W.npy') + 20);
        bytes.writeUInt32LE(size, entry('W.npy') + 24);
      });
    assertRefused(resized(200_000_000), /its entries overlap/);
    assertRefused(resized(0xffffffff), /its entries overlap/);
    assertRefused(resized(whole.length), /its entries overlap/);
    assertRefused(
      changed((bytes) => bytes.writeUInt32LE(200_000_000, entry('W.npy') + 24)),
      /W\.npy is damaged \(it has two sizes\)/,
    );
    // Two entries of the directory that share one place.
    assertRefused(
      changed((bytes) => bytes.writeUInt32LE(whole.readUInt32LE(entry('W.npy') + 42), entry('H.npy') + 42)),
      /its entries overlap/,
    );
    const end = whole.length - 22;
    assertRefused(
      changed((bytes) => bytes.writeUInt16LE(0xffff, end + 10)),
      /zip64/,
    );
    assertRefused(
      changed((bytes) => bytes.writeUInt16LE(1, end + 4)),
      /directory is damaged/,
    );
    assertRefused(
      changed((bytes) => bytes.write('V', whole.indexOf('W.npy'), 'latin1')),
      /W\.npy is damaged/,
    );
  });

  it('lose what is unknown in them', () => {
    const found = decodeFactorization(
      altered((description) => (description['script'] = 'alert(1)'), { 'more.npy': new Uint8Array(3) }),
      'a',
    );
    assert.deepEqual(found, factorizationOf());
  });
});
