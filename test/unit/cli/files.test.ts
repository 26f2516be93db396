import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeFactorization } from '../../../src/results/npz';
import { bundle, projectFolder, temporaryFolder } from '../worker/support/build';
import { runCommandLine } from './support';

/** What the program does to files that are named for it, and where the machine refuses. */
describe('the files of the command line', function () {
  this.timeout(120_000);
  const program = join(projectFolder, 'dist', 'test-files');
  const short = ['--rank', '2', '--restarts', '1', '--iterations', '5', '--device', 'cpu'];
  const result = 'x.csv.factors.npz';
  let folder: string;

  before(async () => {
    await bundle({ cli: 'src/cli.ts', worker: 'src/worker/main.ts' }, program);
  });
  after(() => rm(program, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = await temporaryFolder();
    await copyFile(join(projectFolder, 'test', 'data', 'penguins.csv'), join(folder, 'x.csv'));
    const made = await runCommandLine(program, ['x.csv', ...short, '--quiet'], { cwd: folder });
    assert.equal(made.code, 0, made.stderr);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The names and hashes of all files. */
  async function contents(): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    return Promise.all(
      files.sort().map(
        async (file) =>
          `${file} ${createHash('sha256')
            .update(await readFile(file))
            .digest('hex')}`,
      ),
    );
  }

  it('are never written over one another, whatever they are called', async () => {
    await mkdir(join(folder, 'a'));
    await copyFile(join(folder, 'x.csv'), join(folder, 'a', 'moved.csv'));
    await symlink('x.csv', join(folder, 'soft.csv'));
    await link(join(folder, 'x.csv'), join(folder, 'hard.csv'));
    await writeFile(join(folder, 'w.csv'), 'a\n1\n');
    await writeFile(join(folder, 'new.csv'), 'a\n1\n');
    await mkdir(join(folder, 'images'));
    await copyFile(join(projectFolder, 'test', 'data', 'china.jpg'), join(folder, 'images', '1.jpg'));
    const before = await contents();
    for (const [args, option] of [
      [[result, '--reconstruct', 'x.csv'], 'reconstruct'],
      [[result, '--reconstruct', './a/../x.csv'], 'reconstruct'],
      [[result, '--reconstruct', 'soft.csv'], 'reconstruct'],
      [[result, '--reconstruct', 'hard.csv'], 'reconstruct'],
      [[result, '--reconstruct', 'a/moved.csv'], 'reconstruct'],
      [[result, '--fill', 'x.csv'], 'fill'],
      [[result, '--data', 'hard.csv', '--anomalies', 'soft.csv'], 'anomalies'],
      [[result, '--fill', 'o.csv', '--reconstruct', './a/../o.csv'], 'reconstruct'],
      [['x.csv', ...short, '--fill', 'x.csv'], 'fill'],
      [['x.csv', ...short, '--weights', 'w.csv', '--out', 'w.csv'], 'out'],
      [['x.csv', ...short, '--weights', 'w.csv', '--anomalies', 'w.csv'], 'anomalies'],
      [['x.csv', ...short, '--out', 'o.csv', '--fill', 'o.csv'], 'fill'],
      [['x.csv', ...short, '--init', result], 'out'],
      [['images', ...short, '--out', 'images/1.jpg'], 'out'],
      [['images', ...short, '--fill', 'images/filled.csv'], 'fill'],
      [['new.csv', '--transform', result, '--out', 'new.csv'], 'out'],
      [['new.csv', '--transform', result, '--out', 'x.csv'], 'out'],
    ] as const) {
      const { code, stderr } = await runCommandLine(program, [...args], { cwd: folder });
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /^[^\n]+\n$/);
      assert.ok(stderr.includes(`--${option}`), `${args.join(' ')}: ${stderr}`);
      // The option that is not at fault is not blamed.
      if (option !== 'out' && !(args as readonly string[]).includes('--out')) assert.doesNotMatch(stderr, /--out/);
    }
    assert.deepEqual(await contents(), before);
  });

  it('may have names of 255 bytes', async () => {
    const name = `${'n'.repeat(251)}.npz`;
    const { code, stderr } = await runCommandLine(program, ['x.csv', ...short, '--out', name], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.equal(decodeFactorization(await readFile(join(folder, name)), name).rank, 2);
  });

  it('are not needed to say in one line that the standard output is full', async function () {
    if (process.platform !== 'linux') return;
    for (const args of [['x.csv', ...short, '--json'], ['--help']]) {
      const { code, stderr } = await runCommandLine(program, args, { cwd: folder, stdoutFile: '/dev/full' });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^The standard output could not be written \(ENOSPC: the disk is full\)[^\n]*\n$/);
    }
  });

  it('cannot be found from a folder that has been removed, which is said in one line', async function () {
    if (process.platform === 'win32') return;
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
    const run = promisify(execFile)('/bin/sh', ['-c', script, process.execPath, join(program, 'cli.js'), 'x.csv'], { cwd: folder }); // prettier-ignore
    await assert.rejects(run, { code: 2, stderr: 'The present folder has been removed; change to one that is there.\n' }); // prettier-ignore
  });

  it('are kept elsewhere where their folder goes while they are computed', async () => {
    await mkdir(join(folder, 'gone'));
    let removing: Promise<void> | undefined;
    const { code, stderr } = await runCommandLine(
      program,
      ['x.csv', '--rank', '2', '--solver', 'ngd', '--iterations', '3000000', '--tolerance', '0', '--time-limit', '8', '--out', 'gone/o.npz'], // prettier-ignore
      {
        cwd: folder,
        onStderr: (text) => {
          if (/iteration \d/.test(text)) removing ??= rm(join(folder, 'gone'), { recursive: true });
        },
      },
    );
    assert.ok(removing, stderr);
    assert.equal(code, 2, stderr);
    const kept = /could not be written .* is kept in (.*)\.\n$/.exec(stderr)?.[1] ?? '';
    assert.equal(decodeFactorization(await readFile(kept), kept).rank, 2);
    await rm(join(kept, '..'), { recursive: true });
  });
});
