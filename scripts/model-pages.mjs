// Writes what is made of the records in src/model/: the editor's settings in package.json, and docs/reference.md.
// `npm run format` does so before Prettier; with `--check` it tells what is not as it would be written, and ends with 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';
import { root } from './setup/places.mjs';

const manifestFile = join(root, 'package.json');
const referenceFile = join(root, 'docs', 'reference.md');

/** @returns {Promise<{ file: string, text: string }[]>} the files that are made of the records, as they should be */
export async function modelPages() {
  const { configurationOf, referenceOf } = await deriving();
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  const { configuration } = manifest.contributes;
  configuration.properties = configurationOf(configuration.properties);
  return [
    { file: manifestFile, text: await formatted(manifestFile, JSON.stringify(manifest)) },
    { file: referenceFile, text: await formatted(referenceFile, referenceOf()) },
  ];
}

/**
 * The functions that derive them, which are TypeScript as the records are.
 * @returns {Promise<typeof import('./model/configuration') & typeof import('./model/reference')>}
 */
async function deriving() {
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from './configuration'; export * from './reference';",
      resolveDir: join(root, 'scripts', 'model'),
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    absWorkingDir: root,
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0]?.text ?? '')(
    module,
    module.exports,
    createRequire(manifestFile),
  );
  return /** @type {any} */ (module.exports);
}

/**
 * @param {string} file
 * @param {string} text
 */
async function formatted(file, text) {
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @returns {Promise<string[]>} the files that are not as the records would have them */
export async function stalePages() {
  return (await modelPages()).filter(({ file, text }) => textOf(file) !== text).map(({ file }) => file);
}

async function main() {
  if (!process.argv.includes('--check')) {
    for (const { file, text } of await modelPages()) writeFileSync(file, text);
    return;
  }
  for (const file of await stalePages()) {
    console.error(`${file} is not what src/model/ says; run npm run format.`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === join(root, 'scripts', 'model-pages.mjs')) {
  main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
