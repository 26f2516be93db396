import assert from 'node:assert/strict';
import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findClash } from '../../../src/files/clash';
import { temporaryFolder } from '../worker/support/build';

describe('files that a job names', () => {
  let folder: string;
  let data: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    data = join(folder, 'x.csv');
    await writeFile(data, 'a\n1\n');
    await mkdir(join(folder, 'sub', 'deep'), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const kindOf = async (read: string[], written: string[]): Promise<string | undefined> =>
    (await findClash(read.map((path) => ({ path })), written.map((path) => ({ path }))))?.kind; // prettier-ignore

  it('are one by whatever names they are reached', async () => {
    await symlink(data, join(folder, 'soft.csv'));
    await link(data, join(folder, 'hard.csv'));
    await symlink(folder, join(folder, 'sub', 'up'));
    for (const name of [
      data,
      relative(process.cwd(), data),
      `${folder}/sub/../x.csv`,
      `${folder}//./x.csv`,
      join(folder, 'soft.csv'),
      join(folder, 'hard.csv'),
      join(folder, 'sub', 'up', 'x.csv'),
    ]) {
      assert.equal(await kindOf([data], [name]), 'replaces', name);
    }
    assert.equal(await kindOf([data], [join(folder, 'y.csv')]), undefined);
  });

  it('are one before they are there', async () => {
    const target = join(folder, 'sub', 'new.csv');
    await symlink(target, join(folder, 'pending.csv'));
    await symlink(join(folder, 'sub', 'deep'), join(folder, 'jump'));
    for (const name of [
      target,
      `${folder}/sub/deep/../new.csv`,
      join(folder, 'pending.csv'),
      // As the system sees it: the folder above what the link points to.
      `${folder}/jump/../new.csv`,
    ]) {
      assert.equal(await kindOf([data], [target, name]), 'twice', name);
    }
    assert.equal(await kindOf([data], [target, `${folder}/jump/new.csv`]), undefined);
    // Where case counts these are two files; where it does not they are one.
    await writeFile(join(folder, 'probe'), '');
    const ignored = await rm(join(folder, 'PROBE')).then(() => true, () => false); // prettier-ignore
    assert.equal(await kindOf([data], [join(folder, 'n.csv'), join(folder, 'N.csv')]), ignored ? 'twice' : undefined);
  });

  it('may not be one of a folder that is read, nor come to lie in it', async () => {
    const images = join(folder, 'images');
    await mkdir(images);
    await writeFile(join(folder, 'elsewhere.png'), 'b');
    await writeFile(join(images, '1.png'), 'a');
    await symlink(join(folder, 'elsewhere.png'), join(images, '2.png'));
    assert.equal(await kindOf([images], [join(images, '1.png')]), 'joins');
    assert.equal(await kindOf([images], [join(images, 'new.csv')]), 'joins');
    assert.equal(await kindOf([images], [join(folder, 'elsewhere.png')]), 'joins');
    // Results are passed over by what reads folders.
    assert.equal(await kindOf([images], [join(images, 'images.factors.npz')]), undefined);
    assert.equal(await kindOf([images], [join(folder, 'new.csv')]), undefined);
  });
});
