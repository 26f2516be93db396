import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrowsOf, pageOf, reduced, sources } from '../../../scripts/architecture.mjs';
import { stalePages } from '../../../scripts/pages.mjs';
import { repository } from '../../support/repository';
import { pathsIn } from '../../support/paths-in';

const textOf = (page: string): string => readFileSync(join(repository, page), 'utf8');
const arrow = (from: string, to: string, types = false) => ({ from: `src/${from}`, to: `src/${to}`, types });

describe('the picture of the architecture', () => {
  it('is the one that the imports make', async () => {
    assert.deepEqual(await stalePages(), [], 'run `npm run format`');
    assert.match(textOf('docs/architecture.md'), /```mermaid\nflowchart TD\n/);
  });

  it('has an arrow for an import, dotted where it names types alone', () => {
    const invented = (code: string) => arrowsOf(new Map([['src/data/new.ts', code]]));
    assert.deepEqual(invented("import { matrix } from '../engine';"), [arrow('data', 'engine')]);
    assert.deepEqual(invented("export * from '../engine';"), [arrow('data', 'engine')]);
    assert.deepEqual(invented("const { run } = await import('../worker/main');"), [arrow('data', 'worker')]);
    for (const code of [
      "import type { Node } from '../engine';",
      "import { type Node, type Operand } from '../engine';",
      "export type { Node } from '../engine';",
      "let node: import('../engine').Node;",
    ]) {
      assert.deepEqual(invented(code), [arrow('data', 'engine', true)], code);
    }
    assert.deepEqual(invented("import { readTable } from './csv';\nimport { join } from 'node:path';"), []);
  });

  it('shows what is new, on the page as well', () => {
    const files = sources();
    const before = pageOf(arrowsOf(files));
    files.set('src/memory/new.ts', "import { readTable } from '../data/csv';");
    const after = pageOf(arrowsOf(files));
    assert.ok(!before.includes('memory --> data'));
    assert.ok(after.includes('  memory --> data\n'));
  });

  it('leaves out an arrow only where a way of its kind leads to the same place', () => {
    const [long, way] = [arrow('c', 'a'), [arrow('b', 'a'), arrow('c', 'b')]];
    assert.deepEqual(reduced([...way, long]), way);
    const ofTypes = [arrow('b', 'a'), arrow('c', 'b', true)];
    assert.deepEqual(reduced([...ofTypes, long]), [...ofTypes, long]);
    assert.deepEqual(reduced([...ofTypes, arrow('c', 'a', true)]), ofTypes);
  });

  it('names only files that there are', () => {
    const named = pathsIn(textOf('docs/architecture.md'));
    assert.ok(named.length > 40, 'the way of a cell names files');
    assert.deepEqual(
      named.filter((path) => !existsSync(join(repository, path)) && !existsSync(join(repository, `${path}.ts`))),
      [],
    );
  });
});
