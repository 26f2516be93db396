// `npm test`: sets up what is missing, then runs every check. `npm test -- PART … [--grep PATTERN]` runs some of them.
// The last line is always "N passed, N failed"; a check that could not run has failed.
import './setup/node-version.mjs';
import { existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, closeSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { ensureEditor } from './setup/editor.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { ensureSystemPackages, requirements } from './setup/system-packages.mjs';

/** @typedef {{ passed: number, pending: number, failures: { title: string, message: string }[] }} Results */

const minutes = 60_000;
const partNames = /** @type {const} */ ([
  'lint',
  'format',
  'types',
  'build',
  'unit',
  'fuzz',
  'page',
  'extension',
  'editor',
]);
/** The parts that run tests, and their folders of test/. */
const suites = /** @type {const} */ ({
  unit: 'unit',
  fuzz: 'fuzz',
  page: join('ui', 'page'),
  extension: 'extension',
  editor: join('ui', 'editor'),
});

const { values, positionals } = parseArgs({
  options: { grep: { type: 'string' } },
  allowPositionals: true,
});
/** @type {Set<string>} */
const chosen = new Set(
  positionals.length > 0 ? positionals : values.grep === undefined ? partNames : Object.keys(suites),
);
// The suites run what is built.
if ([...chosen].some((name) => name in suites)) chosen.add('build');
const scratch = mkdtempSync(join(tmpdir(), 'factorlens-tests-'));
/** @type {Results} */
const total = { passed: 0, pending: 0, failures: [] };

/** @type {Record<typeof partNames[number], () => Promise<void>>} */
const parts = {
  lint: () => tool('eslint', ['eslint/bin/eslint.js', '.', '--max-warnings=0']),
  format: async () => {
    const { stalePages } = await import('./pages.mjs');
    await check('pages made of the code', async () => {
      const stale = await stalePages();
      if (stale.length > 0) throw new Error(`${stale.join(', ')}: not what the code says; run npm run format.`);
    });
    await tool('prettier', ['prettier/bin/prettier.cjs', '--check', '.']);
  },
  types: async () => {
    await tool('tsc', ['typescript/bin/tsc', '--noEmit']);
    await tool('tsc -p webview', ['typescript/bin/tsc', '--noEmit', '-p', 'webview/tsconfig.json']);
  },
  build: async () => {
    await check('build', build);
    await check('build of the tests', async () => {
      const { buildTests } = await import('./build-tests.mjs');
      const folders = Object.entries(suites).flatMap(([name, folder]) => (chosen.has(name) ? [folder] : []));
      await buildTests(folders.length > 0 ? folders : Object.values(suites));
    });
  },
  unit: async () => {
    await ensureSystemPackages([...requirements.numpy, ...requirements.swiftshader]);
    await mochaInShares('unit', 40 * minutes);
  },
  fuzz: async () => {
    // Readers are told by the clock how long to go on, so that several processes may share them.
    const given = process.env.FACTORLENS_FUZZ_SECONDS ?? (process.env.CI ? '60' : '3');
    // A change is judged by the same files as the one before it; whoever looks for new faults draws other files.
    const seed = process.env.FACTORLENS_FUZZ_SEED ?? (process.env.CI ? '639166837' : undefined);
    const shares = 4;
    const share = (/** @type {number} */ place) =>
      mocha('fuzz', 60 * minutes, [], {
        results: `fuzz-${place}`,
        env: {
          FACTORLENS_FUZZ_SECONDS: given,
          FACTORLENS_FUZZ_SHARE: `${place}/${shares}`,
          ...(seed !== undefined && { FACTORLENS_FUZZ_SEED: seed }),
        },
      });
    await Promise.all(Array.from({ length: shares }, (_, place) => share(place)));
  },
  page: async () => {
    await ensureSystemPackages(requirements.chromium);
    await mocha('page', 20 * minutes, ['--timeout', '60000']);
  },
  extension: async () => {
    const { runExtensionTests } = await import('./extension-tests.mjs');
    const results = join(scratch, 'extension.json');
    const report = join(scratch, 'extension.log');
    const follow = follower(report);
    const environment = {
      FACTORLENS_RESULTS: results,
      FACTORLENS_REPORT: report,
      ...(values.grep === undefined ? {} : { FACTORLENS_GREP: values.grep }),
    };
    const timer = setInterval(follow, 300);
    try {
      await runExtensionTests({
        environment,
        isDone: () => existsSync(results),
        say: (message) => print(`  ${message}`),
      });
    } finally {
      clearInterval(timer);
      follow();
    }
    count('extension', results);
  },
  editor: async () => {
    await ensureSystemPackages([...requirements.chromium, ...requirements.numpy]);
    await ensureEditor();
    await mocha('editor', 30 * minutes, ['--timeout', '180000']);
  },
};

async function main() {
  const unknown = positionals.find((name) => !(/** @type {readonly string[]} */ (partNames).includes(name)));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}. The parts are ${partNames.join(', ')}.`);
  await ensureNodePackages();
  for (const name of partNames) {
    if (!chosen.has(name)) continue;
    const started = Date.now();
    print(`\n== ${name}`);
    try {
      await parts[name]();
    } catch (error) {
      fail(`${name} could not run`, error);
    }
    print(`== ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
}

/**
 * A check that passes or fails as a whole.
 * @param {string} title
 * @param {() => Promise<void>} body
 */
async function check(title, body) {
  try {
    await body();
    total.passed += 1;
    print(`  ✔ ${title}`);
  } catch (error) {
    fail(title, error);
  }
}

