import type { FloatArray, Tensor } from '../tensor';

/**
 * A lowered program on some device, with the current values of its shared nodes. Values go by the names that the program
 * gives them.
 */
export interface Execution {
  /**
   * Takes some steps.
   * @param inputs a tensor given again need not be copied again
   * @param sequences `steps` values each
   * @returns of scalar outputs one value a step, of any other its values at the last step
   */
  run(
    inputs: ReadonlyMap<string, Tensor>,
    sequences: ReadonlyMap<string, Float64Array>,
    steps: number,
  ): Promise<ReadonlyMap<string, FloatArray>>;
  get(name: string): Promise<Tensor>;
  set(name: string, value: Tensor): void;
  /** The shape of a shared value, which its device need not be asked for. */
  shapeOf(name: string): readonly number[];
  /** Frees what is native. Nothing can be run afterwards. */
  dispose(): Promise<void>;
}
