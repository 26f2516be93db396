import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeFactorization } from '../../../src/results/npz';
import type { Factorization } from '../../../src/factorization/result';
import type { Model } from '../../../src/model/model';
import { bundle, projectFolder, temporaryFolder } from '../worker/support/build';
import type { Outcome } from './support';
import { runCommandLine } from './support';

interface Report {
  file: string;
  rows: number;
  columns: number;
  observed: number;
  rank: number;
  seed: number;
  restarts: { seed: number; objective: number; iterations: number; stopReason: string }[];
  objective: number;
  sse: number;
  relativeError: number;
  explainedVariance: number;
  iterations: number;
  stopReason: string;
  seconds: { read: number; compile: number; iterate: number; total: number };
  trace?: { iteration: number; seconds: number; objective: number }[];
  output: string;
}

/** Σ(X−WH)² and the rest, by three plain loops in float64. */
function fit(X: readonly (readonly number[])[], { W, H, rank, columns }: Factorization) {
  let sse = 0;
  let total = 0;
  X.forEach((row, i) =>
    row.forEach((value, j) => {
      let predicted = 0;
      for (let k = 0; k < rank; k++) {
        predicted += (W[i * rank + k] ?? NaN) * (H[k * columns + j] ?? NaN);
      }
      sse += (value - predicted) ** 2;
      total += value ** 2;
    }),
  );
  const norm2 = (F: Float32Array): number => F.reduce((sum, value) => sum + value ** 2, 0);
  const norm1 = (F: Float32Array): number => F.reduce((sum, value) => sum + Math.abs(value), 0);
  return { sse, relativeError: Math.sqrt(sse / total), W1: norm1(W), W2: norm2(W), H1: norm1(H), H2: norm2(H) };
}

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual} is not ${expected}`);
}

/** The program as it is shipped, on real files. */
describe('the command line, on real files', function () {
  this.timeout(120_000);
  const program = join(projectFolder, 'dist', 'test-command-line');
  let folder: string;

  before(async () => {
    // Below the project, where the worker finds the packages that are not bundled.
    await bundle({ cli: 'src/cli.ts', worker: 'src/worker/main.ts' }, program);
  });
  after(() => rm(program, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = await temporaryFolder();
    for (const name of ['digits.csv', 'penguins.csv', 'mutations.tsv']) {
      await copyFile(join(projectFolder, 'test', 'data', name), join(folder, name));
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tells all of the time that a person waited, in parts that add up to it', async () => {
    const began = performance.now();
    const { stdout } = await runCommandLine(program, ['digits.csv', '--rank', '4', '--json'], { cwd: folder });
    const waited = (performance.now() - began) / 1000;
    const { seconds } = JSON.parse(stdout) as { seconds: Record<string, number | Record<string, number>> };
    const { total, ...parts } = seconds;
    const sum = (value: number | Record<string, number>): number =>
      typeof value === 'number' ? value : Object.values(value).reduce((a, b) => a + b, 0);
    const added = Object.values(parts).reduce<number>((a, part) => a + sum(part), 0);
    assert.ok(Math.abs(added - Number(total)) < 1e-6, stdout);
    assert.deepEqual(Object.keys(parts).sort(), ['compile', 'diagnose', 'iterate', 'loadRuntime', 'queue', 'read', 'start', 'write']); // prettier-ignore
    // All but what Node takes before and after the program itself.
    assert.ok(Number(total) <= waited && Number(total) > waited / 2, `${Number(total)} of ${waited}`);
  });

  it('writes the factors before it examines them, and again with what it found out', async () => {
    const out = join(folder, 'out.npz');
    const nmf = ['digits.csv', '--rank', '10', '--preset', 'nmf', '--restarts', '1', '--iterations', '60'];
    const running = runCommandLine(program, [...nmf, '--tolerance', '0', '--diagnose', 'full', '--out', out], {
      cwd: folder,
    });
    let ended = false;
    const end = running.finally(() => (ended = true));
    let first: Factorization | undefined;
    while (!first && !ended) {
      await pause(2);
      if (existsSync(out)) first = decodeFactorization(await readFile(out), out);
    }
    const { stdout } = await end;
    const last = decodeFactorization(await readFile(out), out);
    assert.ok(first && first.optimum === undefined && first.curvature === undefined);
    assert.ok(last.optimum && last.curvature && last.timing.diagnose);
    assert.deepEqual([first.W, first.H, first.statistics], [last.W, last.H, last.statistics]);
    assert.match(stdout, /^curvature /m);
  });

  it('finds nothing out about the result where that is not wanted', async () => {
    const out = join(folder, 'out.npz');
    await runCommandLine(program, ['penguins.csv', '--rank', '2', '--diagnose', 'none', '--out', out], { cwd: folder });
    const { optimum, curvature, scree, timing } = decodeFactorization(await readFile(out), out);
    assert.deepEqual([optimum, curvature, scree, timing.diagnose], [undefined, undefined, undefined, undefined]);
  });

  async function factorize(...args: string[]): Promise<{ report: Report; outcome: Outcome }> {
    const outcome = await runCommandLine(program, [...args, '--json'], { cwd: folder });
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /^\{[^\n]*\}\n$/);
    return { report: JSON.parse(outcome.stdout) as Report, outcome };
  }

  async function written(name: string): Promise<Factorization> {
    return decodeFactorization(await readFile(join(folder, name)), name);
  }

  const short = ['--restarts', '2', '--iterations', '60', '--device', 'cpu'];

  it('reports figures that plain arithmetic on the written factors confirms', async () => {
    const penalties = ['--l1', '0.5,2', '--l2', '3,7'];
    const { report } = await factorize('digits.csv', ...short, '--rank', '4', ...penalties, '--seed', '3', '--trace');
    const lines = (await readFile(join(folder, 'digits.csv'), 'utf8')).trim().split(/\r?\n/).slice(1);
    const X = lines.map((line) => line.split(',').slice(1).map(Number));
    const factors = await written('digits.csv.factors.npz');
    const expected = fit(X, factors);

    assert.deepEqual([report.file, report.rows, report.columns, report.rank], ['digits.csv', 1797, 64, 4]);
    assert.deepEqual([report.observed, report.seed, report.restarts.length], [1797 * 64, 3, 2]);
    assert.equal(report.output, 'digits.csv.factors.npz');
    close(report.sse, expected.sse);
    close(report.relativeError, expected.relativeError);
    close(report.objective, expected.sse + 0.5 * expected.W1 + 2 * expected.H1 + 3 * expected.W2 + 7 * expected.H2);
    assert.equal(report.objective, Math.min(...report.restarts.map(({ objective }) => objective)));
    assert.ok(report.seconds.total >= report.seconds.iterate);
    const { trace = [] } = report;
    assert.equal(trace.at(-1)?.iteration, report.iterations);
    assert.ok(trace.every(({ iteration }, k) => k === 0 || iteration > (trace[k - 1]?.iteration ?? 0)));
  });

  it('gives the same numbers twice for the same seed, and others for another', async () => {
    const first = await factorize('digits.csv', ...short, '--out', 'first.npz');
    const second = await factorize('digits.csv', ...short, '--out', 'second.npz');
    const other = await factorize('digits.csv', ...short, '--seed', '9', '--out', 'other.npz');
    assert.deepEqual(second.report.restarts, first.report.restarts);
    const [a, b, c] = await Promise.all(['first.npz', 'second.npz', 'other.npz'].map(written));
    assert.deepEqual(b?.W, a?.W);
    assert.deepEqual(b?.H, a?.H);
    assert.notDeepEqual(c?.W, a?.W);
    assert.notEqual(other.report.objective, first.report.objective);
  });

  it('factorizes a table with missing values and text, and one separated by tabs', async () => {
    const penguins = await factorize('penguins.csv', ...short, '--rank', '2');
    assert.equal(penguins.report.rows, 344);
    assert.ok(penguins.report.observed < penguins.report.rows * penguins.report.columns);
    const { report } = await factorize('mutations.tsv', ...short, '--rank', '4');
    assert.deepEqual([report.rows, report.columns], [96, 21]);
  });

  it('bounds the factor that could grow without end, and says so in the report, the summary and the file', async () => {
    const { report } = await factorize(
      'mutations.tsv',
      ...short,
      '--rank',
      '3',
      '--l1',
      '1,0',
      '--nonnegative',
      'both',
    );
    const { model, boundReason } = report as unknown as { model: Model; boundReason: string };
    assert.deepEqual(model.constraints.H, { kind: 'unit-ball', nonNegative: true });
    assert.match(boundReason, /components of H are at most 1 long/);
    const { H, columns, settings } = await written('mutations.tsv.factors.npz');
    assert.deepEqual(settings.model, model);
    for (let k = 0; k < 3; k++) assert.ok(Math.hypot(...H.subarray(k * columns, (k + 1) * columns)) <= 1 + 1e-5);
    const { stdout } = await runCommandLine(program, ['mutations.tsv', ...short, '--l2', '0,2'], { cwd: folder });
    assert.match(stdout, /^model {6}The penalty of H .* components of W are at most 1 long\.$/m);
  });

  it('uses a weighted result with its weights, whether at once, named, or found beside it', async () => {
    const table = (cell: (i: number, j: number) => number): string =>
      Array.from({ length: 8 }, (_, i) => Array.from({ length: 4 }, (__, j) => cell(i, j)).join()).join('\n');
    await writeFile(
      join(folder, 'x.csv'),
      table((i, j) => (i === 2 && j === 1 ? 99 : (i + 2) * (j + 1))),
    );
    await writeFile(
      join(folder, 'w.csv'),
      table((i, j) => (i === 2 && j === 1 ? 0 : 1 + (j % 2))),
    );
    const filled = async (...args: string[]): Promise<number> => {
      await factorize(...args);
      const line = (await readFile(join(folder, args.at(-1) ?? ''), 'utf8')).trim().split('\n')[3];
      return Number(line?.split(',')[2]);
    };
    const some = ['--rank', '1', '--header', 'no', '--weights', 'w.csv'];
    const first = await filled('x.csv', ...some, '--fill', 'a.csv');
    // Where the weight is 0 nothing was observed: 4·2, and not 99.
    assert.ok(Math.abs(first - 8) < 0.05, String(first));
    assert.equal(await filled('x.csv.factors.npz', '--weights', 'w.csv', '--fill', 'b.csv'), first);
    assert.equal(await filled('x.csv.factors.npz', '--fill', 'c.csv'), first);
    await rm(join(folder, 'w.csv'));
    const gone = await runCommandLine(program, ['x.csv.factors.npz', '--fill', 'd.csv'], { cwd: folder });
    assert.match(gone.stderr, /name the weights with --weights FILE/);
  });

  it('takes the columns that it is told to', async () => {
    const { report } = await factorize(
      'penguins.csv',
      ...short,
      '--rank',
      '1',
      '--columns',
      'bill_length_mm,body_mass_g',
    );
    assert.equal(report.columns, 2);
  });

  it('prints a summary for a reader, and nothing but errors when quiet', async () => {
    const spoken = await runCommandLine(program, ['mutations.tsv', ...short], { cwd: folder });
    assert.equal(spoken.code, 0);
    for (const word of [
      '96 × 21',
      'columns',
      'device',
      'seed 0',
      'objective',
      'explained',
      'mutations.tsv.factors.npz',
    ]) {
      assert.ok(spoken.stdout.includes(word), `${word} in:\n${spoken.stdout}`);
    }
    const silent = await runCommandLine(program, ['mutations.tsv', ...short, '--quiet'], { cwd: folder });
    assert.deepEqual(silent, { code: 0, signal: null, stdout: '', stderr: '' });
    const { outcome } = await factorize('mutations.tsv', ...short, '--quiet');
    assert.equal(outcome.stderr, '');
  });

  it('uses a result at once and a saved one later, on the same and on new rows', async () => {
    const penguins = await factorize(
      'penguins.csv',
      ...short,
      '--rank',
      '2',
      '--scale',
      'zscore',
      '--fill',
      'full.csv',
    );
    const [filled] = (penguins.report as Report & { uses: { filled: number }[] }).uses;
    const { rows, columns, observed } = penguins.report;
    assert.equal(filled?.filled, rows * columns - observed);
    const lines = (await readFile(join(folder, 'full.csv'), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 345);
    assert.ok(lines.slice(1).every((line) => line.split(',').slice(1).every((cell) => Number.isFinite(Number(cell)) && cell !== ''))); // prettier-ignore
    const result = 'penguins.csv.factors.npz';
    const again = await factorize(result, '--fill', 'again.csv', '--anomalies', 'odd.csv', '--nearest', '1,3');
    assert.equal(await readFile(join(folder, 'again.csv'), 'utf8'), lines.join('\r\n') + '\r\n');
    const { uses } = again.report as unknown as { uses: { kind: string; neighbours?: unknown[] }[] };
    assert.deepEqual(uses.map(({ kind }) => kind), ['fill', 'anomalies', 'nearest']); // prettier-ignore
    assert.equal(uses[2]?.neighbours?.length, 3);

    // The same rows under the same names in another order have the same W.
    const [header = '', ...body] = (await readFile(join(folder, 'penguins.csv'), 'utf8')).trim().split(/\r?\n/);
    const turned = [header, ...body].map((line) => line.split(',').reverse().join(','));
    await writeFile(join(folder, 'new.csv'), turned.join('\n'));
    await factorize('new.csv', '--transform', result);
    const W = (await readFile(join(folder, 'new.csv.W.csv'), 'utf8')).trim().split('\r\n').slice(1);
    const saved = await written(result);
    const [first, second] = (W[10] ?? '').split(',').slice(-2).map(Number);
    assert.ok(Math.abs((first ?? NaN) - (saved.W[20] ?? NaN)) < 0.02 && Math.abs((second ?? NaN) - (saved.W[21] ?? NaN)) < 0.02); // prettier-ignore

    await writeFile(join(folder, 'few.csv'), 'bill_length_mm,year\n3,4\n');
    for (const [args, words] of [
      [
        ['few.csv', '--transform', result],
        /few\.csv: the columns .*"bill_depth_mm".* are not there, though the result has them/,
      ],
      [[result, '--fill', 'x.csv', '--data', 'new.csv'], /new\.csv has changed since|new\.csv is now|has changed/],
      [[result], /say what to use it for, such as --fill OUT\.csv/],
      [[result, '--fill', 'x.csv', '--rank', '3'], /--rank does not go with a result that is saved already/],
    ] as const) {
      const outcome = await runCommandLine(program, [...args], { cwd: folder });
      assert.equal(outcome.code, 2, outcome.stderr);
      assert.match(outcome.stderr, words);
    }
  });

  it('answers bad input with exit code 2 and one line, and writes nothing', async () => {
    await writeFile(join(folder, 'words.csv'), 'a,b\nx,y\nz,w\n');
    await writeFile(join(folder, 'empty.csv'), '');
    await writeFile(join(folder, 'broken.png'), 'no image');
    await mkdir(join(folder, 'folder.csv'));
    const before = (await readdir(folder)).sort();
    for (const args of [
      ['absent.csv'],
      ['folder.csv'],
      ['words.csv'],
      ['empty.csv'],
      ['broken.png'],
      ['digits.csv', '--rank', '-3'],
      ['digits.csv', '--rnak', '3'],
      ['digits.csv', '--columns', 'no such column'],
      ['digits.csv', '--out', 'digits.csv'],
      ['digits.csv', '--out', 'absent/out.npz'],
      [],
    ]) {
      for (const extra of [[], ['--json']]) {
        const outcome = await runCommandLine(program, [...args, ...extra], { cwd: folder });
        const shown = `${args.join(' ')}: ${outcome.stderr}`;
        assert.equal(outcome.code, 2, shown);
        assert.match(outcome.stderr, /^[^\n]{10,}\n$/, shown);
        assert.doesNotMatch(outcome.stderr, /\bat .*:\d+:\d+/, shown);
        assert.equal(outcome.stdout, '', shown);
      }
    }
    assert.deepEqual((await readdir(folder)).sort(), before);
  });
});
