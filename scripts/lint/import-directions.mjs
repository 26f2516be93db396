// The lint rule that holds the rooms of the project apart: which folder may import which. An import that only names
// types disappears in the build, so a room may know more types than values.
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * @typedef {object} Room
 * @property {string} files a path from the project's root; everything at or below it, and FILE.ts for FILE, belongs here
 * @property {readonly string[]} may what it may import; its own room always
 * @property {readonly string[]} [mayNameTypesOf] what it may import types from besides
 */

/** What can be asked of a factorization, as plain data and lists of names: it needs no engine, and every room knows it. */
const vocabulary = [
  'src/factorization/model',
  'src/factorization/constraints',
  'src/factorization/entry-names',
  'src/factorization/preparation/kinds',
  'src/factorization/presets',
  'src/factorization/result-limits',
  'src/factorization/starts/kinds',
  'src/factorization/text-options',
  'src/factorization/topics',
  'src/factorization/use/kinds',
  'src/factorization/devices',
];

const host = {
  may: [
    ...vocabulary,
    'src/api',
    'src/commands',
    'src/editor',
    'src/untrusted',
    'src/inspector',
    'src/worker-host',
    'src/worker/client',
    'src/worker/errors',
    'src/worker/read-result',
    'src/protocol',
    'src/data/extensions',
    'src/data/factors-file',
    'src/data/factors-csv',
    'src/data/description/settings',
    'src/data/read-again',
    'src/data/use-files',
    'src/files',
  ],
  mayNameTypesOf: ['src/data', 'src/factorization', 'src/worker'],
};

const workerHost = {
  may: [
    'src/worker/process',
    'src/worker/fork',
    'src/worker/environment',
    'src/worker/errors',
    'src/worker/output',
    'src/worker/queue',
    'src/protocol',
  ],
  mayNameTypesOf: ['src/data', 'src/factorization'],
};

/**
 * The first room that a file belongs to counts.
 * @type {readonly Room[]}
 */
export const rooms = [
  // Text and names from strangers made harmless: it needs nothing, and whoever shows or writes something needs it.
  { files: 'src/untrusted', may: [] },
  { files: 'src/engine', may: [] },
  // Names, places and writing of files, for the editor and the command line alike.
  { files: 'src/files', may: [] },
  // What memory there is, and how one hears that it ran out.
  { files: 'src/memory', may: [] },
  {
    files: 'src/factorization',
    may: ['src/engine', 'src/memory'],
    mayNameTypesOf: ['src/data/dataset', 'src/protocol'],
  },
  {
    files: 'src/data',
    may: ['src/files', ...vocabulary, 'src/untrusted', 'src/memory'],
    mayNameTypesOf: ['src/factorization', 'src/protocol'],
  },
  { files: 'src/protocol', may: [], mayNameTypesOf: ['src/data', 'src/factorization'] },
  // The host's side of the worker room stands apart from the process that computes.
  { files: 'src/worker/client', ...workerHost },
  { files: 'src/worker/process', ...workerHost },
  { files: 'src/worker/read-result', ...workerHost },
  { files: 'src/worker/queue', ...workerHost },
  { files: 'src/worker/fork', ...workerHost },
  {
    files: 'src/worker',
    may: ['src/engine', 'src/factorization', 'src/data', 'src/memory', 'src/protocol'],
  },
  { files: 'src/editor', may: ['src/untrusted', 'src/protocol/editor-words'] },
  { files: 'src/commands', ...host },
  { files: 'src/inspector', ...host },
  { files: 'src/worker-host', ...host },
  { files: 'src/api', ...host },
  { files: 'src/extension', ...host },
  {
    files: 'src/cli',
    may: [
      'src/worker/client',
      'src/worker/fork',
      'src/worker/errors',
      'src/protocol',
      'src/untrusted',
      'src/data/factors-file',
      'src/data/read-factors',
      'src/data/factors-csv',
      'src/data/use-files',
      'src/files',
      ...vocabulary,
      'src/factorization/report',
    ],
    mayNameTypesOf: ['src/data', 'src/factorization', 'src/worker'],
  },
  { files: 'webview', may: ['src/protocol', 'src/untrusted/text'], mayNameTypesOf: ['src/factorization', 'src/data'] },
];

/** @type {import('eslint').Rule.RuleModule} */
export const importDirections = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { root: { type: 'string' } }, required: ['root'] }],
    messages: {
      direction: '{{from}} may not import {{to}}: imports point one way (see scripts/lint/import-directions.mjs).',
      typesOnly: '{{from}} may import only types of {{to}}; write `import type`.',
    },
  },
  create(context) {
    const { root } = /** @type {{ root: string }} */ (context.options[0]);
    const file = context.filename;
    const from = rooms.find((room) => belongs(pathFrom(root, file), room.files));
    if (from === undefined) return {};

    /**
     * @param {import('estree').Node} node
     * @param {unknown} source what is imported, if it is known
     * @param {boolean} onlyTypes
     */
    const check = (node, source, onlyTypes) => {
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const to = pathFrom(root, resolve(dirname(file), source));
      if (!to.startsWith('src/') && !to.startsWith('webview/')) {
        // package.json and the like are no room; the tests and tools are none that a product may stand on.
        if (!/^(test|bench|scripts)\//.test(to)) return;
      } else {
        if ([from.files, ...from.may].some((room) => belongs(to, room))) return;
        if ((from.mayNameTypesOf ?? []).some((room) => belongs(to, room))) {
          if (!onlyTypes) context.report({ node, messageId: 'typesOnly', data: { from: from.files, to } });
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
function belongs(path, room) {
  return path === room || path.startsWith(`${room}/`) || path.replace(/\.[cm]?[jt]s$/, '') === room;
}

/**
 * @param {string} root
 * @param {string} path
 */
function pathFrom(root, path) {
  return relative(root, path).split(sep).join('/');
}
