import * as build from './functions';
import { Node } from './graph';

// Expressions are written from left to right as well: `X.sub(W.matmul(H)).square().sum()`. Each method is a function of
// which the node is the first operand; they are added here, since the graph does not know the operators.

const { add, sub, mul, div, pow, neg, abs, square, sign, sqrt, exp, log, matmul, sum, mean, max, min, norm, reshape } =
  build;
const { greater: gt, greaterEqual: ge, less: lt, lessEqual: le } = build;
const arithmetic = { add, sub, mul, div, pow, neg, abs, square, sign, sqrt, exp, log, matmul, gt, ge, lt, le };
const functions = { ...arithmetic, sum, mean, max, min, norm, reshape };

type Rest<F> = F extends (first: never, ...rest: infer R) => Node ? R : never;
type Methods = { readonly [M in keyof typeof functions]: (...rest: Rest<(typeof functions)[M]>) => Node };

declare module './graph' {
  interface Node<O extends keyof Attributes = keyof Attributes> extends Methods {
    /** The transpose. */
    readonly T: Node;
  }
}

for (const [name, of] of Object.entries<(first: Node, ...rest: never[]) => Node>(functions)) {
  Object.defineProperty(Node.prototype, name, {
    value(this: Node, ...rest: never[]): Node {
      return of(this, ...rest);
    },
  });
}
Object.defineProperty(Node.prototype, 'T', {
  get(this: Node): Node {
    return build.transpose(this);
  },
});
