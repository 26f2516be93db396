// The lint rule against what turns a large typed array into a list of numbers on the way: such a list takes 18 to 45
// bytes an element, fails above some 110 million of them, and as arguments of a call already above some 120,000.

const typedArrays = new Set(
  [
    'Int8',
    'Uint8',
    'Uint8Clamped',
    'Int16',
    'Uint16',
    'Int32',
    'Uint32',
    'Float32',
    'Float64',
    'BigInt64',
    'BigUint64',
  ].map((type) => `${type}Array`),
);

/** @type {import('eslint').Rule.RuleModule} */
export const largeArrays = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      mapped:
        '{{type}}.from(…, f) makes a list of all elements first, of 45 bytes each; write a loop, .map() of a typed array, or {{type}}.from({ length }, f).',
      spread:
        'Spreading a typed array makes a list of all its elements, of 45 bytes each; write a loop, or .slice(), .set(), .map() or .reduce().',
      listed: 'Array.from of a typed array makes a list of 18 bytes an element; write a loop, .map() or .reduce().',
      extreme: 'Math.{{name}} of a spread array fails above some 120,000 elements; write a loop or .reduce().',
    },
  },
  create(context) {
    const { parserServices } = context.sourceCode;
    const checker = parserServices.program?.getTypeChecker();

    /** @param {any} type */
    const isTyped = (type) =>
      type.isUnion() ? type.types.some(isTyped) : typedArrays.has(type.getSymbol()?.getName() ?? '');
    /** @param {any} node */
    const isTypedArray = (node) =>
      checker !== undefined &&
      isTyped(checker.getApparentType(checker.getTypeAtLocation(parserServices.esTreeNodeToTSNodeMap.get(node))));

    return {
      SpreadElement(node) {
        const { parent } = /** @type {any} */ (node);
        // `{ ...object }` copies references, and no list.
        if (parent.type !== 'ObjectExpression' && isTypedArray(node.argument)) {
          context.report({ node, messageId: 'spread' });
        }
      },
      CallExpression(node) {
        const { callee, arguments: given } = node;
        if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
        if (callee.object.type !== 'Identifier') return;
        const [object, method] = [callee.object.name, callee.property.name];
        const [source, mapper] = given;
        if (method === 'from' && source !== undefined) {
          if (typedArrays.has(object) && mapper !== undefined && source.type !== 'ObjectExpression') {
            context.report({ node, messageId: 'mapped', data: { type: object } });
          }
          if (object === 'Array' && isTypedArray(source)) context.report({ node, messageId: 'listed' });
        }
        if (object === 'Math' && ['max', 'min'].includes(method)) {
          if (given.some((argument) => argument.type === 'SpreadElement')) {
            context.report({ node, messageId: 'extreme', data: { name: method } });
          }
        }
      },
    };
  },
};
