import { Chart } from 'chart.js';
import { type Theme, withAlpha } from './theme';

/** How every axis of the page looks: title, ticks, grid and line in the theme's colours. */
export function axisStyle(theme: Theme, title: string, grid: boolean) {
  return {
    title: { display: true, text: title, color: theme.secondary, font: { size: 11 } },
    ticks: { color: theme.secondary, maxRotation: 0, font: { size: 11 } },
    grid: { display: grid, color: withAlpha(theme.foreground, theme.highContrast ? 0.3 : 0.1), drawTicks: false },
    border: { color: theme.line },
  };
}

export function tooltipStyle(theme: Theme) {
  return {
    backgroundColor: theme.background,
    titleColor: theme.foreground,
    bodyColor: theme.foreground,
    borderColor: theme.line,
    borderWidth: 1,
    cornerRadius: 3,
  };
}

/** Charts take the page's font, which is the editor's and may change with its settings. */
export function takePageFont(): void {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
}
