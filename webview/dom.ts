import { oneLine, visible } from '../src/untrusted/text';

/**
 * Builds an element; text, never HTML, so that no label from a file can become markup, and with control characters to be
 * seen, so that none reorders what stands beside it.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: { className?: string; text?: string; attributes?: Record<string, string> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (options.className !== undefined) node.className = options.className;
  if (options.text !== undefined) node.textContent = visible(options.text);
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    node.setAttribute(name, visible(value));
  }
  node.append(...children.map((child) => (typeof child === 'string' ? visible(child) : child)));
  return node;
}

/** Of a canvas: the editor's menu for it would offer to cut, copy and paste what is no text. */
export const noMenu = JSON.stringify({ preventDefaultContextMenuItems: true });

/** A label from a file: of a direction of its own, whatever stands beside it. */
export function labelled(text: string, className?: string): HTMLElement {
  return element('bdi', { text: oneLine(text), ...(className !== undefined && { className }) });
}

/** A sentence with the labels in it set apart: ``sentence`rows by ${row}` ``. */
export function sentence(words: TemplateStringsArray, ...labels: string[]): (Node | string)[] {
  const parts = words.flatMap((word, index) => [word, ...labels.slice(index, index + 1).map((text) => labelled(text))]);
  return parts.filter((part) => part !== '');
}

/** Sets text only where it differs, so that selections live and screen readers are not told the same again. */
export function setText(node: Element, text: string): void {
  const shown = visible(text);
  if (node.textContent !== shown) {
    node.textContent = shown;
  }
}

/** The same for text with labels in it. */
export function setSentence(node: Element, parts: readonly (Node | string)[]): void {
  const plain = parts.map((part) => (typeof part === 'string' ? visible(part) : part));
  if (node.textContent !== plain.map((part) => (typeof part === 'string' ? part : part.textContent)).join('')) {
    node.replaceChildren(...plain);
  }
}

/** Puts new children in place only when what they are made from has changed. */
export class Refreshed {
  #key: string | undefined;
  #content: unknown;

  constructor(readonly node: Element) {}

  update(content: unknown, build: () => Node[]): void {
    // The usual case, and cheap where the content is long: nothing but the trace has changed.
    if (content === this.#content && content !== undefined) {
      return;
    }
    this.#content = content;
    const key = content === undefined ? '' : JSON.stringify(content);
    if (key !== this.#key) {
      this.#key = key;
      this.node.replaceChildren(...build());
    }
  }
}
