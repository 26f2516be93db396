// Makes docs/architecture.md: a picture of the rooms and of who imports whom, from the imports themselves, put into the
// prose of scripts/architecture/page.md. `npm run format` writes it.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { belongs, pathFrom, rooms } from './lint/import-directions.mjs';
import { root } from './setup/places.mjs';

/** @typedef {{ from: string, to: string, types: boolean }} Arrow of a room to one that it imports, or of which it names types alone */

const page = join(root, 'scripts', 'architecture', 'page.md');

/** The boxes of the picture, from the ground up. */
const boxes = rooms.filter(({ drawnAs }) => drawnAs === undefined);

/** @returns {{ file: string, text: string }} the page as it should be, before Prettier */
export function architecturePage() {
  return { file: join(root, 'docs', 'architecture.md'), text: pageOf(arrowsOf(sources())) };
}

/**
 * The arrows between rooms that some files make.
 * @param {ReadonlyMap<string, string>} files their texts, by their paths from the root
 * @returns {Arrow[]} from the ground up
 */
export function arrowsOf(files) {
  /** @type {Map<string, Arrow>} */
  const arrows = new Map();
  for (const [file, text] of files) {
    const from = boxOf(file);
    if (from === undefined) continue;
    for (const { source, types } of importsIn(file, text)) {
      const to = source.startsWith('.') ? boxOf(pathFrom(root, join(root, dirname(file), source))) : undefined;
      if (to === undefined || to === from) continue;
      const known = arrows.get(`${from} ${to}`);
      arrows.set(`${from} ${to}`, { from, to, types: types && known?.types !== false });
    }
  }
  return [...arrows.values()].sort((a, b) => height(a.from) - height(b.from) || height(a.to) - height(b.to));
}

/**
 * The arrows that no way through others replaces: one of values only by a way of values, one of types by any.
 * @param {readonly Arrow[]} arrows without a circle, as the linter sees to
 */
export function reduced(arrows) {
  return arrows.filter((arrow) => {
    const others = arrows.filter((other) => other !== arrow && (arrow.types || !other.types));
    const reached = new Set([arrow.from]);
    // A set is walked through in the order in which it grows.
    for (const at of reached) for (const { from, to } of others) if (from === at) reached.add(to);
    return !reached.has(arrow.to);
  });
}

/** @param {readonly Arrow[]} arrows */
export function pageOf(arrows) {
  const lines = reduced(arrows).map(({ from, to, types }) => `  ${idOf(from)} ${types ? '-.->' : '-->'} ${idOf(to)}`);
  const picture = ['```mermaid', 'flowchart TD', ...boxes.map(({ files }) => `  ${idOf(files)}["${files}"]`), ...lines];
  const rows = boxes.map(({ files, purpose = '' }) => {
    const named = (/** @type {boolean} */ types) =>
      arrows
        .filter(({ from, types: alone }) => from === files && alone === types)
        .map(({ to }) => nameOf(to))
        .join(', ');
    return `| \`${files}\` | ${purpose} | ${named(false)} | ${named(true)} |`;
  });
  const table = ['| room | for | imports | names types of |', '| --- | --- | --- | --- |', ...rows];
  return readFileSync(page, 'utf8')
    .replace('<!-- picture -->', () => [...picture, '```'].join('\n'))
    .replace('<!-- rooms -->', () => table.join('\n'));
}

/** @returns {Map<string, string>} the texts of all files of the product */
export function sources() {
  return new Map(
    ['src', 'webview'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, folder, name))
        .sort()
        .map((path) => /** @type {const} */ ([pathFrom(root, path), readFileSync(path, 'utf8')])),
    ),
  );
}

/**
 * What a file imports, and whether it names types alone.
 * @param {string} file
 * @param {string} text
 */
function importsIn(file, text) {
  /** @type {{ source: string, types: boolean }[]} */
  const found = [];
  /** @param {ts.Node | undefined} source @param {boolean} types */
  const add = (source, types) => {
    if (source !== undefined && ts.isStringLiteralLike(source)) found.push({ source: source.text, types });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly || onlyTypes(node.exportClause));
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** @param {ts.ImportClause | undefined} clause */
const importsTypes = (clause) =>
  clause !== undefined && (clause.isTypeOnly || (clause.name === undefined && onlyTypes(clause.namedBindings)));

/** @param {ts.NamedImportBindings | ts.NamedExportBindings | undefined} names */
const onlyTypes = (names) =>
  names !== undefined &&
  (ts.isNamedImports(names) || ts.isNamedExports(names)) &&
  names.elements.length > 0 &&
  names.elements.every(({ isTypeOnly }) => isTypeOnly);

/** @param {string} path from the root @returns {string | undefined} the box of its room */
function boxOf(path) {
  const room = rooms.find(({ files }) => belongs(path, files));
  return room && (room.drawnAs ?? room.files);
}

/** @param {string} room */
const height = (room) => boxes.findIndex(({ files }) => files === room);
/** @param {string} room */
const nameOf = (room) => room.replace('src/', '');
/** @param {string} room */
const idOf = (room) => nameOf(room).replaceAll(/\W/g, '_');
