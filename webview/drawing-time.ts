/** Milliseconds of drawing that were not told of yet. */
let spent = 0;
const painted = new MessageChannel();
const begun: number[] = [];
painted.port1.onmessage = () => {
  spent += performance.now() - (begun.shift() ?? performance.now());
};

/** Does what a frame draws, and counts how long it and the style, layout and paint after it take. */
export function drawing(work: () => void): void {
  // Handled when the frame is done.
  begun.push(performance.now());
  painted.port2.postMessage(undefined);
  work();
}

/** How long drawing took since this was asked last, in milliseconds. */
export function takeDrawingTime(): number {
  const milliseconds = spent;
  spent = 0;
  return milliseconds;
}
