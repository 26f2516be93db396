// The lint rule that holds the rooms of the project apart: which folder may import which, from the ground up; that the
// engine has one door; and that no circle of files arises. An import that only names types disappears in the build, so a
// room may know more types than values, but never those of a room above it, and circles of types are circles.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';

/**
 * @typedef {object} Room
 * @property {string} files a path from the project's root; everything at or below it, and FILE.ts for FILE, belongs here
 * @property {string} [purpose] what it is for, in docs/architecture.md
 * @property {string} [drawnAs] the room whose box of the picture there stands for this one as well
 * @property {readonly string[]} may what it may import; its own room always
 * @property {readonly string[]} [mayNameTypesOf] what it may import types from besides
 */

/** What can be asked of a factorization, as plain data and lists of names: it needs no engine, and every room knows it. */
const vocabulary = ['src/model', 'src/data/text/options'];

const host = {
  may: [
    ...vocabulary,
    'src/editor',
    'src/untrusted',
    'src/worker/client',
    'src/worker/errors',
    'src/worker/read-result',
    'src/protocol',
    'src/wording',
    'src/data/reading-report',
    'src/data/extensions',
    'src/data/read-again',
    'src/results/npz',
    'src/results/csv',
    'src/results/use-files',
    'src/files',
  ],
  mayNameTypesOf: ['src/data', 'src/factorization', 'src/results', 'src/worker'],
};

const workerHost = {
  drawnAs: 'src/worker/client',
  may: [
    'src/memory/exhausted',
    'src/worker/process',
    'src/worker/fork',
    'src/worker/environment',
    'src/worker/errors',
    'src/worker/output',
    'src/worker/queue',
    'src/protocol',
  ],
  mayNameTypesOf: ['src/data', 'src/factorization', 'src/model'],
};

/**
 * From the ground up: a room stands on those before it. The first room that a file belongs to counts.
 * @type {readonly Room[]}
 */
