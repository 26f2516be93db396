// Compiles test/ into dist/test/, a bundle a file, folder by folder as in the source.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './setup/places.mjs';

const source = join(root, 'test');
const output = join(root, 'dist', 'test');

/**
 * @param {string} suite a folder of test/
 * @returns {string[]} the compiled test files of that folder, whether they are built yet or not
 */
export function compiledTests(suite) {
  return testSources(suite).map((file) => join(output, relative(source, file)).replace(/\.ts$/, '.js'));
}

/**
 * @param {readonly string[]} suites folders of test/
 * @returns {Promise<void>}
 */
export async function buildTests(suites) {
  // What was compiled from a file that is gone must not run.
  for (const suite of suites) rmSync(join(output, suite), { recursive: true, force: true });
  await build({
    entryPoints: [
      ...suites.flatMap((suite) => testSources(suite)),
      ...(suites.includes('extension') ? [join(source, 'extension', 'index.ts')] : []),
    ],
    outbase: source,
    outdir: output,
    bundle: true,
    packages: 'external',
    external: ['vscode'],
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
    absWorkingDir: root,
    plugins: [keepModuleAddress],
  });
}

/**
 * The scripts are modules that know their place by import.meta.url, which CommonJS has not; a test that bundles one
 * gets the script's own address.
 * @type {import('esbuild').Plugin}
 */
const keepModuleAddress = {
  name: 'keep-module-address',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]scripts[\\/].*\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'js',
    }));
  },
};

/** @param {string} folder */
function testSources(folder) {
  if (!existsSync(join(source, folder))) return [];
  return readdirSync(join(source, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
