import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UsageError } from '../../../src/cli/errors';
import { help } from '../../../src/cli/help';
import type { RunCommand } from '../../../src/cli/options';
import { parseCommandLine } from '../../../src/cli/options';
import { editDistance, suggest } from '../../../src/cli/suggest';
import { names } from '../../../src/cli/values';
import { noPenalty } from '../../../src/model/penalties';

function run(...args: string[]): RunCommand {
  const command = parseCommandLine(args);
  assert.ok(command.kind === 'run');
  return command;
}

function refuses(args: string[], message: RegExp): void {
  assert.throws(
    () => parseCommandLine(args),
    (error: unknown) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
}

describe('the command line', () => {
  it('gives every option the default that the help tells', () => {
    assert.deepEqual(run('digits.csv'), {
      kind: 'run',
      file: 'digits.csv',
      settings: {
        model: {
          loss: { kind: 'squared' },
          penalties: { W: noPenalty, H: noPenalty },
          constraints: { W: { kind: 'none' }, H: { kind: 'none' } },
        },
        ridge: 'held-out',
        solver: { id: 'auto' },
        stopping: { iterations: 500, tolerance: 1e-5 },
        rank: 10,
        rankProposed: true,
        restarts: 5,
        seed: 0,
        device: 'auto',
      },
      table: {},
      uses: [],
      json: false,
      quiet: false,
      trace: false,
      diagnose: 'auto',
    });
  });

  it('leaves a ridge and δ to the data unless they are given, be it as 0', () => {
    assert.equal(run('x', '--preset', 'nmf').settings.ridge, 'held-out');
    for (const more of [
      ['--l2', '0'],
      ['--l1', '1'],
      ['--preset', 'pca'],
      ['--loss', 'huber'],
      ['--preset', 'ridge'],
    ]) {
      assert.equal(run('x', ...more).settings.ridge, undefined, more.join(' '));
    }
    const fromData = { kind: 'huber', delta: 0, fromData: true };
    assert.deepEqual(run('x', '--loss', 'huber').settings.model.loss, fromData);
    assert.deepEqual(run('x', '--preset', 'robust', '--delta', 'auto').settings.model.loss, fromData);
    assert.deepEqual(run('x', '--preset', 'robust', '--delta', '2').settings.model.loss, { kind: 'huber', delta: 2 });
  });

  it('takes the unit of a preset’s penalty from the data, unless the weight is given', () => {
    const relative = (...args: string[]) => run('x', '--preset', ...args).settings.model.relative;
    assert.deepEqual(relative('recommender'), ['l2']);
    assert.equal(relative('recommender', '--l2', '5'), undefined);
    assert.deepEqual(relative('ridge', '--l1', '5'), ['l2']);
    assert.equal(relative('ridge', '--l2', '1'), undefined);
    assert.deepEqual(relative('sparse-nmf', '--l2', '5'), ['l1']);
    assert.equal(relative('sparse-coding', '--l1', '1'), undefined);
    assert.equal(relative('binary'), undefined);
  });

  it('takes one weight for the factor that the preset penalises, where that is one', () => {
    const penalties = (...args: string[]) => run('x', ...args).settings.model.penalties;
    const { W, H } = penalties('--preset', 'sparse-coding', '--l1', '2');
    assert.deepEqual([W.l1, H.l1], [2, 0]);
    const both = penalties('--preset', 'sparse-nmf', '--l1', '2');
    assert.deepEqual([both.W.l1, both.H.l1], [2, 2]);
    assert.equal(penalties('--preset', 'sparse-coding', '--l1', '2,3').H.l1, 3);
  });

  it('takes a preparation, each scaling along its usual axis or the one named', () => {
    assert.equal(run('x').settings.preparation, undefined);
    assert.deepEqual(run('x', '--center', 'columns').settings.preparation, {
      centre: 'columns',
      scale: { kind: 'none' },
    });
    const scaleOf = (text: string) => run('x', '--scale', text).settings.preparation?.scale;
    assert.deepEqual(scaleOf('zscore'), { kind: 'zscore', axis: 'columns' });
    assert.deepEqual(scaleOf('zscore,rows'), { kind: 'zscore', axis: 'rows' });
    assert.deepEqual(scaleOf('unit-norm'), { kind: 'unit-norm', axis: 'rows' });
    assert.deepEqual(scaleOf('tf-idf'), { kind: 'tf-idf' });
    assert.deepEqual(run('x', '--preset', 'pca', '--scale', 'zscore').settings.preparation, {
      centre: 'columns',
      scale: { kind: 'zscore', axis: 'columns' },
    });
    assert.equal(run('x', '--preset', 'pca', '--center', 'none').settings.preparation?.centre, 'none');
    refuses(['x', '--center', 'colums'], /--center wants one of .*Did you mean columns\?/);
    refuses(['x', '--scale', 'log1p,rows'], /--scale log1p takes neither rows nor columns/);
    refuses(['x', '--scale', 'minmax,sideways'], /--scale wants one of rows, columns/);
  });

  it('takes images as grey, by channels or in patches, whose means are subtracted where the model allows', () => {
    assert.deepEqual(run('x.png', '--image', 'channels').table, { image: { as: 'channels' } });
    const patches = run('x.png', '--patch', '8,4');
    assert.deepEqual(patches.table, { image: { as: 'patches', size: 8, stride: 4 } });
    assert.equal(patches.settings.preparation?.centre, 'rows');
    assert.equal(run('x.png', '--patch', '8', '--preset', 'nmf').settings.preparation, undefined);
    assert.equal(run('x.png', '--patch', '8', '--center', 'none').settings.preparation?.centre, 'none');
    refuses(['x.png', '--image', 'patches'], /--image patches wants their size as well/);
    refuses(['x.png', '--image', 'gray', '--patch', '8'], /--patch belongs to --image patches/);
    refuses(['x.png', '--patch', '8,4,2'], /--patch wants a size and perhaps a stride/);
  });

  it('takes text, a document a line, a column or a field', () => {
    assert.deepEqual(run('x.txt', '--text', 'lines').table, { text: { minimum: 2, maximum: 0.95, stopWords: 'auto' } });
    assert.deepEqual(
      run('x.csv', '--text', 'body', '--min-df', '0.01', '--max-df', '50', '--stop-words', 'de').table.text,
      { from: 'body', minimum: 0.01, maximum: 50, stopWords: 'de' },
    );
    refuses(['x.csv', '--text', 'body', '--columns', 'a'], /so --columns has nothing to say/);
    refuses(['x.csv', '--stop-words', 'latin'], /--stop-words wants one of auto, none, en/);
    refuses(['x.csv', '--max-df', '0'], /--max-df wants a number greater than 0/);
  });

  it('takes a time limit, a delimiter and whether there is a header', () => {
    assert.equal(run('x', '--time-limit', '2.5').settings.stopping.seconds, 2.5);
    assert.equal(run('x').settings.stopping.seconds, undefined);
    refuses(['x', '--time-limit', '0'], /--time-limit wants a number greater than 0/);
    assert.deepEqual(run('x', '--delimiter', 'tab', '--header', 'no').table, { delimiter: '\t', header: false });
    assert.deepEqual(run('x', '--delimiter', '~', '--header', 'yes').table, { delimiter: '~', header: true });
    refuses(['x', '--delimiter', 'tabs'], /--delimiter wants comma, semicolon, tab, space, bar or one character/);
    refuses(['x', '--header', 'maybe'], /--header wants one of yes, no/);
  });

  it('takes uses of a result, at once or of one that is saved', () => {
    assert.deepEqual(run('x.csv', '--fill', 'a.csv', '--reconstruct', 'b.npy', '--components', '2').uses, [
      { use: { kind: 'fill' }, out: 'a.csv' },
      { use: { kind: 'reconstruct', components: 2 }, out: 'b.npy' },
    ]);
    assert.deepEqual(run('x.csv', '--nearest', 'Smith, J.,3').uses, [
      { use: { kind: 'nearest', row: 'Smith, J.', count: 3 } },
    ]);
    assert.deepEqual(parseCommandLine(['r.factors.npz', '--anomalies', 'a.csv', '--data', 'x.csv', '--json']), {
      kind: 'use',
      result: 'r.factors.npz',
      data: 'x.csv',
      transform: false,
      uses: [{ use: { kind: 'anomalies' }, out: 'a.csv' }],
      json: true,
      quiet: false,
    });
    assert.deepEqual(parseCommandLine(['new.csv', '--transform', 'r.factors.npz']), {
      kind: 'use',
      result: 'r.factors.npz',
      data: 'new.csv',
      transform: true,
      uses: [{ use: { kind: 'transform' }, out: 'new.csv.W.csv' }],
      json: false,
      quiet: false,
    });
    refuses(['x.csv', '--fill', 'a.txt'], /--fill wants the name of a \.csv or \.npy file/);
    refuses(['x.csv', '--components', '3'], /--components belongs to --reconstruct OUT/);
    refuses(['x.csv', '--data', 'y.csv'], /--data names the data of a saved result/);
    refuses(['r.npz'], /say what to use it for/);
    refuses(['r.npz', '--fill', 'a.csv', '--out', 'b.csv'], /--out does not go with.*name their own files/);
    refuses(['x.csv', '--transform', 'r.npz', '--nearest', '3'], /--transform goes by itself/);
  });

  it('takes a rank to be found, starts by name or file, and a part to hold out', () => {
    const { settings, init } = run('x', '--rank', 'auto', '--init', 'nndsvda', '--holdout', '0.1');
    assert.deepEqual(settings.rankSearch, { folds: 5, fraction: 0.1, most: 64 });
    assert.equal(settings.start, 'nndsvda');
    assert.equal(settings.holdout, 0.1);
    assert.equal(init, undefined);
    assert.deepEqual(run('x', '--init', 'a.factors.npz').init, { file: 'a.factors.npz', rankGiven: false });
    assert.equal(run('x', '--init', 'a.factors.npz').settings.start, 'file');
    refuses(
      ['x', '--init', 'nnsvd'],
      /--init wants one of random, svd, .* or a .factors.npz file, not "nnsvd". Did you mean/,
    );
    refuses(['x', '--holdout', '0.6'], /--holdout wants a number greater than 0, at most 0.5, not "0.6"/);
    refuses(['x', '--holdout', '0'], /greater than 0/);
    refuses(['x', '--rank', 'auto', '--init', 'a.npz'], /cannot begin with a file/);
  });

  it('understands every option', () => {
    const command = run(
      ...['--preset', 'nmf', '--loss', 'huber', '--delta', '0.25', '--nonnegative', 'H'],
      ...[
        '--rank',
        '3',
        '--l1',
        '0.5,2',
        '--l2=50',
        '--smooth',
        '3',
        '--orthogonal',
        '0,0.5',
        '--solver',
        'ngd',
        '--rate',
        '1e-2',
        '--schedule',
        'adaptive',
      ],
      ...['--step', 'absolute', '--restarts', '2', '--iterations', '1e3', '--tolerance', '0', '--seed', '42'],
      ...['--device', 'webgpu', '--columns', 'a,b', '--exclude', 'c', '--label', 'd', '--out', 'o.npz', '--json'],
      ...['x.csv', '--quiet', '--trace', '--diagnose', 'full'],
    );
    assert.deepEqual(command, {
      kind: 'run',
      file: 'x.csv',
      settings: {
        model: {
          loss: { kind: 'huber', delta: 0.25 },
          penalties: {
            W: { ...noPenalty, l1: 0.5, l2: 50, smooth: 3 },
            H: { ...noPenalty, l1: 2, l2: 50, smooth: 3, orthogonal: 0.5 },
          },
          constraints: { W: { kind: 'none' }, H: { kind: 'non-negative' } },
        },
        solver: { id: 'ngd', rate: 0.01, schedule: 'adaptive', stepLength: 'absolute' },
        stopping: { iterations: 1000, tolerance: 0 },
        rank: 3,
        restarts: 2,
        seed: 42,
        device: 'webgpu',
      },
      table: { columns: ['a', 'b'], exclude: ['c'], label: 'd' },
      out: 'o.npz',
      json: true,
      quiet: true,
      uses: [],
      trace: true,
      diagnose: 'full',
    });
  });

  it('takes a model by the name of its preset, and lets other options change it', () => {
    const model = (...args: string[]) => run('x.csv', ...args).settings.model;
    assert.deepEqual(model('--preset', 'nmf').constraints, {
      W: { kind: 'non-negative' },
      H: { kind: 'non-negative' },
    });
    assert.deepEqual(model('--preset', 'nmf', '--nonnegative', 'W').constraints.H, { kind: 'none' });
    assert.deepEqual(model('--preset', 'topics').loss, { kind: 'kullback-leibler' });
    const ridge = model('--preset', 'ridge', '--l2', '3,4').penalties;
    assert.deepEqual([ridge.W.l2, ridge.H.l2], [3, 4]);
    assert.deepEqual(model('--preset', 'sparse-coding').constraints.H, { kind: 'unit-ball', nonNegative: false });
    refuses(['x', '--preset', 'nfm'], /Did you mean nmf\?/);
    refuses(['x', '--preset', 'ridge', '--delta', '2'], /--delta belongs to --loss huber, not to squared/);
  });

  it('takes a constraint for each factor, with the combinations that there are', () => {
    const constraints = (...args: string[]) => run('x.csv', ...args).settings.model.constraints;
    assert.deepEqual(constraints('--constrain', 'none,unit-norm'), {
      W: { kind: 'none' },
      H: { kind: 'unit-norm', nonNegative: false },
    });
    assert.deepEqual(constraints('--constrain', 'box:-1:2.5, Unit-Norm+non-negative'), {
      W: { kind: 'box', least: -1, most: 2.5 },
      H: { kind: 'unit-norm', nonNegative: true },
    });
    assert.deepEqual(constraints('--constrain', 'non-negative+unit-ball').W, { kind: 'unit-ball', nonNegative: true });
    assert.deepEqual(constraints('--preset', 'nmf', '--constrain', 'simplex,non-negative'), {
      W: { kind: 'simplex' },
      H: { kind: 'non-negative' },
    });
    assert.deepEqual(constraints('--preset', 'sparse-coding', '--nonnegative', 'both'), {
      W: { kind: 'non-negative' },
      H: { kind: 'unit-ball', nonNegative: true },
    });
    const penalties = run('x.csv', '--group', '1,0').settings.model.penalties;
    assert.deepEqual([penalties.W.group, penalties.H.group], [1, 0]);
  });

  it('refuses constraints that cannot be meant, and says what can', () => {
    refuses(['x', '--constrain', 'unit-nrom'], /one of none, non-negative, box, .*Did you mean unit-norm\?/);
    refuses(
      ['x', '--constrain', 'a,b,c'],
      /one constraint for both factors or two, .*such as --constrain none,unit-norm/,
    );
    refuses(['x', '--constrain', 'simplex,'], /one constraint for both factors or two/);
    for (const wrong of ['box', 'box:0,1', 'box:0:1:2']) {
      refuses(['x', '--constrain', wrong], /a box with its bounds, box:LEAST:MOST, such as box:0:1/);
    }
    refuses(['x', '--constrain', 'box:2:1'], /the smaller bound of a box first, box:1:2/);
    refuses(['x', '--constrain', 'box:a:1'], /--constrain wants a number/);
    refuses(['x', '--constrain', 'simplex:3'], /numbers with a box alone, not with simplex/);
    for (const wrong of [
      'simplex+unit-norm',
      'unit-ball+unit-norm',
      'non-negative+non-negative',
      'none+unit-ball',
      'non-negative+unit-ball+none',
    ]) {
      refuses(
        ['x', '--constrain', wrong],
        /knows the combinations non-negative\+unit-ball and non-negative\+unit-norm/,
      );
    }
    refuses(['x', '--constrain', 'simplex', '--nonnegative', 'W'], /short form of --constrain non-negative; give one/);
  });

  it('lets the model choose the solver, unless one is named or given a rate', () => {
    const solver = (...args: string[]) => run('x.csv', ...args).settings.solver;
    assert.deepEqual(solver('--solver', 'auto'), { id: 'auto' });
    assert.deepEqual(solver('--rate', '0.2').id, 'ngd');
    assert.deepEqual(solver('--solver', 'adam', '--rate', '0.2'), { id: 'adam', rate: 0.2 });
    refuses(['x', '--solver', 'apg', '--rate', '0.2'], /--rate belongs to --solver ngd, adam or momentum, not to apg/);
    refuses(['x', '--solver', 'mu', '--step', 'absolute'], /--step belongs to --solver ngd, not to mu/);
  });

  it('answers --help and --version whatever else is said', () => {
    assert.deepEqual(parseCommandLine(['--help']), { kind: 'help' });
    assert.deepEqual(parseCommandLine(['x.csv', '-h', '--json']), { kind: 'help' });
    assert.deepEqual(parseCommandLine(['--version']), { kind: 'version' });
  });

  it('has every option in its help', () => {
    for (const option of [
      ...[
        'preset',
        'loss',
        'delta',
        'nonnegative',
        'constrain',
        'group',
        'rank',
        'l1',
        'l2',
        'smooth',
        'orthogonal',
        'solver',
        'rate',
        'schedule',
        'step',
        'restarts',
        'iterations',
        'tolerance',
        'seed',
      ],
      ...['device', 'columns', 'exclude', 'label', 'out', 'json', 'quiet', 'trace', 'diagnose', 'help', 'version'],
    ]) {
      assert.match(help, new RegExp(`^ .*--${option}\\b`, 'm'));
    }
  });

  it('wants exactly one file', () => {
    refuses([], /Name the file/);
    refuses(['--rank', '3'], /Name the file/);
    refuses([''], /Name the file/);
    refuses(['a.csv', 'b.csv'], /One file at a time/);
    assert.equal(run('--', '--odd-name.csv').file, '--odd-name.csv');
  });

  it('names the option that was probably meant', () => {
    refuses(['x', '--rnak', '3'], /no option --rnak\. Did you mean --rank\?/);
    refuses(['x', '--iter', '3'], /Did you mean --iterations\?/);
    refuses(['x', '--Seed=3'], /Did you mean --seed\?/);
    refuses(['x', '--no-json'], /no option --no-json/);
    refuses(['x', '--frobnicate'], /no option --frobnicate\. --help lists/);
    refuses(['x', '-z'], /no option -z\. --help lists/);
    refuses(['x', '--schedule', 'cosin'], /one of constant, inverse-sqrt, cosine, adaptive.*Did you mean cosine\?/);
    refuses(['x', '--solver', 'nngd'], /Did you mean ngd\?/);
    refuses(['x', '--device', 'tpu'], /--device wants one of auto, cpu/);
  });

  it('tells a missing value, a value too many and an option given twice', () => {
    refuses(['x', '--rank'], /--rank wants a value/);
    refuses(['x', '--rank', '--json'], /--rank wants a value/);
    refuses(['x', '--json=yes'], /--json takes no value/);
    refuses(['x', '--rank', '3', '--rank', '4'], /--rank was given twice/);
    refuses(['x', '--out', ''], /--out wants/);
    refuses(['x', '--label', ''], /--label wants/);
  });

  it('refuses numbers that cannot be meant, naming the range', () => {
    for (const wrong of ['0', '-1', '1.5', 'ten', '', 'NaN', 'Infinity', '0x10', '1e9', '1,5', '3 4']) {
      refuses(['x', '--rank', wrong], /--rank wants a whole number from 1 to 10000, or auto, not/);
    }
    refuses(['x', '--rate', '-1'], /--rate wants a number greater than 0/);
    refuses(['x', '--rate', '0'], /--rate wants a number greater than 0/);
    refuses(['x', '--rate=-.5'], /--rate wants/);
    refuses(['x', '--restarts', '0'], /--restarts wants/);
    refuses(['x', '--iterations', '-5'], /--iterations wants/);
    refuses(['x', '--tolerance', '2'], /--tolerance wants a number from 0 to 1/);
    refuses(['x', '--tolerance', '-1e-5'], /--tolerance wants/);
    refuses(['x', '--seed', '-1'], /--seed wants a whole number from 0 to 4294967295/);
    refuses(['x', '--l1', '-1'], /--l1 wants/);
    refuses(['x', '--l2', '1,-1'], /--l2 wants/);
    refuses(['x', '--l2', '1,2,3'], /--l2 wants one number for both factors or two/);
    refuses(['x', '--l2', '1,'], /--l2 wants a number/);
  });

  it('reads column names with commas and quotes', () => {
    assert.deepEqual(names('columns', 'a, b ,"c, d","say ""hi"""'), ['a', 'b', 'c, d', 'say "hi"']);
    assert.deepEqual(run('x', '--columns', 'a', '--columns', 'b,c').table, { columns: ['a', 'b', 'c'] });
    refuses(['x', '--columns', ''], /--columns wants column names/);
    refuses(['x', '--columns', 'a,,b'], /--columns wants/);
    refuses(['x', '--columns', 'a,'], /--columns wants/);
    refuses(['x', '--exclude', '"a'], /--exclude wants/);
    refuses(['x', '--exclude', '"a"b'], /--exclude wants/);
  });

  it('gets back any names that were quoted', () => {
    const name = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (given) => {
        const text = given.map((one) => `"${one.replaceAll('"', '""')}"`).join(',');
        assert.deepEqual(names('columns', text), given);
      }),
    );
  });

  it('never fails in any other way than with one line of usage', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--rank', '--l1', '--columns', '--json', '--', '-', '--rank=', '=', '-1', 'x.csv', '--__proto__'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        try {
          parseCommandLine(args);
        } catch (error) {
          assert.ok(error instanceof UsageError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('suggestions', () => {
  it('measure the distance as the textbook does', () => {
    // Optimal string alignment distances from the literature.
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('rnak', 'rank'), 1);
    assert.equal(editDistance('ca', 'abc'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('abc', 'abc'), 0);
  });

  it('leave out what is too far away', () => {
    assert.equal(suggest('zzzz', ['rank', 'seed']), undefined);
    assert.equal(suggest('ran', ['rank', 'seed']), 'rank');
    assert.equal(suggest('re', ['restarts', 'resume']), undefined);
  });
});
