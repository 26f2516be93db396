// The paths that a page names: files and folders of the checkout in code, as `src/data/read.ts` or `test/unit`.

/** The folders at the root that paths in prose begin with. */
const folders = 'src|webview|scripts|test|docs|bench|samples|resources';

/** Every path that stands in code, inline or in a block, once. Names with capitals as `NAME.ts` stand for one to be chosen. */
export function pathsIn(markdown: string): string[] {
  const code = [...markdown.matchAll(/```[^]*?```|`[^`\n]+`/g)].map(([text]) => text).join('\n');
  const found = code.matchAll(new RegExp(`(?<![\\w./-])(?:${folders})(?:/[\\w.-]+)+/?`, 'g'));
  return [...new Set([...found].map(([path]) => path.replace(/[/.]$/, '')))].filter(
    (path) => !/\b[A-Z]{2,}\b/.test(path),
  );
}
