/** Builds an element; text, never HTML, so that no label from a file can become markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: { className?: string; text?: string; attributes?: Record<string, string> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (options.className !== undefined) node.className = options.className;
  if (options.text !== undefined) node.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Sets text only where it differs, so that selections live and screen readers are not told the same again. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
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
