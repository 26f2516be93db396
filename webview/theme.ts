/** What drawing on a canvas needs of the editor's theme; the rest of the page takes it from CSS. */
export interface Theme {
  dark: boolean;
  highContrast: boolean;
  background: string;
  foreground: string;
  secondary: string;
  line: string;
  focus: string;
  best: string;
  running: string;
  font: string;
}

function variable(styles: CSSStyleDeclaration, names: string[], otherwise: string): string {
  for (const name of names) {
    const value = styles.getPropertyValue(name).trim();
    if (value !== '') {
      return value;
    }
  }
  return otherwise;
}

const probe = document.createElement('canvas').getContext('2d');

/** A colour of the theme, whatever its notation, at `alpha` of its opacity. */
export function withAlpha(colour: string, alpha: number): string {
  if (probe === null) {
    return colour;
  }
  // A canvas gives a colour back as #rrggbb or rgba(r, g, b, a).
  probe.fillStyle = colour;
  const canonical: string = probe.fillStyle;
  const [red = 0, green = 0, blue = 0, own = 1] = canonical.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(canonical.slice(at, at + 2), 16))
    : (canonical.match(/[\d.]+/g) ?? []).map(Number);
  return `rgba(${red}, ${green}, ${blue}, ${own * alpha})`;
}

/** Reads the theme as it is now. */
export function readTheme(): Theme {
  const styles = getComputedStyle(document.body);
  const classes = document.body.classList;
  const highContrast = classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light');
  const dark =
    classes.contains('vscode-dark') ||
    (classes.contains('vscode-high-contrast') && !classes.contains('vscode-high-contrast-light'));
  const foreground = variable(styles, ['--vscode-editor-foreground', '--vscode-foreground'], styles.color);
  return {
    dark,
    highContrast,
    background: variable(styles, ['--vscode-editor-background'], styles.backgroundColor),
    foreground,
    secondary: highContrast ? foreground : variable(styles, ['--vscode-descriptionForeground'], foreground),
    line: variable(
      styles,
      ['--vscode-contrastBorder', '--vscode-editorWidget-border', '--vscode-panel-border'],
      foreground,
    ),
    focus: variable(styles, ['--vscode-focusBorder'], foreground),
    best: variable(styles, ['--vscode-charts-blue'], foreground),
    running: variable(styles, ['--vscode-charts-orange'], foreground),
    font: `11px ${variable(styles, ['--vscode-font-family'], 'sans-serif')}`,
  };
}

/** Calls back whenever the editor changes the theme: it swaps the body's classes and the root's variables. */
export function observeTheme(changed: (theme: Theme) => void): void {
  let scheduled = false;
  const observer = new MutationObserver(() => {
    if (!scheduled) {
      scheduled = true;
      requestAnimationFrame(() => {
        scheduled = false;
        changed(readTheme());
      });
    }
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'style'] });
}
