import type { FrameLocator } from 'playwright-core';
import type { InspectorState } from '../../src/protocol/inspector';

/** The parts of an inspector's state that tests look at, typed arrays as lists. */
export interface SeenState {
  status: InspectorState['status'];
  error?: string;
  warnings: string[];
  best?: number;
  rows?: number;
  columns?: number;
  restarts: { seed: number; stopReason?: string; objective?: number; iteration: number[]; trace: number[] }[];
  /** Where each factor's canvas is drawn, and the colour of the cells that hold its least and greatest value. */
  factors?: Record<'W' | 'H', { rows: number; columns: number; values: number[] }>;
}

export type Colour = [red: number, green: number, blue: number];

/** What the inspector in the visible tab shows. Waits until its page is there. */
export async function seen(frame: FrameLocator): Promise<SeenState> {
  const text = await frame.locator('#inspector').evaluate(() => {
    const page = globalThis as unknown as { factorlensInspector?: { getState(): InspectorState | undefined } };
    const state = page.factorlensInspector?.getState();
    if (!state) return undefined;
    const factor = (name: 'W' | 'H') => {
      const matrix = state.factors?.[name];
      return matrix && { rows: matrix.rows, columns: matrix.columns, values: Array.from(matrix.values) };
    };
    return JSON.stringify({
      ...state,
      restarts: state.restarts.map(({ trace, ...restart }) => ({
        ...restart,
        iteration: Array.from(trace.iteration),
        trace: Array.from(trace.objective),
      })),
      factors: state.factors && { W: factor('W'), H: factor('H') },
    });
  });
  if (text === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return seen(frame);
  }
  return JSON.parse(text) as SeenState;
}

/** Polls until the state is as wanted. */
export async function seenWhen(
  frame: FrameLocator,
  wanted: (state: SeenState) => boolean,
  timeoutMs = 90_000,
): Promise<SeenState> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const state = await seen(frame);
    if (wanted(state)) return state;
    if (Date.now() > deadline) {
      throw new Error(`The inspector did not come to what was waited for: it is ${state.status} ${state.error ?? ''}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The colour of the pixel in the middle of a cell of a heatmap that shows all of its factor. */
export function cellColour(frame: FrameLocator, factor: 'W' | 'H', row: number, column: number): Promise<Colour> {
  return frame.locator(`[data-factor=${factor}] canvas.heatmap-canvas`).evaluate(
    (canvas, { factor, row, column }) => {
      interface Description {
        plot: { left: number; top: number };
        row: number;
        column: number;
        cellWidth: number;
        cellHeight: number;
      }
      const page = globalThis as unknown as {
        factorlensInspector: { describe(): Record<'W' | 'H', Description> };
        devicePixelRatio: number;
      };
      const drawn = page.factorlensInspector.describe()[factor];
      const x = drawn.plot.left + (column + 0.5 - drawn.column) * drawn.cellWidth;
      const y = drawn.plot.top + (row + 0.5 - drawn.row) * drawn.cellHeight;
      const surface = canvas as unknown as {
        getContext(kind: '2d'): {
          getImageData(x: number, y: number, w: number, h: number): { data: Uint8ClampedArray };
        };
      };
      const ratio = page.devicePixelRatio;
      const { data } = surface.getContext('2d').getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1);
      return [data[0], data[1], data[2]] as [number, number, number];
    },
    { factor, row, column },
  );
}
