import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { help } from '../../../src/cli/help';
import { defaultText } from '../../../src/data/text/options';
import { repository } from '../../support/repository';

const optionsIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/--[a-z][a-z0-9-]*/g)].map(([name]) => name));

describe('What is written about the options', () => {
  it('is of the same ones in the README as in the help', () => {
    const known = optionsIn(help);
    const readme = readFileSync(join(repository, 'README.md'), 'utf8');
    const untold = [...known].filter((name) => !optionsIn(readme).has(name));
    assert.deepEqual(
      untold,
      ['--help', '--version'].filter((name) => untold.includes(name)),
    );
    const rows = readme.split('\n').filter((line) => line.startsWith('| `--'));
    assert.ok(rows.length > 15, 'the README has a table of options');
    assert.deepEqual(
      [...optionsIn(rows.join('\n'))].filter((name) => !known.has(name)),
      [],
    );
  });

  it('has the defaults of the settings for text that the program has', () => {
    const { contributes } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      contributes: { configuration: { properties: Record<string, { default: unknown }> } };
    };
    const { properties } = contributes.configuration;
    const defaults = ['minimum', 'maximum', 'stopWords'].map((name) => [
      name,
      properties[`factorlens.text.${name}`]?.default,
    ]);
    assert.deepEqual(Object.fromEntries(defaults), { ...defaultText });
  });
});
