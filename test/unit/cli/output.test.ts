import assert from 'node:assert/strict';
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../src/cli/errors';
import { resolveOutputs } from '../../../src/cli/output';
import { FileWriteError } from '../../../src/files/failure';
import { writeWhole } from '../../../src/files/write';
import { factorsFileName } from '../../../src/protocol/naming';
import { temporaryFolder } from '../worker/support/build';

describe('the output of the command line', () => {
  let folder: string;
  let input: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    input = join(folder, 'X.csv');
    await writeFile(input, 'a\n1\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Where one output goes. */
  async function resolveOutput(data: string, path: string): Promise<string> {
    const [target = ''] = await resolveOutputs([{ path: data, what: 'the input itself' }], [{ path, option: 'out' }]);
    return target;
  }

  it('is named after the whole name of the file, so that two sources never share one', () => {
    assert.equal(factorsFileName('digits.csv'), 'digits.csv.factors.npz');
    assert.notEqual(factorsFileName('digits.csv'), factorsFileName('digits.png'));
  });

  it('is never the input, not even by another name', async () => {
    await assert.rejects(resolveOutput(input, input), /is the input itself/);
    await assert.rejects(resolveOutput(input, join(folder, '.', 'X.csv')), UsageError);
    await symlink(input, join(folder, 'link'));
    await assert.rejects(resolveOutput(input, join(folder, 'link')), /is the input itself/);
    await link(input, join(folder, 'hard'));
    await assert.rejects(resolveOutput(input, join(folder, 'hard')), /is the input itself/);
    assert.equal(await readFile(input, 'utf8'), 'a\n1\n');
  });

  it('is refused before the work where it could not be written', async () => {
    await assert.rejects(resolveOutput(input, join(folder, 'none', 'out.npz')), /folder .* does not exist/);
    await assert.rejects(resolveOutput(input, join(input, 'out.npz')), /folder .* does not exist/);
    await assert.rejects(resolveOutput(input, folder), /no ordinary file/);
    await assert.rejects(resolveOutput(input, '/dev/null'), /no ordinary file/);
  });

  it('replaces what a link points to and leaves the link', async () => {
    const target = join(folder, 'target.npz');
    await writeFile(target, 'old');
    await symlink(target, join(folder, 'link.npz'));
    await writeWhole(await resolveOutput(input, join(folder, 'link.npz')), Buffer.from('new'));
    assert.equal(await readFile(target, 'utf8'), 'new');
    assert.equal(await readFile(join(folder, 'link.npz'), 'utf8'), 'new');
  });

  it('leaves nothing half written behind when writing fails', async () => {
    const taken = join(folder, 'taken');
    await mkdir(taken);
    await writeFile(join(taken, 'inside'), '');
    await assert.rejects(writeWhole(taken, Buffer.from('bytes')), FileWriteError);
    assert.deepEqual((await readdir(folder)).sort(), ['X.csv', 'taken']);
    await assert.rejects(
      writeWhole(join(folder, 'none', 'out'), Buffer.from('bytes'), 'choose another place with --out'),
      /ENOENT.*--out/,
    );
  });
});
