// `npm test`: sets up what is missing, then runs every check. `npm test -- PART … [--grep PATTERN]` runs some of them.
// The last line is always "N passed, N failed"; a check that could not run has failed.
import './setup/node-version.mjs';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { heldTo, inLanes } from './lanes.mjs';
import { build } from './setup/build.mjs';
import { ensureEditor } from './setup/editor.mjs';
import { ensureNodePackages } from './setup/node-packages.mjs';
import { root } from './setup/places.mjs';
import { run } from './setup/run.mjs';
import { ensureSystemPackages, requirements } from './setup/system-packages.mjs';

/** @typedef {{ passed: number, pending: number, failures: { title: string, message: string }[] }} Results */
/**
 * Where a task may run, and the open file that takes all that it prints.
 * @typedef {{ lane: number, output: number }} Place
 */
/**
 * A piece of a part that can be done beside others; one that `waits` for a browser leaves processors to others.
 * @typedef {{ what?: string, waits?: boolean, work: (place: Place) => Promise<void> }} Task
 */

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

/** What is done beside each other, in the order of what takes longest, so that lanes end together. */
const stages = /** @type {const} */ ([
  ['build'],
  ['editor', 'page', 'extension', 'unit', 'lint', 'types', 'format'],
  ['fuzz'],
]);

/** @type {Record<typeof partNames[number], () => Promise<Task[]>>} */
const parts = {
  lint: async () => [{ work: (place) => tool(place, 'eslint', ['eslint/bin/eslint.js', '.', '--max-warnings=0']) }],
  format: async () => [
    {
      work: async (place) => {
        const { stalePages } = await import('./pages.mjs');
        await check(place, 'pages made of the code', async () => {
          const stale = await stalePages();
          if (stale.length > 0) throw new Error(`${stale.join(', ')}: not what the code says; run npm run format.`);
        });
        await tool(place, 'prettier', ['prettier/bin/prettier.cjs', '--check', '.']);
      },
    },
  ],
  types: async () => [
    {
      work: async (place) => {
        await tool(place, 'tsc', ['typescript/bin/tsc', '--noEmit']);
        await tool(place, 'tsc -p webview', ['typescript/bin/tsc', '--noEmit', '-p', 'webview/tsconfig.json']);
      },
    },
  ],
  build: async () => [
    {
      work: async (place) => {
        await check(place, 'build', build);
        await check(place, 'build of the tests', async () => {
          const { buildTests } = await import('./build-tests.mjs');
          const folders = Object.entries(suites).flatMap(([name, folder]) => (chosen.has(name) ? [folder] : []));
          await buildTests(folders.length > 0 ? folders : Object.values(suites));
        });
      },
    },
  ],
  unit: async () => {
    await ensureSystemPackages([...requirements.numpy, ...requirements.swiftshader]);
    return sharesOf(await testFiles('unit'), 4).map((files) => ({
      what: namesOf(files),
      work: (place) => mocha('unit', 40 * minutes, [], { ...place, files, held: true }),
    }));
  },
  fuzz: async () => {
    // Readers are told by the clock how long to go on, so that several processes may share them.
    const given = process.env.FACTORLENS_FUZZ_SECONDS ?? (process.env.CI ? '60' : '3');
    // A change is judged by the same files as the one before it; whoever looks for new faults draws other files.
    const seed = process.env.FACTORLENS_FUZZ_SEED ?? (process.env.CI ? '639166837' : undefined);
    const shares = 4;
    const share = (/** @type {Place} */ place, /** @type {number} */ number) =>
      mocha('fuzz', 60 * minutes, [], {
        ...place,
        env: {
          FACTORLENS_FUZZ_SECONDS: given,
          FACTORLENS_FUZZ_SHARE: `${number}/${shares}`,
          ...(seed !== undefined && { FACTORLENS_FUZZ_SEED: seed }),
        },
      });
    return [
      {
        work: async (place) => {
          await Promise.all(Array.from({ length: shares }, (_, number) => share(place, number)));
        },
      },
    ];
  },
  page: async () => {
    await ensureSystemPackages(requirements.chromium);
    return [{ waits: true, work: (place) => mocha('page', 20 * minutes, ['--timeout', '60000'], place) }];
  },
  extension: async () => {
    await ensureSystemPackages(requirements.chromium);
    return [{ waits: true, work: extensionTests }];
  },
  editor: async () => {
    await ensureSystemPackages([...requirements.chromium, ...requirements.numpy]);
    await ensureEditor();
    return sharesOf(await testFiles('editor'), 1).map((files) => ({
      what: namesOf(files),
      waits: true,
      work: (place) => mocha('editor', 30 * minutes, ['--timeout', '180000'], { ...place, files }),
    }));
  },
};

async function main() {
  const unknown = positionals.find((name) => !(/** @type {readonly string[]} */ (partNames).includes(name)));
  if (unknown !== undefined) throw new Error(`There is no part ${unknown}. The parts are ${partNames.join(', ')}.`);
  await ensureNodePackages();
  for (const stage of stages) {
    const started = Date.now();
    const names = stage.filter((name) => chosen.has(name));
    if (names.length === 0) continue;
    print(`\n== ${names.join(', ')}`);
    /** @type {(Task & { part: string })[]} */
    const tasks = [];
    for (const part of names) {
      try {
        tasks.push(...(await parts[part]()).map((task) => ({ ...task, part })));
      } catch (error) {
        fail(`${part} could not run`, error);
      }
    }
    await inLanes(tasks, doTask);
    print(`== ${names.join(', ')}: ${secondsSince(started)} s`);
  }
}

