// The engine's one door: whatever stands outside of its folder imports from here.
import './ops/operators';
import './fluent';

export { is, isNode, topological, type DType, type Node, type NodesLike, type Operand } from './graph';
export { constant, matrix, placeholder, scalar, sequence, shared, tensor, vector, type InputOptions } from './leaves';
export * from './functions';
export { iterate } from './loops';
export { alike, ShapeError, type Dim, type Shape } from './shape';
export type { FloatArray, Tensor } from './tensor';
export { randomNormal, randomSource, randomUniform } from './random';

export { DisconnectedError, gaussNewton, grad, hessian, hvp, jvp, vjp, type GradientOptions } from './gradient';
export { evaluate, NonFiniteError, type Bindings } from './interpreter';
export { printGraph } from './print';

export { compile, type Compiled, type RunOptions } from './compile';
export type { CompileOptions } from './compile-options';
export { keepPrograms } from './kept-programs';

export { firstLine, processor, runtime, runtimeVersion, webAssembly } from './run/session';
export type { Device, DeviceId, Precision, SessionWatcher } from './run/session';
export { disposeAll, execute, readerModel, type Execution } from './run/execute';
export type { Choice, DeviceFinder, DeviceReport, LaunchOptions, Placement } from './run/launch';
export { lower, type Lowered } from './lower/program';
export type { Replacements } from './lower/emitter';
export { rule, type Rule } from './rewrite/rewrite';
export type { StepProgram } from './step-program';
export { knownSizes, operationsOf, secondsOfStep } from './estimate';
