// The lint rule that keeps names from leading out of their folder: what is joined to a folder is written out, or goes
// through the modules that look at it, `src/editor/places` for addresses and `src/untrusted/names` for paths.

/** Functions of `node:path` that follow the `..` of what they are given. */
const joining = new Set(['join', 'resolve']);

/** @type {import('eslint').Rule.RuleModule} */
export const writtenPaths = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      address:
        'A name that is not written here may lead out of the folder: use fileIn or placeIn of src/editor/places.',
      path: 'A name that is not written here may lead out of the folder: use pathIn of src/untrusted/names.',
    },
  },
  create(context) {
    /** Names of functions and of modules of `node:path` in this file. @type {Set<string>} */
    const functions = new Set();
    /** @type {Set<string>} */
    const modules = new Set();

    return {
      ImportDeclaration(node) {
        if (!/^(node:)?path(\/(posix|win32))?$/.test(String(node.source.value))) return;
        for (const specifier of node.specifiers) {
          if (specifier.type !== 'ImportSpecifier') {
            modules.add(specifier.local.name);
            continue;
          }
          const name = String('name' in specifier.imported ? specifier.imported.name : specifier.imported.value);
          if (joining.has(name)) functions.add(specifier.local.name);
          if (name === 'posix' || name === 'win32' || name === 'default') modules.add(specifier.local.name);
        }
      },
      CallExpression(/** @type {any} */ node) {
        const { callee, arguments: given } = node;
        const names = given.slice(1);
        if (given.some((/** @type {any} */ argument) => argument.type === 'SpreadElement')) names.push(...given);
        if (names.every(isWritten)) return;
        if (callee.type === 'MemberExpression' && memberName(callee) === 'joinPath') {
          context.report({ node, messageId: 'address' });
        } else if (joins(callee, functions, modules)) {
          context.report({ node, messageId: 'path' });
        }
      },
    };
  },
};

/**
 * @param {any} callee
 * @param {Set<string>} functions
 * @param {Set<string>} modules
 * @returns {boolean}
 */
function joins(callee, functions, modules) {
  if (callee.type === 'Identifier') return functions.has(callee.name);
  return callee.type === 'MemberExpression' && joining.has(memberName(callee)) && isModule(callee.object, modules);
}

/**
 * `path`, `path.posix`, `path.win32`.
 * @param {any} node
 * @param {Set<string>} modules
 * @returns {boolean}
 */
function isModule(node, modules) {
  if (node.type === 'Identifier') return modules.has(node.name);
  return node.type === 'MemberExpression' && isModule(node.object, modules);
}

/** @param {any} node a member expression @returns {string} */
function memberName(node) {
  return String(node.computed ? node.property.value : node.property.name);
}

/** Whether an argument is text as it stands in the code. @param {any} node @returns {boolean} */
function isWritten(node) {
  return (
    (node.type === 'Literal' && typeof node.value === 'string') ||
    (node.type === 'TemplateLiteral' && node.expressions.length === 0)
  );
}
