import type { Rectangle } from './axes';

/** What a heatmap does when it is touched. Points and distances are CSS pixels of the plot. */
export interface Gestures {
  plot(): Rectangle;
  hover(x: number, y: number): void;
  leave(): void;
  /** Says whether anything moved: if not, the page may scroll instead. */
  pan(dx: number, dy: number): boolean;
  zoom(factor: number, x: number, y: number): void;
  fit(): void;
  moveCursor(rows: number, columns: number): void;
  /** To the first or last column, and with `all` to the first or last row as well. */
  moveCursorToEnd(end: 'first' | 'last', all: boolean): void;
  /** Rows in view. */
  page(): number;
}

const zoomStep = 1.5;
const arrows: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A wheel's distance in pixels, whatever unit the mouse reports. */
function pixels(delta: number, mode: number): number {
  return mode === WheelEvent.DOM_DELTA_LINE ? delta * 16 : mode === WheelEvent.DOM_DELTA_PAGE ? delta * 400 : delta;
}

function onKey(event: KeyboardEvent, gestures: Gestures): boolean {
  const { width, height } = gestures.plot();
  const arrow = arrows[event.key];
  if (arrow !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const [down, right] = arrow;
    if (event.shiftKey) gestures.pan((right * width) / 8, (down * height) / 8);
    else gestures.moveCursor(down, right);
    return true;
  }
  switch (event.key) {
    case '+':
    case '=':
      gestures.zoom(zoomStep, width / 2, height / 2);
      return true;
    case '-':
    case '_':
      gestures.zoom(1 / zoomStep, width / 2, height / 2);
      return true;
    case '0':
      gestures.fit();
      return true;
    case 'PageDown':
      gestures.moveCursor(gestures.page(), 0);
      return true;
    case 'PageUp':
      gestures.moveCursor(-gestures.page(), 0);
      return true;
    case 'Home':
    case 'End':
      gestures.moveCursorToEnd(event.key === 'Home' ? 'first' : 'last', event.ctrlKey || event.metaKey);
      return true;
    case 'Escape':
      gestures.leave();
      return true;
    default:
      return false;
  }
}

/** Makes a canvas answer to pointer, wheel and keys. */
export function interact(canvas: HTMLCanvasElement, gestures: Gestures): void {
  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = canvas.getBoundingClientRect();
    const plot = gestures.plot();
    return { x: event.clientX - box.left - plot.left, y: event.clientY - box.top - plot.top };
  };
  let held: { x: number; y: number } | undefined;

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button === 0) {
      canvas.setPointerCapture(event.pointerId);
      held = place(event);
      canvas.classList.add('dragging');
    }
  });
  canvas.addEventListener('pointermove', (event) => {
    const now = place(event);
    if (held !== undefined) {
      gestures.pan(held.x - now.x, held.y - now.y);
      held = now;
    }
    gestures.hover(now.x, now.y);
  });
  const release = (): void => {
    held = undefined;
    canvas.classList.remove('dragging');
  };
  canvas.addEventListener('pointerup', release);
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('pointerleave', () => gestures.leave());

  canvas.addEventListener(
    'wheel',
    (event) => {
      const { x, y } = place(event);
      const dx = pixels(event.deltaX, event.deltaMode);
      const dy = pixels(event.deltaY, event.deltaMode);
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        gestures.zoom(Math.exp(-dy / 200), x, y);
      } else if (event.shiftKey ? gestures.pan(dy + dx, 0) : gestures.pan(dx, dy)) {
        event.preventDefault();
      }
      gestures.hover(x, y);
    },
    { passive: false },
  );
  canvas.addEventListener('keydown', (event) => {
    if (onKey(event, gestures)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}
