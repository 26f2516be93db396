import assert from 'node:assert/strict';
import { isElsewhere, liesIn, type Place } from '../../../src/untrusted/places';

const file = (path: string, authority = ''): Place => ({ scheme: 'file', authority, path });

describe('places that a file names', () => {
  it('lie in a folder when their path does, whichever way it goes', () => {
    const folder = file('/home/me/work');
    for (const path of ['/home/me/work/x', '/home/me/work/a/b', '/home/me/work/a/../x', '/home/me/work/./x']) {
      assert.equal(liesIn(file(path), folder, false), true, path);
    }
    for (const path of [
      '/home/me/workshop/x',
      '/home/me/work/../x',
      '/home/me/work/a/../../x',
      '/home/me/work',
      '/home/me/work/',
      '/home/me/work/..',
      '/x',
    ]) {
      assert.equal(liesIn(file(path), folder, false), false, path);
    }
    assert.equal(liesIn(file('/x'), file('/'), false), true);
  });

  it('are apart where scheme or machine differ', () => {
    assert.equal(liesIn(file('/work/x', 'server'), file('/work'), false), false);
    assert.equal(liesIn({ scheme: 'http', authority: '', path: '/work/x' }, file('/work'), false), false);
    const remote = (authority: string, path: string): Place => ({ scheme: 'vscode-vfs', authority, path });
    assert.equal(liesIn(remote('github', '/a/x'), remote('github', '/a'), false), true);
    assert.equal(liesIn(remote('other', '/a/x'), remote('github', '/a'), false), false);
  });

  it('are compared as Windows does there', () => {
    assert.equal(liesIn(file('/C:/Work/x'), file('/c:/work'), true), true);
    assert.equal(liesIn(file('/c:/work/a\\..\\..\\x'), file('/c:/work'), true), false);
  });

  it('are elsewhere when they are not of this machine', () => {
    for (const scheme of ['http', 'https', 'vscode-remote', 'vscode-vfs', 'ssh', 'untitled']) {
      assert.equal(isElsewhere({ scheme, authority: '', path: '/x' }), true, scheme);
    }
    assert.equal(isElsewhere(file('/share/x', 'server')), true);
    assert.equal(isElsewhere(file('//server/share/x')), true);
    assert.equal(isElsewhere(file('/\\\\server\\share\\x'), true), true);
    assert.equal(isElsewhere(file('/\\\\?\\UNC\\server\\share'), true), true);
    assert.equal(isElsewhere(file('/c:/x'), true), false);
    assert.equal(isElsewhere(file('/home/me/x'), false), false);
  });
});
