/** Elements of a page. Words are only ever set as text. */

type Child = Node | string | null;

interface Options {
  class?: string;
  text?: string;
  title?: string;
  attrs?: Record<string, string>;
  on?: Record<string, (event: Event) => void>;
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: Options = {},
  children: Child[] = [],
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (options.class) node.className = options.class;
  if (options.text !== undefined) node.textContent = options.text;
  if (options.title) node.title = options.title;
  for (const [name, value] of Object.entries(options.attrs ?? {})) node.setAttribute(name, value);
  for (const [name, handler] of Object.entries(options.on ?? {})) {
    node.addEventListener(name, handler);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Set a text only where it differs, so that nothing is laid out in vain. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Give a node these children, where it has others: what is put in again loses the focus. */
export function arrange(node: HTMLElement, children: Node[]): void {
  const old = node.childNodes;
  const same = old.length === children.length && children.every((one, at) => one === old[at]);
  if (!same) node.replaceChildren(...children);
}

const FIELDS = "input, textarea, select, [contenteditable]";

/**
 * Keep the front end's shortcuts from what is typed below an element.
 *
 * In a notebook single letters are commands, whatever has the focus. Elsewhere shortcuts go on
 * working, the command palette's among them, but for who writes in a field.
 */
export function keepKeys(host: HTMLElement): void {
  const keep = (is: boolean) => {
    if (is) host.setAttribute("data-lm-suppress-shortcuts", "true");
    else host.removeAttribute("data-lm-suppress-shortcuts");
  };
  keep(true);
  host.addEventListener("focusin", (event) => {
    const [target] = event.composedPath();
    const isField = target instanceof Element && target.matches(FIELDS);
    keep(isField || host.closest(".jp-Notebook") !== null);
  });
}