export const rooms = [
  {
    files: 'src/untrusted',
    purpose:
      'Holds what comes from strangers to schemas, and makes text and names of theirs harmless to show and to write.',
    may: [],
  },
  { files: 'src/files', purpose: 'Names, places and writing of files, for the editor and the command line.', may: [] },
  { files: 'src/memory', purpose: 'What memory there is, and how one hears that it ran out.', may: [] },
  {
    files: 'src/engine',
    purpose:
      'Expressions, their derivatives, rewriting, and running them as ONNX graphs. Knows nothing of factorization.',
    may: [],
  },
  {
    files: 'src/model',
    purpose: 'The records of what can be asked for, as plain data with its words and ranges.',
    may: ['src/untrusted'],
  },
  {
    files: 'src/data',
    purpose: 'Reads tables, images, text and arrays as a dataset.',
    may: ['src/files', 'src/untrusted', 'src/memory'],
  },
  { files: 'src/devices', purpose: 'Which device computes: each is tried before it is trusted.', may: ['src/engine'] },
  {
    files: 'src/factorization',
    purpose: 'From a dataset and settings to factors and what is found out about them.',
    may: [
      'src/engine',
      'src/devices/choose',
      'src/data/entry-names',
      'src/data/reading-report',
      'src/memory',
      'src/model',
      'src/untrusted',
    ],
    mayNameTypesOf: ['src/data/dataset'],
  },
  {
    files: 'src/results',
    purpose: 'The result file, npz and CSV: written, read and checked.',
    may: ['src/data', 'src/untrusted', 'src/factorization/result', ...vocabulary],
    mayNameTypesOf: ['src/factorization'],
  },
  {
    files: 'src/protocol',
    purpose: 'The messages between processes and to the page, as types, and as schemas of what comes from the page.',
    may: ['src/model', 'src/untrusted'],
    mayNameTypesOf: ['src/data', 'src/factorization'],
  },
  {
    files: 'src/wording',
    purpose: 'What every face says alike: a duration, a number, an ending, each worded once.',
    may: [],
    mayNameTypesOf: ['src/data', 'src/factorization', 'src/model'],
  },
  // The host's side of the worker room stands apart from the process that computes.
  {
    files: 'src/worker/client',
    purpose: 'The host’s side of the worker: starts it, queues its jobs and hears from it. It loads no engine.',
    may: workerHost.may,
    mayNameTypesOf: workerHost.mayNameTypesOf,
  },
  { files: 'src/worker/process', ...workerHost },
  { files: 'src/worker/read-result', ...workerHost },
  { files: 'src/worker/queue', ...workerHost },
  { files: 'src/worker/fork', ...workerHost },
  { files: 'src/worker/environment', ...workerHost },
  { files: 'src/worker/errors', ...workerHost },
  { files: 'src/worker/output', ...workerHost },
  {
    files: 'src/worker',
    purpose: 'The process that reads, computes and answers.',
    may: [
      'src/engine',
      'src/devices',
      'src/factorization',
      'src/data',
      'src/results',
      'src/memory',
      'src/model',
      'src/protocol',
    ],
  },
  {
    files: 'src/editor',
    purpose: 'The doors to the editor: messages, questions, places of files.',
    may: ['src/untrusted', 'src/protocol/editor-words'],
  },
  {
    files: 'src/inspector',
    purpose: 'The document that shows a factorization, while it runs and from a file.',
    ...host,
  },
  {
    files: 'src/worker-host',
    purpose: 'The one worker of a window.',
    ...host,
    may: [...host.may, 'src/inspector'],
  },
  {
    files: 'src/commands',
    purpose: 'The commands, and what they ask before a run.',
    ...host,
    may: [...host.may, 'src/inspector'],
  },
  {
    files: 'src/api',
    purpose: 'What other extensions can call.',
    ...host,
    may: [...host.may, 'src/inspector', 'src/commands'],
  },
  {
    files: 'src/extension',
    purpose: 'Activation: puts the parts of the editor together.',
    ...host,
    may: [...host.may, 'src/inspector', 'src/worker-host', 'src/commands', 'src/api'],
  },
  {
    files: 'src/cli',
    purpose: 'The command line.',
    may: [
      'src/worker/client',
      'src/worker/fork',
      'src/worker/errors',
      'src/protocol',
      'src/wording',
      'src/untrusted',
      'src/results/npz',
      'src/results/read-factors',
      'src/results/csv',
      'src/results/use-files',
      'src/files',
      ...vocabulary,
    ],
    mayNameTypesOf: ['src/data', 'src/factorization', 'src/results', 'src/worker'],
  },
  {
    files: 'webview',
    purpose: 'The page of the inspector, which draws what it is sent.',
    may: ['src/protocol', 'src/wording', 'src/untrusted/text'],
    mayNameTypesOf: ['src/factorization', 'src/data', 'src/model'],
  },
];

/** The door of the engine, and who goes in and out past it. */
const engine = { files: 'src/engine', door: ['src/engine', 'src/engine/index'], insides: 'test/unit/engine' };

/** @type {import('eslint').Rule.RuleModule} */
export const importDirections = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { root: { type: 'string' } }, required: ['root'] }],
    messages: {
      direction: '{{from}} may not import {{to}}: imports point one way (see scripts/lint/import-directions.mjs).',
      typesOnly: '{{from}} may import only types of {{to}}; write `import type`.',
      door: '{{to}} is inside of the engine: import what src/engine/index.ts exports.',
      circle: 'a circle of files: {{way}}; move what both need, types as well, to a file that neither is.',
    },
  },
  create(context) {
    const { root } = /** @type {{ root: string }} */ (context.options[0]);
    const file = pathFrom(root, context.filename);
    const from = rooms.find((room) => belongs(file, room.files));
    const imports = importsOf(root);
    imports.forget(file);

    /**
     * @param {import('estree').Node} node
     * @param {unknown} source what is imported, if it is known
     * @param {boolean} onlyTypes
     */
    const check = (node, source, onlyTypes) => {
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const to = pathFrom(root, resolve(dirname(context.filename), source));
      const outside = !belongs(file, engine.files) && !belongs(file, engine.insides);
      if (outside && belongs(to, engine.files) && !engine.door.includes(to)) {
        context.report({ node, messageId: 'door', data: { to } });
        return;
      }
      if (from === undefined) return;
      if (!to.startsWith('src/') && !to.startsWith('webview/')) {
        // package.json and the like are no room; the tests and tools are none that a product may stand on.
        if (!/^(test|bench|scripts)\//.test(to)) return;
      } else {
        const may = [from.files, ...from.may].some((room) => belongs(to, room));
        if (may || (from.mayNameTypesOf ?? []).some((room) => belongs(to, room))) {
          if (!may && !onlyTypes) context.report({ node, messageId: 'typesOnly', data: { from: from.files, to } });
          const way = imports.wayBack(file, to);
          if (way !== undefined) context.report({ node, messageId: 'circle', data: { way: way.join(' → ') } });
          return;
        }
      }
      context.report({ node, messageId: 'direction', data: { from: from.files, to } });
    };

    return {
      ImportDeclaration: (node) => check(node, node.source.value, namesOnlyTypes(node)),
      ExportAllDeclaration: (node) => check(node, node.source.value, namesOnlyTypes(node)),
      ExportNamedDeclaration: (node) => check(node, node.source?.value, namesOnlyTypes(node)),
      ImportExpression: (node) => check(node, 'value' in node.source ? node.source.value : undefined, false),
      CallExpression(node) {
        const [first] = node.arguments;
        const requires = node.callee.type === 'Identifier' && node.callee.name === 'require';
        if (requires && first !== undefined && 'value' in first) check(node, first.value, false);
      },
      TSImportType(/** @type {any} */ node) {
        check(node, node.source?.value ?? node.argument?.literal?.value, true);
      },
    };
  },
};

