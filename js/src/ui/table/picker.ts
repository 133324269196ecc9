/** Which columns are shown: searched by a word or a pattern, pinned, shaded. */

import type { ColumnInfo } from "../../bridge/table.ts";
import { matcher } from "../../core/glob.ts";
import type { View } from "../../core/view.ts";
import { make } from "../dom.ts";
import { pinnedOr } from "./head.ts";
import type { Model } from "./model.ts";

const LISTED = 200;

export class Picker {
  readonly node: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly list = make("div", { class: "list", attrs: { role: "group" } });
  private readonly found = make("span", { class: "quiet" });

  constructor(private readonly model: Model) {
    this.search = make("input", {
      attrs: { type: "text", placeholder: "metrics.val/*", "aria-label": "Find columns" },
      on: { input: () => this.fill() },
    });
    this.node = make("div", { class: "pop", attrs: { role: "dialog", "aria-label": "Columns" } }, [
      make("div", { class: "line" }, [
        this.search,
        button("Show", "Show all that are found", () => this.all(true)),
        button("Hide", "Hide all that are found", () => this.all(false)),
        button("Differing", "Show the columns that differ", () =>
          model.set({ columns: null, every: false }),
        ),
        this.colours(),
      ]),
      this.list,
      this.found,
    ]);
  }

  open(): void {
    this.fill();
    this.search.focus();
  }

  /** Say anew what is shown. */
  fill(): void {
    const matches = this.matching();
    const shown = new Set(this.model.columns().map((one) => one.id));
    const { pinned } = this.model.view;
    this.list.replaceChildren(
      ...matches.slice(0, LISTED).map((one) => this.entry(one, shown, pinned)),
    );
    const more = matches.length > LISTED ? `, the first ${LISTED} listed` : "";
    this.found.textContent = `${matches.length} of ${this.model.byId.size} columns${more}`;
  }

  private entry(info: ColumnInfo, shown: Set<string>, pinned: string[]): HTMLElement {
    const box = make("input", { attrs: { type: "checkbox" } });
    box.checked = shown.has(info.id);
    box.disabled = info.id === "run";
    box.addEventListener("change", () => this.choose([info.id], box.checked));
    const words = [
      make("span", { class: "id", text: info.type === "curve" ? info.title : info.id }),
    ];
    if (info.equal) words.push(make("span", { class: "quiet", text: "equal in all" }));
    const isPinned = info.id === "run" || pinned.includes(info.id);
    const pin = make("button", {
      class: isPinned ? "pin on" : "pin",
      text: isPinned ? "pinned" : "pin",
      attrs: { type: "button", "aria-pressed": String(isPinned), "aria-label": `Pin ${info.id}` },
    });
    pin.disabled = info.id === "run";
    pin.addEventListener("click", () => {
      this.model.set({ pinned: pinnedOr(this.model.view, info.id) });
      this.fill();
    });
    return make("div", { class: "entry-line" }, [make("label", {}, [box, ...words]), pin]);
  }

  private matching(): ColumnInfo[] {
    const matches = matcher(this.search.value);
    return [...this.model.byId.values()].filter((one) => matches(one.id) || matches(one.title));
  }

  private all(show: boolean): void {
    this.choose(
      this.matching().map((one) => one.id),
      show,
    );
    this.fill();
  }

  private choose(ids: string[], show: boolean): void {
    const changed = new Set(ids);
    const shown = new Set(this.model.columns().map((one) => one.id));
    for (const id of changed) {
      if (show) shown.add(id);
      else if (id !== "run") shown.delete(id);
    }
    // Those that were shown keep their places; new ones come where they stand among all.
    const before = this.model.columns().map((one) => one.id);
    const kept = new Set(before.filter((id) => shown.has(id)));
    const behind = new Map<string, string[]>();
    let last = "";
    for (const id of this.model.byId.keys()) {
      if (kept.has(id)) last = id;
      else if (shown.has(id)) {
        const some = behind.get(last);
        if (some === undefined) behind.set(last, [id]);
        else some.push(id);
      }
    }
    const columns = ["", ...kept].flatMap((id) =>
      (id === "" ? [] : [id]).concat(behind.get(id) ?? []),
    );
    this.model.set({ columns });
  }

  private colours(): HTMLElement {
    const names: [View["colour"], string][] = [
      ["main", "shade main"],
      ["all", "shade all"],
      ["none", "no shade"],
    ];
    const select = make("select", { attrs: { "aria-label": "Shading of metrics" } });
    for (const [value, text] of names) select.append(make("option", { text, attrs: { value } }));
    select.value = this.model.view.colour;
    select.addEventListener("change", () =>
      this.model.set({ colour: select.value as View["colour"] }),
    );
    return select;
  }
}

export function button(text: string, title: string, does: () => void): HTMLButtonElement {
  return make("button", { text, title, attrs: { type: "button" }, on: { click: does } });
}
