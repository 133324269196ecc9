/** Keyboard and pointer in the list: one run is active, and keeps the focus of the list. */

import type { List } from "./list.ts";

export interface Doing {
  open(place: number): void;
  toggle(place: number, range: boolean): void;
  note(place: number): void;
  tags(place: number): void;
  stop(place: number): void;
  media(place: number): void;
  choices(place: number): void;
  readonly selection: { all(): Promise<void>; set(ids: string[]): void };
}

export class Keys {
  constructor(
    private readonly list: List,
    private readonly doing: Doing,
    private readonly filter: () => void,
  ) {
    const { node } = list;
    node.addEventListener("keydown", (event) => this.press(event));
    node.addEventListener("click", (event) => this.click(event));
    node.addEventListener("contextmenu", (event) => this.menu(event));
    node.addEventListener("focus", () => {
      if (list.active < 0 && node.matches(":focus-visible")) list.move(0);
    });
  }

  private press(event: KeyboardEvent): void {
    if (event.target !== this.list.node || !this.done(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private done(event: KeyboardEvent): boolean {
    const { active, page } = this.list;
    const to: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: Number.MAX_SAFE_INTEGER,
    };
    if (event.key === "ArrowUp" && active <= 0) this.filter();
    else if (to[event.key] !== undefined) this.list.move(to[event.key]!);
    else return this.acts(event, active);
    return true;
  }

  private acts(event: KeyboardEvent, active: number): boolean {
    const { doing } = this;
    const far = event.ctrlKey || event.metaKey;
    if (event.key === "a" && far) void doing.selection.all();
    else if (event.key === "Escape") doing.selection.set([]);
    else if (event.key === "/" && !far) this.filter();
    else if (active < 0 || far || event.altKey) return false;
    else return this.ofRun(event, active);
    return true;
  }

  private ofRun(event: KeyboardEvent, active: number): boolean {
    const { doing } = this;
    const keys: Record<string, () => void> = {
      Enter: () => doing.open(active),
      " ": () => doing.toggle(active, event.shiftKey),
      n: () => doing.note(active),
      t: () => doing.tags(active),
      F2: () => doing.tags(active),
      s: () => doing.stop(active),
      m: () => doing.media(active),
      ContextMenu: () => doing.choices(active),
    };
    const act = event.key === "F10" && event.shiftKey ? keys.ContextMenu : keys[event.key];
    act?.();
    return act !== undefined;
  }

  private click(event: MouseEvent): void {
    const place = this.list.at(event.target);
    if (place < 0) return;
    const target = event.target as Element;
    this.list.move(place);
    if (target.closest(".more") !== null) this.doing.choices(place);
    else if (target.closest(".pick") !== null || event.shiftKey || event.ctrlKey || event.metaKey) {
      this.doing.toggle(place, event.shiftKey);
    } else this.doing.open(place);
  }

  private menu(event: MouseEvent): void {
    const place = this.list.at(event.target);
    if (place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.list.move(place);
    this.doing.choices(place);
  }
}
