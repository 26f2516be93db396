// Writes what is made of the code: the editor's settings and menus in package.json and docs/reference.md of records,
// docs/architecture.md of the imports. `npm run format` does so before Prettier; with `--check` it tells what is not as it
// would be written, and ends with 1.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { architecturePage } from './architecture.mjs';
import { modelPages } from './model-pages.mjs';
import { root } from './setup/places.mjs';

/** @returns {Promise<{ file: string, text: string }[]>} the files that are made, as they should be */
async function pages() {
  const made = [...(await modelPages()), architecturePage()];
  return Promise.all(
    made.map(async ({ file, text }) => ({
      file,
      text: await format(text, { ...(await resolveConfig(file)), filepath: file }),
    })),
  );
}

/** @param {string} file */
function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @returns {Promise<string[]>} the files that are not as they should be */
export async function stalePages() {
  return (await pages()).filter(({ file, text }) => textOf(file) !== text).map(({ file }) => file);
}

async function main() {
  if (!process.argv.includes('--check')) {
    for (const { file, text } of await pages()) writeFileSync(file, text);
    return;
  }
  for (const file of await stalePages()) {
    console.error(`${file} is not what the code says; run npm run format.`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === join(root, 'scripts', 'pages.mjs')) {
  main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
