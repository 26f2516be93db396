// Where the checkout is, for tests that run from dist/ and from hosts whose working directory is another.
import { cpSync, existsSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** The checkout's root: the nearest folder above the running test that has a package-lock.json. */
export const repository = findRepository(__dirname);

/** The path of a file of test/data. */
export function testData(name: string): string {
  return join(repository, 'test', 'data', name);
}

/** A new folder with copies of the given files, for tests that write beside them. The caller removes it. */
export function temporaryWorkspace(...files: string[]): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'factorlens-workspace-')));
  for (const file of files) cpSync(file, join(folder, basename(file)));
  return folder;
}

function findRepository(start: string): string {
  if (existsSync(join(start, 'package-lock.json'))) return start;
  const parent = dirname(start);
  if (parent === start) throw new Error(`No checkout of Factorlens above ${__dirname}.`);
  return findRepository(parent);
}
