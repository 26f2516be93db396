// Builds the bundles: extension host, worker, its thread that decodes images, its processes that try devices and read results, command line and the inspector's page.
const esbuild = require('esbuild');

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  minify: production,
  sourcemap: !production,
  logLevel: 'info',
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // `vscode` is given by the host; the others load files that lie beside them.
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-web', 'wasm-vips'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...node, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { worker: 'src/worker/main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { 'result-reader': 'src/worker/reader-main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { 'image-decoder': 'src/data/images/decoder-main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { 'device-probe': 'src/devices/probe-main.ts' }, outdir: 'dist' },
  { ...node, entryPoints: { cli: 'src/cli.ts' }, outdir: 'dist', banner: { js: '#!/usr/bin/env node' } },
  {
    ...common,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    entryPoints: { inspector: 'webview/inspector.ts' },
    outdir: 'dist/webview',
  },
];

async function main() {
  if (!watch) {
    await Promise.all(bundles.map((options) => esbuild.build(options)));
    return;
  }
  const contexts = await Promise.all(bundles.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
}

module.exports = { bundles };

if (require.main === module) {
  main().catch((error) => {
    // esbuild has told its own errors already.
    if (!('errors' in error)) console.error(error);
    process.exit(1);
  });
}
