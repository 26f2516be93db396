/** What stands in brackets and begins with an option: how a thing is done on the command line, and perhaps here. */
const option = / \(--[a-z](?:"(?:[^"\\]|\\.)*"|[^()";])*(?:; in the editor ([^()]*))?\)/g;

/** The settings of the editor that do what an option does. */
const settingOf: Record<string, string> = {
  '--min-df': 'the setting factorlens.text.minimum',
  '--max-df': 'the setting factorlens.text.maximum',
  '--stop-words': 'the setting factorlens.text.stopWords',
};

/**
 * A message as the editor tells it. Where a remedy has an option on the command line, messages give it in brackets after
 * words that hold everywhere, as in `say so (--header no; in the editor the setting factorlens.header)`.
 */
export function editorWords(text: string): string {
  return text.replace(option, (bracket: string, here: string | undefined) => {
    if (here !== undefined) return ` (${here})`;
    return [...bracket.matchAll(/--[a-z-]+/g)].every(([name]) => name in settingOf)
      ? bracket.replace(/--[a-z-]+/g, (name) => settingOf[name] ?? name)
      : '';
  });
}
