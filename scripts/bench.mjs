// `npm run bench [-- engine | factorization …]`: compiles the benchmarks of bench/ and runs one, the engine's by default.
import './setup/node-version.mjs';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './setup/build.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { root } from './setup/places.mjs';

const names = readdirSync(join(root, 'bench')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
const [name = 'engine', ...rest] = process.argv.slice(2);
if (names.includes(name)) {
  await ensureNodePackages();
  // Images are decoded by a thread that the build has made.
  await ensureBuild();
  const { build } = await import('esbuild');
  await build({
    entryPoints: [join(root, 'bench', `${name}.ts`)],
    outdir: join(root, 'dist', 'bench'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    sourcemap: true,
    logLevel: 'warning',
  });
  const { status } = spawnSync(process.execPath, [join(root, 'dist', 'bench', `${name}.js`), ...rest], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.error(`There is no benchmark ${name}. There are ${names.join(' and ')}.`);
  process.exitCode = 2;
}
