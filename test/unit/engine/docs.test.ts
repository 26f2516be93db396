import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { format } from 'node:util';

const page = 'docs/engine.md';

const importStatement = /^import .*?;$/gms;

interface Block {
  code: string;
  /** What the page says that the code prints. */
  printed: string;
}

/** A page's blocks of TypeScript, each with the block of text that follows it. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const [, language, body = ''] of text.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    if (language === 'ts') blocks.push({ code: body, printed: '' });
    else if (language === 'text') blocks.at(-1)!.printed += body;
  }
  return blocks;
}

/** Runs blocks as one module, whose imports are those of a file beside the page, and answers with what each printed. */
async function run(blocks: readonly Block[]): Promise<string[]> {
  const printed = blocks.map(() => '');
  let current = 0;
  const program = {
    begin: (block: number): void => void (current = block),
    print: (...values: unknown[]): void => void (printed[current] = `${printed[current]!}${format(...values)}\n`),
  };
  const imports = blocks.flatMap(({ code }) => code.match(importStatement) ?? []);
  const body = blocks.map(({ code }, i) => `begin(${i});\n${code.replace(importStatement, '')}`);
  const contents = `${imports.join('\n')}
export async function run({ begin, print }) {
const console = { log: print };
${body.join('\n')}
}`;
  // Within dist/, where the packages that a bundle leaves out are found.
  const folder = mkdtempSync(resolve('dist', 'page-'));
  try {
    const outfile = join(folder, 'page.cjs');
    await build({
      stdin: { contents, resolveDir: resolve('docs'), sourcefile: 'engine.md', loader: 'ts' },
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      outfile,
    });
    const module = createRequire(outfile)(outfile) as { run: (given: typeof program) => Promise<void> };
    await module.run(program);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return printed;
}

describe('the page about the engine', () => {
  it('shows programs that run and print what it says', async () => {
    const blocks = blocksOf(readFileSync(page, 'utf8'));
    assert.ok(blocks.filter(({ printed }) => printed).length >= 10, 'few blocks of the page print anything');
    const printed = await run(blocks);
    assert.deepEqual(
      blocks.map(({ code }, i) => ({ code, printed: printed[i] })),
      blocks,
    );
  });
});
