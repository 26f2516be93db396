import assert from 'node:assert/strict';
import { compile, grad, iterate, keepPrograms, placeholder, runtime, shared, type Node } from '../../../src/engine';
import { signatureOf } from '../../../src/engine/signature';

/** Gradient descent on Σ(factor·x − w)², with leaves of its own. */
function descent({ factor = 3, size = 4, start = 1, rate = 0.25 } = {}) {
  const x = placeholder('x', [size]);
  const w = shared({ data: new Float32Array(size).fill(start), shape: [size] }, 'w');
  const cost = x.mul(factor).sub(w).square().sum();
  return { x, w, cost, next: w.sub(grad(cost, [w])[0].mul(rate)) };
}

async function compiled(of: Parameters<typeof descent>[0] = {}, batch?: number) {
  const { x, w, cost, next } = descent(of);
  const program = await compile<'x', never, 'cost'>({
    inputs: { x },
    outputs: { cost },
    updates: [[w, next]],
    device: 'cpu',
    ...(batch !== undefined && { batch }),
  });
  return { program, w, given: { x: { data: Float32Array.from(x.shape, () => 0), shape: x.shape as number[] } } };
}

const ones = (size: number) => ({ x: { data: new Float32Array(size).fill(1), shape: [size] } });

describe('programs that are kept', () => {
  let created = 0;
  let restore = (): void => undefined;

  before(async () => {
    const { ort } = await runtime();
    const create = ort.InferenceSession.create;
    const sessions = ort.InferenceSession as { create: (...args: never[]) => unknown };
    sessions.create = (...args: never[]) => {
      created++;
      return (create as (...given: never[]) => unknown).apply(ort.InferenceSession, args);
    };
    restore = () => (ort.InferenceSession.create = create);
  });
  after(() => restore());
  beforeEach(async () => {
    await keepPrograms(2);
    created = 0;
  });
  afterEach(() => keepPrograms(0));

  it('serve the same expressions of other leaves, from the values that are declared', async () => {
    const first = await compiled();
    const { cost } = await first.program.run(ones(4), { steps: 3 });
    // w ← w − rate·2(w − 3): the distance to 3 halves in each step.
    assert.deepEqual([...cost], [16, 4, 1]);
    await first.program.dispose();
    const second = await compiled();
    assert.deepEqual([...(await second.program.get(second.w)).data], [1, 1, 1, 1]);
    assert.deepEqual([...(await second.program.run(ones(4), { steps: 3 })).cost], [16, 4, 1]);
    second.program.set(second.w, { data: Float32Array.of(3, 3, 3, 3), shape: [4] });
    assert.deepEqual([...(await second.program.run(ones(4))).cost], [0]);
    assert.equal(created, 1);
    await second.program.dispose();
  });

  it('serve batches as well', async () => {
    for (let time = 0; time < 2; time++) {
      const { program } = await compiled({}, 2);
      assert.deepEqual([...(await program.run(ones(4), { steps: 2 })).cost], [16, 16, 4, 4]);
      await program.dispose();
    }
    assert.equal(created, 1);
  });

  it('are told from others by constants, sizes, starts and by how they run', async () => {
    for (const [of, batch] of [
      [{}],
      [{ factor: 2 }],
      [{ size: 5 }],
      [{ start: 2 }],
      [{ rate: 0.5 }],
      [{}, 1],
    ] as const) {
      const { program } = await compiled(of, batch);
      await program.dispose();
    }
    assert.equal(created, 6);
  });

  it('are nobody else’s while they are used, and no longer theirs who gave them back', async () => {
    const [first, second] = [await compiled(), await compiled()];
    assert.equal(created, 2);
    await first.program.run(ones(4), { steps: 3 });
    assert.deepEqual([...(await second.program.run(ones(4))).cost], [16]);
    await first.program.dispose();
    await assert.rejects(first.program.run(ones(4)), /disposed/);
    await second.program.dispose();
    await second.program.dispose();
    const third = await compiled();
    assert.deepEqual([...(await third.program.run(ones(4))).cost], [16]);
    await third.program.dispose();
  });

  it('tell what is not finite from the values that their present owner has set', async () => {
    for (let time = 0; time < 2; time++) {
      const w = shared({ data: Float32Array.of(1), shape: [1] }, 'w');
      const program = await compile({ outputs: { y: w.log().sum() }, device: 'cpu', debugNaN: true });
      assert.deepEqual([...(await program.run({})).y], [0]);
      program.set(w, { data: Float32Array.of(-1), shape: [1] });
      await assert.rejects(program.run({}), /^NonFiniteError: log\(w \[1\]\) makes NaN/);
      assert.deepEqual([...(await program.get(w)).data], [-1]);
      await program.dispose();
    }
    assert.equal(created, 1);
  });

  it('go when others were used since, and when none are to be kept', async () => {
    const use = async (factor: number): Promise<number> => {
      const before = created;
      const { program } = await compiled({ factor });
      await program.dispose();
      return created - before;
    };
    assert.deepEqual([await use(1), await use(2), await use(3)], [1, 1, 1]);
    assert.deepEqual([await use(3), await use(2), await use(1)], [0, 0, 1]);
    await keepPrograms(0);
    assert.deepEqual([await use(1), await use(1)], [1, 1]);
  });
});

describe('the signature of expressions', () => {
  const [a, b] = [placeholder('a', [2, 3]), placeholder('b', [2, 3])];
  const same = (left: Node, right: Node): boolean => signatureOf([['y', left]]) === signatureOf([['y', right]]);

  it('does not depend on which leaves they are made of, but on how these are wired', () => {
    const [c, d] = [placeholder('a', [2, 3]), placeholder('b', [2, 3])];
    assert.ok(same(a.sub(b).square().sum(), c.sub(d).square().sum()));
    assert.ok(!same(a.sub(b), b.sub(a)));
    const twin = placeholder('a', [2, 3]);
    assert.ok(!same(a.sub(a), a.sub(twin)));
    assert.notEqual(signatureOf([['y', a]]), signatureOf([['z', a]]));
  });

  it('tells apart values that JSON does not', () => {
    const scaled = (factor: number) => a.mul(shared({ data: Float32Array.of(factor), shape: [] }, 'f'));
    for (const [left, right] of [
      [0, -0],
      [NaN, Infinity],
      [Infinity, -Infinity],
      [1, 1 + 2 ** -20],
    ] as const) {
      assert.ok(!same(scaled(left), scaled(right)), `${left}, ${right}`);
      assert.ok(same(scaled(left), scaled(left)));
    }
    assert.ok(!same(a.sum(0), a.sum(1)));
  });

  it('has the bodies of loops', () => {
    const powers = (factor: number, turns: number) => iterate(turns, [a], ([x]) => [x.mul(factor)])[0];
    assert.ok(same(powers(2, 3), powers(2, 3)));
    assert.ok(!same(powers(2, 3), powers(3, 3)));
    assert.ok(!same(powers(2, 3), powers(2, 4)));
  });
});
