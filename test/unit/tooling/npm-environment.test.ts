import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentWithoutNpm, npmEntry, npmOptions } from '../../../scripts/setup/npm.mjs';

/** What an npm hands to the scripts that it runs, written as each of npm 10 and 11 writes it. */
const outer = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  npm_config_user_agent: 'npm/11.19.1 node/v20.20.2 linux x64 workspaces/false',
  npm_config_ignore_scripts: 'true',
  npm_config_nodedir: '/usr',
  npm_package_name: 'factorlens',
  npm_lifecycle_event: 'test',
  npm_node_execpath: '/usr/bin/node',
  NPM_CONFIG_LOGLEVEL: 'silent',
  npm_execpath: '/usr/lib/node_modules/npm/bin/npm-cli.js',
};

describe('The environment of an npm within an npm', () => {
  it('has no variable of the outer one', () => {
    const environment = environmentWithoutNpm({}, outer);
    assert.deepEqual(environment, { PATH: outer.PATH, HOME: outer.HOME });
  });

  it('has what is added to it', () => {
    const environment = environmentWithoutNpm({ npm_config_nodedir: '/headers' }, outer);
    assert.deepEqual(environment, { PATH: outer.PATH, HOME: outer.HOME, npm_config_nodedir: '/headers' });
  });

  it('leaves a registry that was named in the environment alone to the command', () => {
    assert.deepEqual(npmOptions(outer), []);
    assert.deepEqual(npmOptions({ NPM_CONFIG_REGISTRY: 'https://packages.example/' }), [
      '--registry=https://packages.example/',
    ]);
  });

  it('lets an installer see the Node.js that runs it, not the outer one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'factorlens-npm-'));
    try {
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name: 'inner', scripts: { agent: 'node -p process.env.npm_config_user_agent' } }),
      );
      const { stdout, stderr } = spawnSync(process.execPath, [npmEntry(), 'run', '--silent', 'agent'], {
        cwd: folder,
        env: environmentWithoutNpm({}, { ...outer, npm_config_user_agent: 'npm/1.0.0 node/v0.1.2' }),
        encoding: 'utf8',
      });
      assert.match(stdout, new RegExp(`node/${process.version} `), stderr);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
