import assert from 'node:assert/strict';
import { messageText } from '../../../src/editor/message-text';
import { jsonLine } from '../../../src/untrusted/text';

/** How VS Code finds links in a message: `src/vs/base/common/linkedText.ts`, whose line ends have become spaces before. */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
/** And icons in a label: `src/vs/base/common/iconLabels.ts`. */
const icon = /\$\(([a-z0-9-]+(?:~[a-z0-9-]+)?)\)/i;

describe('text for the editor', () => {
  const hostile = [
    '[Click](command:workbench.action.quit)',
    '[Click](command:x?%5B1%5D "title")',
    '[a][b](https://example.org)',
    '[[a]](file:///etc/passwd)',
    '[a]\n(command:x)',
    '[a]\u202e(command:x)',
    '[a]\0(command:x)',
    '$(trash) gone',
    '$$(sync~spin)',
    '](](command:x)',
  ];
  for (const text of hostile) {
    it(`has no link and no icon: ${jsonLine(text).trim()}`, () => {
      const shown = messageText(`There are no factors of ${text} yet.`);
      assert.doesNotMatch(shown, link);
      assert.doesNotMatch(shown, icon);
      // What was written is still there to be read.
      const letters = (some: string): string => some.replace(/[\s\ufffd]|[\p{Cc}\p{Bidi_Control}]/gu, '');
      assert.ok(letters(shown).includes(letters(text)), shown);
    });
  }

  it('has none where the parts of a link come from two names', () => {
    assert.doesNotMatch(messageText(`[x](command:y)`), link);
  });

  it('is as it was where it is harmless', () => {
    const text = 'digits.csv, line 14: "abc" (a word) stands in [r0c3], for $5.';
    assert.equal(messageText(text), text);
  });
});
