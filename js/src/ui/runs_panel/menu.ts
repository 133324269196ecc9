/** What can be done with a run, in a list that opens at its row. */

import { make } from "../dom.ts";

export interface Item {
  label: string;
  /** The key that does the same in the list. */
  key: string;
  does: () => void;
}

export class Menu {
  readonly node = make("div", { class: "menu", attrs: { role: "menu", "aria-label": "Run" } });

  constructor(private readonly left: () => void) {
    this.node.hidden = true;
    this.node.addEventListener("keydown", (event) => this.press(event));
    this.node.addEventListener("focusout", (event) => {
      if (!this.node.contains(event.relatedTarget as Node | null)) this.close(false);
    });
  }

  /** Open at a height of the panel; above it where there is no room below. */
  open(items: Item[], top: number, room: number): void {
    const buttons = items.map(({ label, key, does }) =>
      make(
        "button",
        {
          attrs: { type: "button", role: "menuitem", tabindex: "-1" },
          on: {
            click: () => {
              this.close(true);
              does();
            },
          },
        },
        [
          make("span", { text: label }),
          make("kbd", { text: key, attrs: { "aria-hidden": "true" } }),
        ],
      ),
    );
    this.node.replaceChildren(...buttons);
    this.node.hidden = false;
    const { offsetHeight } = this.node;
    this.node.style.top = `${Math.max(0, Math.min(top, room - offsetHeight - 4))}px`;
    buttons[0]?.focus();
  }

  close(back: boolean): void {
    if (this.node.hidden) return;
    this.node.hidden = true;
    if (back) this.left();
  }

  private press(event: KeyboardEvent): void {
    const items = [...this.node.children] as HTMLElement[];
    const root = this.node.getRootNode() as Document | ShadowRoot;
    const at = items.indexOf(root.activeElement as HTMLElement);
    const to: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at + items.length - 1) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") this.close(true);
    else if (to[event.key] !== undefined) items[to[event.key]!]?.focus();
    else return;
    event.preventDefault();
  }
}
