// `npm run notice`: writes NOTICE, the licences of everything that the package carries and that is not ours. What is in
// the bundles is asked of the bundler itself; what lies beside them, of the list of what is packed.
import './setup/node-version.mjs';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './setup/places.mjs';

/** @typedef {{ name: string, version: string, licence: string, author?: string, homepage?: string, text: string }} Carried */

export const noticeFile = join(root, 'NOTICE');

/**
 * Holders and further notices of packages that are published without the text of their licence.
 * @type {Readonly<Record<string, { holder: string, more?: string }>>}
 */
const unwritten = {
  'onnxruntime-common': { holder: 'Copyright (c) Microsoft Corporation' },
  'onnxruntime-node': {
    holder: 'Copyright (c) Microsoft Corporation',
    more: 'What its native libraries contain is listed in ThirdPartyNotices.txt of https://github.com/microsoft/onnxruntime.',
  },
  'onnxruntime-web': {
    holder: 'Copyright (c) Microsoft Corporation',
    more: 'What its WebAssembly contains is listed in ThirdPartyNotices.txt of https://github.com/microsoft/onnxruntime.',
  },
};

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** @returns {Promise<string>} what NOTICE has to say, for the packages that are installed */
export async function notice() {
  const packages = [...(await carriedPackages())].sort().map(describe);
  const list = packages.map(({ name, version, licence }) => `- ${name} ${version} (${licence})`);
  const rule = '-'.repeat(80);
  return [
    'Factorlens carries the following software of others, each under its own licence.',
    'The sample data have theirs in samples/LICENSES.md.',
    '',
    ...list,
    '',
    ...packages.flatMap(({ name, version, homepage, text }) => [
      rule,
      `${name} ${version}${homepage === undefined ? '' : `, ${homepage}`}`,
      rule,
      '',
      text,
      '',
    ]),
  ].join('\n');
}

/** @returns {Promise<Set<string>>} folders of node_modules, from the root */
async function carriedPackages() {
  /** @type {{ bundles: import('esbuild').BuildOptions[] }} */
  const { bundles } = createRequire(import.meta.url)('../esbuild.js');
  const found = new Set();
  for (const options of bundles) {
    const { metafile } = await build({
      ...options,
      // Minified, as it is packed: what tree shaking leaves out is not carried.
      minify: true,
      sourcemap: false,
      metafile: true,
      write: false,
      logLevel: 'silent',
      absWorkingDir: root,
    });
    for (const output of Object.values(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        if (bytesInOutput > 0) add(found, input);
      }
    }
  }
  for (const line of readFileSync(join(root, '.vscodeignore'), 'utf8').split('\n')) {
    if (line.startsWith('!node_modules/')) add(found, line.slice(1));
  }
  return found;
}

/**
 * @param {Set<string>} found
 * @param {string} path of a file, from the root
 */
function add(found, path) {
  const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
  if (folder !== undefined) found.add(folder);
}

/**
 * @param {string} folder
 * @returns {Carried}
 * @throws when a package does not say under which licence it stands
 */
function describe(folder) {
  const directory = join(root, folder);
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${posix.join(folder, 'package.json')} names no licence.`);
  const texts = readdirSync(directory).filter((file) => /^(licen[cs]e|notice|third-party-notices)/i.test(file));
  const known = unwritten[name];
  if (texts.length === 0 && (license !== 'MIT' || known === undefined)) {
    throw new Error(
      `${name} (${license}) comes without the text of its licence; say in scripts/notice.mjs whose it is.`,
    );
  }
  const text =
    texts.length > 0
      ? texts.map((file) => readFileSync(join(directory, file), 'utf8').trim()).join('\n\n')
      : [known?.holder, mit, known?.more].filter(Boolean).join('\n\n');
  return { name, version, licence: license, homepage: homepage?.replace(/#readme$/, ''), text: plain(text) };
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll('\r\n', '\n').replace(/[ \t]+$/gm, '');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  void notice().then((text) => writeFileSync(noticeFile, text));
}