/**
 * @param {string} title
 * @param {readonly [string, ...string[]]} command a program of node_modules and its arguments
 */
function tool(title, [program, ...args]) {
  return check(title, async () => {
    const code = await run(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: root,
      timeoutMs: 10 * minutes,
      output: 'stdout',
    });
    if (code !== 0) throw new Error(`ended with exit code ${code}; its messages are above`);
  });
}

/**
 * @param {keyof typeof suites} name
 * @param {number} timeoutMs of the whole suite
 * @param {readonly string[]} options
 * @param {{ results?: string, files?: string[], output?: number, env?: NodeJS.ProcessEnv }} [own] of one of several
 *   processes that share a suite
 */
async function mocha(name, timeoutMs, options, own = {}) {
  const files = own.files ?? (await testFiles(name));
  const results = join(scratch, `${own.results ?? name}.json`);
  const grep = values.grep === undefined ? [] : ['--grep', values.grep];
  const program = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  // In one process: one that mocha starts for its own options would outlive a suite that is stopped.
  const code = await run(process.execPath, ['--enable-source-maps', program, ...options, ...grep, ...files], {
    cwd: root,
    env: { ...process.env, ...own.env, FACTORLENS_RESULTS: results },
    timeoutMs,
    output: own.output ?? 'stdout',
  });
  const { failures } = count(name, results);
  if (code !== 0 && failures.length === 0) throw new Error(`mocha ended with exit code ${code}.`);
}

/**
 * @param {keyof typeof suites} name
 * @returns {Promise<string[]>} the compiled files of a suite
 */
async function testFiles(name) {
  const { compiledTests } = await import('./build-tests.mjs');
  const files = compiledTests(suites[name]);
  if (files.length === 0) throw new Error(`test/${suites[name]} has no tests.`);
  return files;
}

/** Files of a suite that one process takes at a time: few, so that processes end together, and enough for its start to pay. */
const filesOfShare = 4;

/**
 * The files of a suite in shares, those of the longest texts first: what takes long is not begun last.
 * @param {readonly string[]} files
 */
function sharesOf(files) {
  const { compiled, source } = { compiled: join(root, 'dist', 'test'), source: join(root, 'test') };
  /** @param {string} file */
  const size = (file) => statSync(join(source, relative(compiled, file)).replace(/\.js$/, '.ts')).size;
  const sorted = files.toSorted((a, b) => size(b) - size(a));
  return Array.from({ length: Math.ceil(files.length / filesOfShare) }, (_, place) =>
    // As they stand in the folders: what reads tables comes before what loads ONNX Runtime, which rounds tiny numbers to 0.
    sorted.slice(place * filesOfShare, (place + 1) * filesOfShare).sort(),
  );
}

/**
 * Runs a suite in as many processes as there are processors, each with some of its files; what one prints comes in one piece.
 * @param {keyof typeof suites} name
 * @param {number} timeoutMs of each share
 */
async function mochaInShares(name, timeoutMs) {
  const files = await testFiles(name);
  const shares = sharesOf(files);
  const waiting = shares.entries();
  const work = async () => {
    for (const [place, share] of waiting) {
      const log = join(scratch, `${name}-${place}.log`);
      const output = openSync(log, 'w');
      try {
        await mocha(name, timeoutMs, [], { results: `${name}-${place}`, files: share, output });
      } catch (error) {
        fail(`${name}, ${share.map((file) => basename(file)).join(', ')}`, error);
      } finally {
        closeSync(output);
        process.stdout.write(readFileSync(log));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), shares.length) }, work));
}

/**
 * Adds a suite's counts to the total.
 * @param {string} name
 * @param {string} file
 * @returns {Results}
 */
function count(name, file) {
  if (!existsSync(file)) throw new Error('the suite ended without a report of its results.');
  /** @type {Results} */
  const results = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += results.passed;
  for (const failure of results.failures) {
    total.failures.push({ title: `${name}: ${failure.title}`, message: failure.message });
  }
  // A skipped test is one that nobody sees failing.
  if (results.pending > 0) fail(name, new Error(`${results.pending} of its tests are skipped.`));
  if (results.passed + results.failures.length === 0 && values.grep === undefined) {
    throw new Error('the suite ran no test.');
  }
  return results;
}

/**
 * @param {string} title
 * @param {unknown} error
 */
function fail(title, error) {
  const message = error instanceof Error ? error.message : String(error);
  total.failures.push({ title, message });
  print(`  ✘ ${title}: ${message}`);
}

/**
 * @param {string} file that may not exist yet
 * @returns {() => void} prints what has been added to it since the last call
 */
function follower(file) {
  let position = 0;
  return () => {
    if (!existsSync(file)) return;
    const size = statSync(file).size;
    const buffer = Buffer.alloc(size - position);
    const descriptor = openSync(file, 'r');
    readSync(descriptor, buffer, 0, buffer.length, position);
    closeSync(descriptor);
    position = size;
    process.stdout.write(buffer);
  };
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (error) {
  fail('set-up', error);
}
rmSync(scratch, { recursive: true, force: true });
if (values.grep !== undefined && total.passed + total.failures.length === 0) {
  fail('selection', new Error(`no test matches ${values.grep}.`));
}
if (total.failures.length > 0) {
  print('\nFailed:');
  for (const { title, message } of total.failures) print(`  ${title}: ${message.split('\n')[0]}`);
}
print(`\n${total.passed} passed, ${total.failures.length} failed`);
process.exitCode = total.failures.length > 0 ? 1 : 0;
