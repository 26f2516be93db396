import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** The project's folder, wherever below it the bundled test lies. */
export const projectFolder = ((): string => {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) {
      throw new Error(`No package.json above ${__dirname}.`);
    }
    folder = dirname(folder);
  }
  return folder;
})();

/** Bundles entry points, named by their path in the project, as the build does; `outdir` then holds NAME.js for each. */
export async function bundle(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await build({
    absWorkingDir: projectFolder,
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode', 'onnxruntime-node', 'onnxruntime-web', 'wasm-vips'],
    logLevel: 'error',
  });
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'factorlens-test-'));
}
