import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectiveText } from '../../../src/inspector/model-text';
import { defaultModel } from '../../../src/model/model';
import { scalingKinds } from '../../../src/model/preparation';
import { presetOf } from '../../../src/model/presets';
import { editorWords } from '../../../src/protocol/editor-words';
import { optimumText } from '../../../src/wording/optimum';
import { percentText } from '../../../src/wording/percent';
import { repository } from '../../support/repository';

describe('Messages that both the editor and the command line tell', () => {
  it('name options of the command line in brackets alone, which the editor leaves out', () => {
    assert.equal(
      editorWords('x: skip it (--skip N), or read it as text (--text lines).'),
      'x: skip it, or read it as text.',
    );
    assert.equal(
      editorWords('say so (--header no; in the editor the setting factorlens.header), or not.'),
      'say so (the setting factorlens.header), or not.',
    );
    assert.equal(editorWords('was read as a row (--long "a (b); c",d makes a matrix).'), 'was read as a row.');
    assert.equal(editorWords('2 columns (a, b) -- as they are (x --y).'), '2 columns (a, b) -- as they are (x --y).');
  });

  it('name the setting in place of an option that has one', () => {
    assert.equal(
      editorWords('take terms of fewer (--min-df) and of more of them (--max-df).'),
      'take terms of fewer (the setting factorlens.text.minimum) and of more of them (the setting factorlens.text.maximum).',
    );
    assert.equal(
      editorWords('at most 9 terms (--min-df and --max-df leave out the others).'),
      'at most 9 terms (the setting factorlens.text.minimum and the setting factorlens.text.maximum leave out the others).',
    );
  });

  it('name them nowhere else', () => {
    const found: string[] = [];
    for (const room of ['src/data', 'src/factorization', 'src/engine', 'src/inspector', 'src/commands']) {
      for (const file of readdirSync(join(repository, room), { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const text = readFileSync(join(repository, room, file), 'utf8');
        text.split('\n').forEach((line, k) => {
          if (/^\s*(\/?\*|\/\/)/.test(line)) return;
          if (/(^|[^-\w(])--[a-z]/.test(line)) found.push(`${room}/${file}:${k + 1}: ${line.trim()}`);
        });
      }
    }
    // Of two options in one pair of brackets the second has none of its own.
    assert.deepEqual(
      found.filter((line) => !line.includes('(--min-df and --max-df')),
      [],
    );
  });
});

describe('A part as per cent', () => {
  it('has three digits, and more where these would make a whole of it', () => {
    const shown: [number, string][] = [
      [0.738249, '73.8 %'],
      [0.99974, '99.97 %'],
      [0.999999, '99.9999 %'],
      [0.9999999999, 'more than 99.9999999 %'],
      [1, '100 %'],
      [0, '0 %'],
      [1.2e-9, '1.2e-7 %'],
      [-0.5, '-50 %'],
      [1.234, '123 %'],
    ];
    for (const [part, text] of shown) assert.equal(percentText(part), text);
    for (let k = 1; k < 17; k++) {
      const text = percentText(1 - 10 ** -k);
      assert.ok(Number.parseFloat(text.replace('more than ', '')) < 100, text);
    }
  });
});

describe('The bound of an exact fit', () => {
  const optimum = {
    kind: 'eckart-young',
    bound: 1e-22,
    gap: 1,
    exact: true,
    meaning: 'The gap is what it lacks.',
  } as const;

  it('is no gap: nothing closer is left', () => {
    const text = optimumText(optimum, { objective: 1e-9, sse: 1e-9, relativeError: 1e-8 }, String);
    assert.match(text, /exact to the rounding of float32/);
    assert.doesNotMatch(text, /gap/);
    assert.match(optimumText(optimum, { objective: 0, sse: 0, relativeError: 0 }, String), /exact/);
  });

  it('is told where the fit is not exact', () => {
    const text = optimumText(
      { ...optimum, bound: 3, gap: 0.9999 },
      { objective: 4, sse: 4, relativeError: 0.1 },
      String,
    );
    assert.equal(text, '3, gap 99.99 %. The gap is what it lacks.');
  });
});

describe('The objective of prepared data', () => {
  const { preparation } = presetOf('pca');
  it('has what is subtracted and divided by', () => {
    assert.equal(objectiveText({ model: defaultModel, ...(preparation && { preparation }) }), 'Σ(X − μ − WH)²');
    const none = { kind: 'none' } as const;
    const texts: [Parameters<typeof objectiveText>[0]['preparation'], string][] = [
      [{ centre: 'none', scale: none }, 'Σ(X − WH)²'],
      [{ centre: 'global', scale: none }, 'Σ(X − μ − WH)²'],
      [{ centre: 'rows', scale: { kind: 'zscore', axis: 'columns' } }, 'Σ((X − μ − ν)/σ − WH)²'],
      [{ centre: 'columns', scale: { kind: 'zscore', axis: 'columns' } }, 'Σ((X − μ)/σ − WH)²'],
      [{ centre: 'none', scale: { kind: 'minmax', axis: 'rows' } }, 'Σ((X − min)/(max − min) − WH)²'],
      [{ centre: 'none', scale: { kind: 'unit-norm', axis: 'rows' } }, 'Σ(X/‖X‖ − WH)²'],
      [{ centre: 'rows', scale: { kind: 'log1p' } }, 'Σ(ln(1 + X) − μ − WH)²'],
      [{ centre: 'none', scale: { kind: 'tf-idf' } }, 'Σ(TF–IDF(X) − WH)²'],
    ];
    for (const [asked, text] of texts) {
      assert.equal(objectiveText({ model: defaultModel, ...(asked && { preparation: asked }) }), text);
    }
    assert.equal(scalingKinds.length, 6, 'every scaling is among them');
  });

  it('keeps the means of a model with biases apart', () => {
    const model = { ...defaultModel, biases: { l2: 0 } };
    assert.equal(
      objectiveText({ model, preparation: { centre: 'columns', scale: { kind: 'none' } } }),
      'Σ(X − m − (μ + b + c + WH))²',
    );
  });
});
