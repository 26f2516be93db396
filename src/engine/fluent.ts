import * as build from './functions';
import { Node, type Operand } from './graph';
import type { Shape } from './shape';

// Expressions are written from left to right as well: `X.sub(W.matmul(H)).square().sum()`. Each method is the function of
// that name; they are added here, since the graph does not know the operators.

const methods = {
  add(this: Node, other: Operand): Node {
    return build.add(this, other);
  },
  sub(this: Node, other: Operand): Node {
    return build.sub(this, other);
  },
  mul(this: Node, other: Operand): Node {
    return build.mul(this, other);
  },
  div(this: Node, other: Operand): Node {
    return build.div(this, other);
  },
  pow(this: Node, exponent: Operand): Node {
    return build.pow(this, exponent);
  },
  neg(this: Node): Node {
    return build.neg(this);
  },
  abs(this: Node): Node {
    return build.abs(this);
  },
  square(this: Node): Node {
    return build.square(this);
  },
  sign(this: Node): Node {
    return build.sign(this);
  },
  sqrt(this: Node): Node {
    return build.sqrt(this);
  },
  exp(this: Node): Node {
    return build.exp(this);
  },
  log(this: Node): Node {
    return build.log(this);
  },
  matmul(this: Node, other: Node): Node {
    return build.matmul(this, other);
  },
  sum(this: Node, axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.sum(this, axes, options);
  },
  mean(this: Node, axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.mean(this, axes, options);
  },
  max(this: Node, axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.max(this, axes, options);
  },
  min(this: Node, axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.min(this, axes, options);
  },
  /** Euclidean norm. */
  norm(this: Node, axes?: number | readonly number[], options?: build.ReductionOptions): Node {
    return build.norm(this, axes, options);
  },
  gt(this: Node, other: Operand): Node {
    return build.greater(this, other);
  },
  ge(this: Node, other: Operand): Node {
    return build.greaterEqual(this, other);
  },
  lt(this: Node, other: Operand): Node {
    return build.less(this, other);
  },
  le(this: Node, other: Operand): Node {
    return build.lessEqual(this, other);
  },
  reshape(this: Node, shape: Shape): Node {
    return build.reshape(this, shape);
  },
};
type Methods = typeof methods;

declare module './graph' {
  interface Node<O extends keyof Attributes = keyof Attributes> extends Methods {
    /** The transpose. */
    readonly T: Node;
  }
}

Object.defineProperties(Node.prototype, Object.getOwnPropertyDescriptors(methods));
Object.defineProperty(Node.prototype, 'T', {
  get(this: Node): Node {
    return build.transpose(this);
  },
});