/** @typedef {{ forget(file: string): void; wayBack(file: string, to: string): string[] | undefined }} Imports */

/** @type {Map<string, Imports>} */
const known = new Map();

/**
 * Which file imports which, types included, read when it is asked for; a file that is linted may have changed, and is
 * forgotten.
 * @param {string} root
 * @returns {Imports}
 */
function importsOf(root) {
  const before = known.get(root);
  if (before !== undefined) return before;
  /** @type {Map<string, readonly string[]>} */
  const imported = new Map();
  /** @param {string} path from the root, as it is imported */
  const fileAt = (path) =>
    [`${path}.ts`, `${path}.d.ts`, `${path}/index.ts`].find((name) => existsSync(join(root, name)));
  /** @param {string} file */
  const neighbours = (file) => {
    const already = imported.get(file);
    if (already !== undefined) return already;
    const found = ts
      .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((source) => source.startsWith('.'))
      .map((source) => fileAt(pathFrom(root, resolve(root, dirname(file), source))))
      .filter((to) => to !== undefined);
    imported.set(file, found);
    return found;
  };
  const imports = {
    /** @param {string} file */
    forget: (file) => void imported.delete(file),
    /**
     * The shortest way by which an imported file leads back, with the file at either end.
     * @param {string} file
     * @param {string} to
     */
    wayBack(file, to) {
      const first = fileAt(to);
      if (first === undefined) return undefined;
      /** @type {Map<string, string>} */
      const cameFrom = new Map([[first, file]]);
      // A map is walked through in the order in which it grows: breadth first.
      for (const [at] of cameFrom) {
        if (at === file) {
          const way = [file];
          for (let back = cameFrom.get(file) ?? file; back !== file; back = cameFrom.get(back) ?? file)
            way.unshift(back);
          return [file, ...way];
        }
        for (const next of neighbours(at)) if (!cameFrom.has(next)) cameFrom.set(next, at);
      }
      return undefined;
    },
  };
  known.set(root, imports);
  return imports;
}

/**
 * Whether a declaration leaves nothing behind in the build: `import type …`, or each name marked with `type`.
 * @param {any} node a node of the TypeScript parser, which has more than ESTree's type says
 */
function namesOnlyTypes(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const names = node.specifiers ?? [];
  return (
    names.length > 0 &&
    names.every((/** @type {any} */ name) => name.importKind === 'type' || name.exportKind === 'type')
  );
}

/**
 * @param {string} path from the root, with or without its extension
 * @param {string} room
 */
export function belongs(path, room) {
  return path === room || path.startsWith(`${room}/`) || path.replace(/\.[cm]?[jt]s$/, '') === room;
}

/**
 * @param {string} root
 * @param {string} path
 */
export function pathFrom(root, path) {
  return relative(root, path).split(sep).join('/');
}
