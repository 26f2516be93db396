// The engine's one door: whatever stands outside of its folder imports from here.
import './ops/operators';
import './fluent';

export { is, isNode, type DType, type Node, type NodesLike, type Operand } from './graph';
export { constant, matrix, placeholder, scalar, sequence, shared, tensor, vector, type InputOptions } from './leaves';
export * from './functions';
export { iterate } from './loops';
export { ShapeError, type Dim, type Shape } from './shape';
export type { FloatArray, Tensor } from './tensor';
export { randomNormal, randomSource, randomUniform } from './random';

export { DisconnectedError, gaussNewton, grad, hessian, hvp, jvp, vjp, type GradientOptions } from './gradient';
export { evaluate, NonFiniteError, type Bindings } from './interpreter';
export { printGraph } from './print';

export { compile, type Compiled, type RunOptions } from './compile';
export type { CompileOptions } from './compile-options';
export { keepPrograms } from './kept-programs';
export type { Precision } from './run/values';

export { firstLine, runtime, runtimeVersion } from './run/runtime';
export { readerModel } from './run/stepwise';
export { disposeAll, execute, type SessionWatcher } from './run/execute';
export type { Execution } from './run/execution';
export { lowerFor, type Lowered } from './run/lowered';
export type { DeviceId, DeviceReport, Placement } from './run/device';
export { devices } from './run/devices';
export type { Choice, DeviceFinder, LaunchOptions } from './run/launching';
export type { StepProgram } from './step-program';
export { knownSizes, operationsOf, secondsOfStep } from './estimate';
