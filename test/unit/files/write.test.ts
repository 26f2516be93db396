import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FileWriteError } from '../../../src/files/failure';
import { checkWritable, writeResult, writeTogether, writeWhole } from '../../../src/files/write';
import { bundle, projectFolder, temporaryFolder } from '../worker/support/build';

describe('writing files as wholes', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('leaves the old file or the new one whenever its process is killed', async function () {
    this.timeout(120_000);
    const program = join(projectFolder, 'dist', 'test-saver');
    await bundle({ saver: 'test/unit/files/fixtures/saver.ts' }, program);
    try {
      // Of different sizes, and large enough that most of the time goes into writing them.
      const contents = [randomBytes(8_000_000), randomBytes(5_000_000)];
      const sources = [join(folder, 'one'), join(folder, 'two')];
      await Promise.all(sources.map((source, k) => writeFile(source, contents[k] ?? '')));
      const saved = join(folder, 'saved', 'factors.npz');
      await mkdir(join(folder, 'saved'));
      await writeFile(saved, contents[0] ?? '');
      let unfinished = 0;
      for (let kill = 0; kill < 20; kill++) {
        const child = spawn(process.execPath, [join(program, 'saver.js'), saved, ...sources], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await once(child.stdout, 'data');
        await delay(Math.random() * 120);
        child.kill('SIGKILL');
        await once(child, 'close');
        const found = await readFile(saved);
        assert.ok(contents.some((content) => content.equals(found)), `kill ${kill} left ${found.length} bytes`); // prettier-ignore
        unfinished = Math.max(unfinished, (await readdir(join(folder, 'saved'))).length - 1);
      }
      assert.ok(unfinished > 0, 'no kill came in the midst of writing');

      // What the killed left is removed once it is old; what is young may still be written to by somebody.
      const left = (await readdir(join(folder, 'saved'))).filter((name) => name.endsWith('.tmp'));
      const [first = '', ...others] = left;
      const long = new Date(Date.now() - 3_600_000);
      await utimes(join(folder, 'saved', first), long, long);
      await writeWhole(saved, Buffer.from('new'));
      const names = await readdir(join(folder, 'saved'));
      assert.deepEqual(names.sort(), ['factors.npz', ...others].sort());
    } finally {
      await rm(program, { recursive: true, force: true });
    }
  });

  it('removes what killed processes have left, though some of it cannot be removed', async () => {
    // No process has such a number. A folder of that name is none of ours, and `rm` refuses it.
    const left = ['000000000000', 'ffffffffffff'].map((part) => join(folder, `.factorlens-999999999-${part}.tmp`));
    const [stuck = '', orphan = ''] = left;
    await mkdir(stuck);
    await writeFile(orphan, 'half');
    const long = new Date(Date.now() - 3_600_000);
    for (const path of left) await utimes(path, long, long);
    await writeWhole(join(folder, 'saved'), Buffer.from('new'));
    assert.deepEqual((await readdir(folder)).sort(), [basename(stuck), 'saved']);
  });

  it('takes every name that the file system takes, and says before the work when it does not', async () => {
    for (const length of [245, 246, 255]) {
      const path = join(folder, 'n'.repeat(length));
      assert.equal(await checkWritable(path), path);
      await writeWhole(path, Buffer.from('a'));
      assert.equal(await readFile(path, 'utf8'), 'a');
    }
    await assert.rejects(checkWritable(join(folder, 'n'.repeat(256))), /name is too long/);
    assert.equal((await readdir(folder)).length, 3);
  });

  it('keeps the mode of the file and the link to it', async () => {
    const target = join(folder, 'target');
    await writeFile(target, 'old');
    await chmod(target, 0o640);
    await mkdir(join(folder, 'sub'));
    await symlink('../target', join(folder, 'sub', 'link'));
    await symlink('../later', join(folder, 'sub', 'early'));
    await writeWhole(join(folder, 'sub', 'link'), Buffer.from('new'));
    await writeWhole(join(folder, 'sub', 'early'), Buffer.from('made'));
    assert.equal(await readFile(target, 'utf8'), 'new');
    assert.equal(await readFile(join(folder, 'later'), 'utf8'), 'made');
    assert.ok((await lstat(join(folder, 'sub', 'link'))).isSymbolicLink());
    assert.ok((await lstat(join(folder, 'sub', 'early'))).isSymbolicLink());
    if (process.platform !== 'win32') assert.equal((await stat(target)).mode & 0o777, 0o640);
    if (process.getuid?.() === 0) {
      const { chownSync } = await import('node:fs');
      chownSync(target, 12345, 23456);
      await writeWhole(target, Buffer.from('again'));
      const { uid, gid } = await stat(target);
      assert.deepEqual([uid, gid], [12345, 23456]);
    }
  });

  it('refuses beforehand what could not be written, and leaves nothing behind', async () => {
    const readOnly = join(folder, 'read-only');
    await writeFile(readOnly, 'old');
    await chmod(readOnly, 0o444);
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    const before = await readdir(folder);
    for (const [path, words] of [
      [readOnly, /read-only/],
      [folder, /no ordinary file/],
      [join(folder, 'none', 'out'), /folder .*none does not exist/],
      [join(folder, 'a'), /circle/],
      [`${join(folder, 'out')}/`, /name of a folder/],
    ] as const) {
      await assert.rejects(checkWritable(path), (error: Error) => {
        assert.ok(error instanceof FileWriteError, String(error));
        assert.match(error.message, words);
        return true;
      });
    }
    assert.deepEqual(await readdir(folder), before);
  });

  it('writes both of two files or neither', async () => {
    const [W, H] = [join(folder, 'W'), join(folder, 'none', 'H')];
    await writeFile(W, 'old');
    const both = [W, H].map((path) => ({ path, bytes: Buffer.from('new') }));
    await assert.rejects(writeTogether(both), /H could not be written \(ENOENT/);
    assert.equal(await readFile(W, 'utf8'), 'old');
    assert.deepEqual(await readdir(folder), ['W']);
  });

  it('keeps elsewhere what can no longer be written where it was wanted, and says where', async () => {
    const gone = join(folder, 'gone');
    await mkdir(gone);
    const target = await checkWritable(join(gone, 'factors.npz'));
    await rm(gone, { recursive: true });
    let kept = '';
    await assert.rejects(writeResult(target, Buffer.from('work')), ({ message }: Error) => {
      assert.match(message, /factors\.npz could not be written \(ENOENT.*create the folder/);
      kept = /is kept in (.*)\.$/.exec(message)?.[1] ?? '';
      return true;
    });
    assert.equal(await readFile(kept, 'utf8'), 'work');
    await rm(join(kept, '..'), { recursive: true });
  });
});
