import { editorWords } from '../protocol/editor-words';
import { oneLine } from '../untrusted/text';

/**
 * Text for a place of the editor's own. VS Code makes a link of `[text](command:…)` in every message and prompt, whoever
 * wrote it, and an icon of `$(name)` in labels: a space between the two signs leaves both as they read. Options of the
 * command line are not spoken of.
 */
export function messageText(text: string): string {
  return oneLine(editorWords(text)).replaceAll('](', '] (').replaceAll('$(', '$ (');
}
