/** What stands in brackets and begins with an option: how a thing is done on the command line, and perhaps here. */
const option = / \(--[a-z](?:"(?:[^"\\]|\\.)*"|[^()";])*(?:; in the editor ([^()]*))?\)/g;

/**
 * A message as the editor tells it. Where a remedy has an option on the command line, messages give it in brackets after
 * words that hold everywhere, as in `say so (--header no; in the editor the setting factorlens.header)`.
 */
export function editorWords(text: string): string {
  return text.replace(option, (_, here: string | undefined) => (here === undefined ? '' : ` (${here})`));
}
