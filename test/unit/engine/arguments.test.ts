import assert from 'node:assert/strict';
import {
  compile,
  grad,
  hessian,
  hvp,
  jvp,
  constant,
  matrix,
  placeholder,
  scalar,
  sequence,
  shared,
  tensor,
  type Node,
  evaluate,
  iterate,
  randomNormal,
  randomUniform,
  ShapeError,
} from '../../../src/engine';
import * as functions from '../../../src/engine/functions';

const wrong: readonly unknown[] = [['1', [3]], 'x', undefined, null, {}, true, () => 1, { data: [1], shape: [1] }];
const raw = /Cannot read|is not a function|not iterable|Cannot convert|undefined \(/;
const W = shared(randomNormal([2, 3]), 'W');
const X = matrix('X');

/** Whatever it throws is told in the engine's words. */
async function assertTold(title: string, call: () => unknown): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    assert.ok(error instanceof Error, title);
    assert.doesNotMatch(error.message, raw, title);
    return true;
  }
}

describe('what is no argument', () => {
  it('is told by every function of expressions, by its name', async () => {
    for (const [name, call] of Object.entries(functions) as [string, (...args: unknown[]) => unknown][]) {
      for (const value of wrong) {
        assert.ok(await assertTold(`${name}(${String(value)})`, () => call(value, value, value)), name);
        await assertTold(`${name}(W, ${String(value)})`, () => call(W, value, value));
      }
    }
    assert.throws(() => functions.add(W, [1, 2] as never), {
      name: 'TypeError',
      message:
        'add: the second operand is an array of 2; an expression or a number is wanted; constant(tensor(values, shape)) makes one',
    });
    assert.throws(() => functions.exp('W' as never), /^TypeError: exp: its operand is the text 'W'; an expression/);
  });

  it('is told by what makes leaves, differentiates, evaluates and loops', async () => {
    const calls: Record<string, (value: never) => unknown> = {
      constant,
      sequence: (value) => sequence(value === 'x' ? (undefined as never) : value),
      scalar: (value) => scalar(value === 'x' ? (undefined as never) : value),
      tensor: (value) => tensor(value === undefined || Array.isArray(value) ? (null as never) : value),
      'tensor of a shape': (value) => tensor([1], value ?? ('x' as never)),
      randomNormal,
      randomUniform,
      placeholder: (value) => placeholder('p', value),
      'shape of a matrix': (value) => matrix('m', { shape: value ?? (null as never) }),
      shared: (value) => shared(value, 'S'),
      'cost of grad': (value) => grad(value, [W]),
      'parameters of grad': (value) => grad(functions.sum(W), value),
      'parameter of grad': (value) => grad(functions.sum(W), [value]),
      hessian: (value) => hessian(value, value),
      'vectors of hvp': (value) => hvp(functions.sum(W), [W], value),
      'tangents of jvp': (value) => jvp(W, [W], value),
      evaluate,
      'a root': (value) => evaluate([value]),
      'initial state': (value) => iterate(2, value, (states) => states),
      'body of a loop': (value) => iterate(2, [W], (typeof value === 'function' ? 1 : value) as never),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const value of wrong)
        assert.ok(await assertTold(name, () => call(value as never)), `${name} ${String(value)}`);
    }
    assert.throws(
      () => grad(functions.sum(W), [W], { disconected: 'zero' } as never),
      /there is no option disconected/,
    );
  });

  it('is told by compiling and running', async () => {
    const outputs = { y: functions.sum(W) };
    for (const option of ['inputs', 'sequences', 'outputs', 'updates', 'device', 'precision', 'batch', 'threads']) {
      for (const value of wrong) {
        if (value === undefined && option !== 'outputs') continue;
        const title = `${option} ${String(value)}`;
        const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
        const refused = await assertTold(title, () => compile({ outputs, [option]: value }));
        assert.ok(refused || isEmpty, title);
      }
    }
    await assert.rejects(
      compile({ outputs, device: 'gpu' as never }),
      /device is the text 'gpu'; one of auto, cpu, wasm, cuda, webgpu/,
    );
    await assert.rejects(
      compile({ outputs, updtes: [] } as never),
      /compile: there is no option updtes; there are inputs/,
    );
    const program = await compile({ inputs: { X }, outputs: { y: functions.sum(X) }, updates: [[W, W.mul(2)]] });
    for (const value of wrong) {
      assert.ok(await assertTold('inputs of a run', () => program.run(value as never)));
      assert.ok(await assertTold('an input', () => program.run({ X: value as never })));
      assert.ok(await assertTold('set', () => program.set(W, value as never)));
      assert.ok(await assertTold('get', () => program.get(value as never)));
    }
    await assert.rejects(
      program.run({ X: randomNormal([1, 1]) }, { step: 2 } as never),
      /run: there is no option step/,
    );
    await assert.rejects(program.run({ x: randomNormal([1, 1]) } as never), /the input X was not given; there is x/);
    await program.dispose();
  });
});

describe('an update that changes the shape of its shared value', () => {
  const S = shared(randomNormal([2, 3]), 'S', { shape: ['rows', 3] });
  for (const [title, next, message] of [
    ['longer', functions.concatenate([W, W]), 'W [2, 3] is updated by concatenate(W, W) [4, 3]'],
    ['of a column', functions.sum(W, 1, { keepDims: true }), 'W [2, 3] is updated by sum(W) [2, 1]'],
    ['a number', functions.sum(W), 'W [2, 3] is updated by sum(W) []'],
  ] as const) {
    it(`is refused when it is compiled: ${title}`, async () => {
      await assert.rejects(compile({ outputs: {}, updates: [[W, next]] }), (error: Error) => {
        assert.ok(error instanceof ShapeError);
        assert.equal(error.message, `${message}: an update keeps the shape of its shared value`);
        return true;
      });
    });
  }

  for (const [title, node, next, message] of [
    ['by an input', W, X, 'W [2, 3] is updated by X [4, 3]'],
    ['by a part of it', S, functions.slice(S, 0, 1), 'S [2, 3] is updated by slice(S) [1, 3]'],
    ['by all of it twice', S, functions.concatenate([S, S]), 'S [2, 3] is updated by concatenate(S, S) [4, 3]'],
  ] as [string, Node, Node, string][]) {
    it(`is refused by the run that knows: ${title}`, async () => {
      const program = await compile({ inputs: { X }, outputs: {}, updates: [[node, next]] });
      await assert.rejects(program.run({ X: randomNormal([4, 3]) }), (error: Error) => {
        assert.equal(error.message, `${message}: an update keeps the shape of its shared value`);
        return true;
      });
      assert.deepEqual((await program.get(node)).shape, [2, 3]);
      await program.dispose();
    });
  }
});
