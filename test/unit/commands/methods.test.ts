import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodOf, methods } from '../../../src/commands/methods';
import { solverIds } from '../../../src/model/solvers';
import { presets } from '../../../src/model/presets';
import { repository } from '../../support/repository';

interface Setting {
  enum?: readonly string[];
  enumDescriptions?: readonly string[];
  default: unknown;
  markdownDescription: string;
}

const declared = (
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    contributes: { configuration: { properties: Record<string, Setting> } };
  }
).contributes.configuration.properties;

describe('the solver of the editor’s settings', () => {
  it('is any that there is, each with a description', () => {
    const { enum: offered, enumDescriptions } = declared['factorlens.solver'] as Setting;
    assert.deepEqual(offered, solverIds);
    assert.equal(new Set(enumDescriptions).size, solverIds.length);
  });
});

describe('the methods of the picker', () => {
  it('are the plain objective, every preset, and one’s own model, under names of their own', () => {
    assert.deepEqual(
      methods.map(({ id }) => id),
      ['plain', ...presets.map(({ id }) => id), 'custom'],
    );
    assert.equal(new Set(methods.map(({ label }) => label)).size, methods.length);
  });

  it('take their weight from a setting that the editor knows and whose default is the preset’s', () => {
    for (const { id, label, model, weight } of methods) {
      if (!weight) continue;
      const setting = declared[`factorlens.${weight.setting}`];
      assert.ok(setting, `${label} reads factorlens.${weight.setting}`);
      assert.deepEqual(weight.apply(model, setting.default as number), model, `${id} by default`);
      assert.notDeepEqual(weight.apply(model, 7.25), model, `${id} heeds its setting`);
    }
  });

  it('have a setting for each weight that is declared', () => {
    const used = methods.flatMap(({ weight }) => (weight ? [`factorlens.${weight.setting}`] : []));
    // Those of text say how it is read.
    const weights = Object.keys(declared).filter((name) => /^factorlens\.(?!text\.)\w+\.\w+$/.test(name));
    assert.deepEqual(weights.sort(), used.sort());
  });

  it('are found by their id alone', () => {
    assert.equal(methodOf('nmf').label, 'NMF');
    assert.throws(() => methodOf('sparse' as 'nmf'), /no method sparse/);
  });
});
