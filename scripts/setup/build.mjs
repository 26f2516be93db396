// Builds dist/ when a source is newer than it.
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { run, say } from './run.mjs';

const stamp = join(root, 'dist', '.built');

/** @throws when the build fails */
export async function ensureBuild() {
  if (existsSync(stamp) && newestSource() <= statSync(stamp).mtimeMs) return;
  await build();
}

/** @throws when the build fails */
export async function build() {
  const started = Date.now();
  say('Building …');
  const code = await run(process.execPath, [join(root, 'esbuild.js')], { cwd: root });
  if (code !== 0) throw new Error('The build failed; its messages are above.');
  writeFileSync(stamp, '');
  // Dated from the start: a source saved while the build ran is not part of it.
  utimesSync(stamp, started / 1000, started / 1000);
}

/** @returns {number} when the youngest source was last changed, in milliseconds */
function newestSource() {
  const files = ['esbuild.js', 'package.json', 'package-lock.json', 'tsconfig.json'].map((name) => join(root, name));
  for (const directory of ['src', 'webview']) {
    for (const entry of readdirSync(join(root, directory), { recursive: true, withFileTypes: true })) {
      files.push(join(entry.parentPath, entry.name));
    }
  }
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
