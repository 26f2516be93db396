import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { InterruptedJobs } from '../../../src/inspector/interrupted';
import type { FactorizationSession } from '../../../src/inspector/session';

/** The workspace's memory, which outlives a window. */
function memory(): vscode.Memento {
  const values = new Map<string, string>();
  return {
    keys: () => [...values.keys()],
    get: (key: string) => {
      const text = values.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as never);
    },
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, JSON.stringify(value))),
  };
}

const uri = { toString: () => 'untitled:/data.csv.factors.npz' } as vscode.Uri;
const session = (running: boolean) => ({ running, description: { name: 'data.csv' } }) as FactorizationSession;

describe('the memory of interrupted jobs', () => {
  it('tells the next window of a job that was running', async () => {
    const storage = memory();
    await new InterruptedJobs(storage).track(uri, session(true));
    assert.deepEqual(new InterruptedJobs(storage).of(uri), { name: 'data.csv' });
  });

  it('remembers a job that has ended until its factors are kept', async () => {
    const storage = memory();
    const jobs = new InterruptedJobs(storage);
    await jobs.track(uri, session(true));
    await jobs.kept(uri, session(true));
    await jobs.track(uri, session(false));
    assert.deepEqual(new InterruptedJobs(storage).of(uri), { name: 'data.csv' });
    await jobs.kept(uri, session(false));
    assert.equal(new InterruptedJobs(storage).of(uri), undefined);
  });

  it('forgets a job whose document was closed', async () => {
    const storage = memory();
    const jobs = new InterruptedJobs(storage);
    await jobs.track(uri, session(true));
    await jobs.forget(uri);
    assert.equal(new InterruptedJobs(storage).of(uri), undefined);
  });

  it('notes nothing once the window goes, when jobs end because of it', async () => {
    const storage = memory();
    const jobs = new InterruptedJobs(storage);
    await jobs.track(uri, session(true));
    jobs.freeze();
    await jobs.forget(uri);
    assert.deepEqual(new InterruptedJobs(storage).of(uri), { name: 'data.csv' });
  });
});
