import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationOf, settingsOf, type Properties } from '../../../scripts/model/configuration';
import { menusOf } from '../../../scripts/model/menus';
import { stalePages } from '../../../scripts/pages.mjs';
import { vocabulary } from '../../../src/model/vocabulary';
import { repository } from '../../support/repository';

const { properties } = (
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    contributes: { configuration: { properties: Properties } };
  }
).contributes.configuration;

describe('pages that are made of the records', () => {
  it('are as `npm run format` writes them, like every page made of the code', async () => {
    assert.deepEqual(await stalePages(), [], 'run `npm run format`');
  });

  it('declare no setting of which the records know nothing, but those of how files are read', () => {
    assert.deepEqual(Object.keys(properties), Object.keys(configurationOf(properties)));
    const stale = { ...properties, 'factorlens.gone': properties['factorlens.seed']! };
    assert.ok(!('factorlens.gone' in configurationOf(stale)));
  });

  it('show the menus for every kind of file that is read, whatever else they ask', () => {
    const [item] =
      menusOf({ title: [{ command: 'open', when: 'a && resourceExtname =~ /^\\.(old)$/i && b' }] }).title ?? [];
    const { pattern = '' } = /^a && resourceExtname =~ \/(?<pattern>.*)\/i && b$/.exec(item?.when ?? '')?.groups ?? {};
    const shown = new RegExp(pattern, 'i');
    for (const name of ['.csv', '.jsonl', '.NPY', '.mtx', '.gz', '.jpeg']) assert.match(name, shown);
    for (const name of ['.old', '.npz', 'csv', '.csvx']) assert.doesNotMatch(name, shown);
  });

  it('number the settings in the order in which they stand', () => {
    assert.deepEqual(
      Object.values(properties).map(({ order }) => order),
      Object.keys(properties).map((_, at) => at + 1),
    );
    assert.ok(Object.keys(settingsOf()).every((name) => name in properties));
  });

  it('name every record in the reference', () => {
    const page = readFileSync(join(repository, 'docs', 'reference.md'), 'utf8');
    const { losses, constraints, solvers, presets, scalings } = vocabulary;
    for (const name of [losses, constraints, solvers, presets, scalings].flatMap((records) => Object.keys(records))) {
      assert.ok(page.includes(`\`${name}\``), name);
    }
  });
});