/**
 * Does a task; what it printed then comes in one piece.
 * @param {Task & { part: string }} task
 * @param {number} lane
 */
async function doTask({ part, what, work }, lane) {
  const started = Date.now();
  const log = join(scratch, `log-${++logs}`);
  const output = openSync(log, 'w');
  try {
    await work({ lane, output });
  } catch (error) {
    fail(what === undefined ? part : `${part}, ${what}`, error, output);
  } finally {
    closeSync(output);
    print(`\n-- ${what === undefined ? part : `${part}: ${what}`} (${secondsSince(started)} s)`);
    process.stdout.write(readFileSync(log));
  }
}

let logs = 0;

/** @param {number} started in milliseconds */
const secondsSince = (started) => ((Date.now() - started) / 1000).toFixed(1);

/** @param {Place} place */
async function extensionTests({ output }) {
  const { runExtensionTests } = await import('./extension-tests.mjs');
  const results = join(scratch, 'extension.json');
  const report = join(scratch, 'extension.log');
  const environment = {
    FACTORLENS_RESULTS: results,
    FACTORLENS_REPORT: report,
    ...(values.grep === undefined ? {} : { FACTORLENS_GREP: values.grep }),
  };
  try {
    await runExtensionTests({
      environment,
      isDone: () => existsSync(results),
      say: (message) => print(`  ${message}`, output),
    });
  } finally {
    if (existsSync(report)) writeSync(output, readFileSync(report));
  }
  count('extension', results);
}

/**
 * A check that passes or fails as a whole.
 * @param {Place} place
 * @param {string} title
 * @param {() => Promise<void>} body
 */
async function check({ output }, title, body) {
  try {
    await body();
    total.passed += 1;
    print(`  ✔ ${title}`, output);
  } catch (error) {
    fail(title, error, output);
  }
}

/**
 * @param {Place} place
 * @param {string} title
 * @param {readonly [string, ...string[]]} command a program of node_modules and its arguments
 */
function tool(place, title, [program, ...args]) {
  return check(place, title, async () => {
    const code = await run(process.execPath, [join(root, 'node_modules', program), ...args], {
      cwd: root,
      timeoutMs: 10 * minutes,
      output: place.output,
    });
    if (code !== 0) throw new Error(`ended with exit code ${code}; its messages are above`);
  });
}

/**
 * @param {keyof typeof suites} name
 * @param {number} timeoutMs of the whole suite
 * @param {readonly string[]} options
 * @param {Place & { files?: readonly string[], held?: boolean, env?: NodeJS.ProcessEnv }} own `held` to the lane's processor
 */
async function mocha(name, timeoutMs, options, { lane, output, files, held = false, env }) {
  const results = join(scratch, `results-${++runs}.json`);
  const grep = values.grep === undefined ? [] : ['--grep', values.grep];
  const program = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  // In one process: one that mocha starts for its own options would outlive a suite that is stopped.
  const command = /** @type {const} */ ([
    process.execPath,
    '--enable-source-maps',
    program,
    ...options,
    ...grep,
    ...(files ?? (await testFiles(name))),
  ]);
  const [executable, ...args] = held ? heldTo(lane, command) : command;
  const code = await run(executable, args, {
    cwd: root,
    env: { ...process.env, ...env, FACTORLENS_RESULTS: results },
    timeoutMs,
    output,
  });
  const { failures } = count(name, results);
  if (code !== 0 && failures.length === 0) throw new Error(`mocha ended with exit code ${code}.`);
}

let runs = 0;

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

/**
 * The files of a suite in shares, those of the longest texts first: what takes long is not begun last.
 * @param {readonly string[]} files
 * @param {number} size how many of them one process takes: few, so that lanes end together, and enough for its start to pay
 * @returns {string[][]}
 */
function sharesOf(files, size) {
  const { compiled, source } = { compiled: join(root, 'dist', 'test'), source: join(root, 'test') };
  /** @param {string} file */
  const length = (file) => statSync(join(source, relative(compiled, file)).replace(/\.js$/, '.ts')).size;
  const sorted = files.toSorted((a, b) => length(b) - length(a));
  // What goes over the whole table of methods takes longest of all, however short its text.
  const long = sorted.filter((file) => basename(file).startsWith('invariants'));
  const others = sorted.filter((file) => !long.includes(file));
  const shares = Array.from({ length: Math.ceil(others.length / size) }, (_, place) =>
    // As they stand in the folders: what reads tables comes before what loads ONNX Runtime, which rounds tiny numbers to 0.
    others.slice(place * size, (place + 1) * size).sort(),
  );
  return [...long.map((file) => [file]), ...shares];
}

/** @param {readonly string[]} files */
const namesOf = (files) => files.map((file) => basename(file, '.test.js')).join(', ');

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
 * @param {number} [output]
 */
function fail(title, error, output) {
  const message = error instanceof Error ? error.message : String(error);
  total.failures.push({ title, message });
  print(`  ✘ ${title}: ${message}`, output);
}

/**
 * @param {string} line
 * @param {number} [output] an open file, standard output by default
 */
function print(line, output) {
  if (output === undefined) process.stdout.write(`${line}\n`);
  else writeSync(output, `${line}\n`);
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
