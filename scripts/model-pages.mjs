// What is made of the records: of those in src/model/ the editor's settings in package.json and docs/reference.md, of the
// formats in src/data/extensions.ts the files for which package.json shows menus.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './setup/places.mjs';

const manifestFile = join(root, 'package.json');
const referenceFile = join(root, 'docs', 'reference.md');

/** @returns {Promise<{ file: string, text: string }[]>} the files that are made of the records, as they should be, before Prettier */
export async function modelPages() {
  const { configurationOf, menusOf, referenceOf } = await deriving();
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
  const { contributes } = manifest;
  contributes.configuration.properties = configurationOf(contributes.configuration.properties);
  contributes.menus = menusOf(contributes.menus);
  return [
    { file: manifestFile, text: JSON.stringify(manifest) },
    { file: referenceFile, text: referenceOf() },
  ];
}

/**
 * The functions that derive them, which are TypeScript as the records are.
 * @returns {Promise<typeof import('./model/configuration') & typeof import('./model/menus') & typeof import('./model/reference')>}
 */
async function deriving() {
  const { outputFiles } = await build({
    stdin: {
      contents: "export * from './configuration'; export * from './menus'; export * from './reference';",
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
