// The lint rule that keeps texts for the editor's own places on one way: VS Code makes a link of `[text](command:…)` and
// an icon of `$(name)` whoever wrote it, so what may hold a name from a file goes through `src/editor/`.

/** Members of `vscode.window` that show a text, and what stands in their place. */
const doors = new Map([
  ['showInformationMessage', 'showInformation of src/editor/messages'],
  ['showWarningMessage', 'showWarning or askWarning of src/editor/messages'],
  ['showErrorMessage', 'showError of src/editor/messages'],
  ['withProgress', 'withNotification of src/editor/messages'],
  ['setStatusBarMessage', 'StatusItem of src/editor/messages'],
  ['createStatusBarItem', 'StatusItem of src/editor/messages'],
  ['showOpenDialog', 'showOpenDialog of src/editor/messages'],
  ['showWorkspaceFolderPick', 'pickOne of src/editor/ask'],
  ['showSaveDialog', 'showSaveDialog of src/editor/messages'],
  ['createOutputChannel', 'createLog of src/editor/messages'],
  ['showQuickPick', 'pickOne or askOne of src/editor/ask'],
  ['createQuickPick', 'askOne of src/editor/ask'],
  ['showInputBox', 'askLine of src/editor/ask'],
  ['createInputBox', 'askText of src/editor/ask'],
  // The editor shows what a command throws.
  ['registerCommand', 'registerCommand of src/editor/messages'],
  ['registerTextEditorCommand', 'registerCommand of src/editor/messages'],
]);

/** Objects of the editor's API that have these members. */
const owners = new Set(['window', 'commands']);

/** @type {import('eslint').Rule.RuleModule} */
export const messageDoors = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      door: '`{{name}}` shows a text as it is, links and icons included: use {{instead}}.',
      unknown: 'Which member of `{{owner}}` this is cannot be seen: write its name.',
      named: 'An import of `vscode` keeps its name: write `import * as vscode from "vscode"`.',
    },
  },
  create(context) {
    /** Names that stand for the editor's API, or for one of the owners, in this file. @type {Set<string>} */
    const api = new Set();
    /** @type {Set<string>} */
    const aliases = new Set();

    /** @param {any} node an expression */
    const isOwner = (node) =>
      (node?.type === 'Identifier' && aliases.has(node.name)) ||
      (node?.type === 'MemberExpression' && isApi(node.object) && owners.has(nameOf(node) ?? ''));
    /** @param {any} node an expression */
    const isApi = (node) => node?.type === 'Identifier' && api.has(node.name);

    /**
     * @param {any} node
     * @param {string | undefined} name
     * @param {string} owner as it is written
     */
    const check = (node, name, owner) => {
      if (name === undefined) context.report({ node, messageId: 'unknown', data: { owner } });
      const instead = doors.get(name ?? '');
      if (instead !== undefined) context.report({ node, messageId: 'door', data: { name: name ?? '', instead } });
    };

    /**
     * What a pattern takes from the API or an owner.
     * @param {any} pattern
     * @param {any} from an expression
     */
    const takeApart = (pattern, from) => {
      if (pattern.type === 'Identifier') {
        if (isApi(from)) api.add(pattern.name);
        if (isOwner(from)) aliases.add(pattern.name);
        return;
      }
      if (pattern.type !== 'ObjectPattern') return;
      for (const property of pattern.properties) {
        if (property.type !== 'Property') continue;
        const name = nameOfKey(property);
        if (isOwner(from)) check(property, name, context.sourceCode.getText(from));
        if (!isApi(from) || !owners.has(name ?? '')) continue;
        if (property.value.type === 'Identifier') aliases.add(property.value.name);
        if (property.value.type !== 'ObjectPattern') continue;
        for (const inner of property.value.properties) {
          if (inner.type === 'Property') check(inner, nameOfKey(inner), name ?? '');
        }
      }
    };

    return {
      ImportDeclaration(node) {
        if (node.source.value !== 'vscode') return;
        for (const specifier of node.specifiers) {
          if (specifier.type === 'ImportSpecifier') {
            const name = 'name' in specifier.imported ? specifier.imported.name : specifier.imported.value;
            if (owners.has(String(name))) aliases.add(specifier.local.name);
          } else {
            api.add(specifier.local.name);
          }
        }
      },
      VariableDeclarator(/** @type {any} */ node) {
        if (node.init?.type === 'CallExpression' && isRequire(node.init) && node.id.type === 'Identifier') {
          api.add(node.id.name);
        }
        if (node.init) takeApart(node.id, node.init);
      },
      MemberExpression(node) {
        if (isOwner(node.object)) check(node.property, nameOf(node), context.sourceCode.getText(node.object));
      },
      ExportNamedDeclaration(node) {
        if (node.source?.value === 'vscode') context.report({ node, messageId: 'named' });
      },
    };
  },
};

/** The name of the member that is taken; undefined where it is not written. @param {any} node a member expression */
function nameOf(node) {
  if (!node.computed) return /** @type {string | undefined} */ (node.property.name);
  return literal(node.property);
}

/** @param {any} property of an object pattern */
function nameOfKey(property) {
  if (!property.computed && property.key.type === 'Identifier') return /** @type {string} */ (property.key.name);
  return literal(property.key);
}

/** @param {any} node @returns {string | undefined} */
function literal(node) {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/** @param {any} call */
function isRequire(call) {
  return call.callee.name === 'require' && literal(call.arguments[0] ?? {}) === 'vscode';
}
