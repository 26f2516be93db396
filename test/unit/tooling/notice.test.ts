import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notice, noticeFile } from '../../../scripts/notice.mjs';
import { repository } from '../../support/repository';

const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  repository: { url: string };
  bugs: { url: string };
  homepage: string;
  galleryBanner: { color: string; theme: string };
};

describe('NOTICE', () => {
  const text = readFileSync(noticeFile, 'utf8');

  it('is what `npm run notice` writes for the packages that are installed', async () => {
    assert.equal(text, await notice(), 'run `npm run notice`');
  });

  it('names every package that is shipped beside the bundles, and those within them', () => {
    for (const name of [...Object.keys(manifest.dependencies), 'chart.js', 'papaparse', 'lit-html', 'vscode-jsonrpc']) {
      assert.match(text, new RegExp(`^- ${name.replace('.', '\\.')} \\d`, 'm'));
    }
  });

  it('names nothing that only builds and tests', () => {
    for (const name of ['esbuild', 'mocha', 'typescript', 'playwright-core', 'eslint']) {
      assert.doesNotMatch(text, new RegExp(`^- ${name} `, 'm'));
    }
  });

  it('is packed', () => {
    assert.match(readFileSync(join(repository, '.vscodeignore'), 'utf8'), /^!NOTICE$/m);
  });
});

describe('The manifest', () => {
  it('says where the project lives and how it is presented', () => {
    for (const url of [manifest.repository.url, manifest.bugs.url, manifest.homepage]) {
      assert.equal(new URL(url).protocol, 'https:');
    }
    assert.match(manifest.galleryBanner.color, /^#[0-9a-f]{6}$/);
    assert.equal(manifest.galleryBanner.theme, 'dark');
  });
});
