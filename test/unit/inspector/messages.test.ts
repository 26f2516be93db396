import { pageMessageSchema } from '../../../src/protocol/page-message';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { valid } from '../../../src/untrusted/schema';

const parsePageMessage = (message: unknown) => valid(pageMessageSchema, message) ?? null;

describe('the schema of a page’s messages', () => {
  it('takes every message that a page may send', () => {
    for (const type of ['ready', 'stop', 'continue', 'retry', 'export', 'save', 'show-log']) {
      assert.deepEqual(parsePageMessage({ type }), { type });
    }
    assert.deepEqual(parsePageMessage({ type: 'page-error', message: 'x is undefined' }), {
      type: 'page-error',
      message: 'x is undefined',
    });
  });

  it('takes the number of an advice, and no other', () => {
    assert.deepEqual(parsePageMessage({ type: 'take-advice', index: 2, choice: { exclude: ['a'] } }), {
      type: 'take-advice',
      index: 2,
    });
    for (const index of [-1, 0.5, '1', null, undefined, Infinity, { valueOf: () => 1 }]) {
      assert.equal(parsePageMessage({ type: 'take-advice', index }), null);
    }
  });

  it('takes nothing else along with a message', () => {
    assert.deepEqual(parsePageMessage({ type: 'stop', command: 'workbench.action.quit' }), { type: 'stop' });
  });

  it('refuses anything else', () => {
    for (const message of [
      null,
      'stop',
      {},
      { type: 'delete' },
      { type: 'page-error' },
      { type: 'page-error', message: 3 },
    ]) {
      assert.equal(parsePageMessage(message), null);
    }
    fc.assert(fc.property(fc.anything(), (message) => parsePageMessage(message) === null));
  });

  it('shortens a report that would fill the log', () => {
    const message = parsePageMessage({ type: 'page-error', message: 'x'.repeat(100_000) });
    assert.ok(message?.type === 'page-error' && message.message.length < 10_000);
  });
});
