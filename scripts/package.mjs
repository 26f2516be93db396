// `npm run package`: makes factorlens-VERSION.vsix for this platform. The computing library carries binaries for every
// platform, some 290 MB together, so a package holds those of one.
import './setup/node-version.mjs';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureEditor } from './setup/editor.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { environmentWithoutNpm } from './setup/npm.mjs';
import { root } from './setup/places.mjs';
import { run, say } from './setup/run.mjs';

/** The targets that a package can be made for, where the library has binaries. */
const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

async function main() {
  await ensureNodePackages();
  const target = `${process.platform}-${process.arch}`;
  const binaries = join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch);
  if (!targets.includes(target) || !existsSync(join(root, binaries))) {
    throw new Error(`There is no package for ${target}: onnxruntime-node has no binaries for it.`);
  }
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const out = `${name}-${version}.vsix`;
  const ignoreFile = join(root, 'dist', '.vscodeignore');
  // The packager's own dependencies ask for a current Node.
  const node = Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : (await ensureEditor()).node;
  // The packager builds for production first (vscode:prepublish); afterwards dist/ is no longer the development build.
  rmSync(join(root, 'dist', '.built'), { force: true });
  rmSync(join(root, 'dist', 'webview'), { recursive: true, force: true });
  const code = await runPackager(node, target, out, ignoreFile, binaries);
  if (code !== 0) throw new Error(`vsce ended with exit code ${code}; its messages are above.`);
  say(`${out}: ${(statSync(join(root, out)).size / 1e6).toFixed(1)} MB for ${target}`);
}

/**
 * @param {string} node
 * @param {string} target
 * @param {string} out
 * @param {string} ignoreFile
 * @param {string} binaries
 * @returns {Promise<number>}
 */
function runPackager(node, target, out, ignoreFile, binaries) {
  const kept = readFileSync(join(root, '.vscodeignore'), 'utf8');
  writeFileSync(ignoreFile, `${kept}!${binaries.replaceAll('\\', '/')}/**\n`);
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  // The README's pictures are in the package, so its links stay relative.
  const links = ['--no-rewrite-relative-links'];
  const options = ['--target', target, '--out', out, '--ignoreFile', ignoreFile, ...links];
  return run(node, [vsce, 'package', ...options], { cwd: root, env: environmentWithoutNpm() });
}

main().catch((error) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
