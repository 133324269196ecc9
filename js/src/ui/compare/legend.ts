/** The runs that have a colour, in the order of the table: a click hides one, a pin keeps it on top. */

import { COLOURED, coloured, lookOf } from "../../core/looks.ts";
import { arrange, make } from "../dom.ts";
import { swatch } from "../tip.ts";
import type { Band } from "./bands.ts";
import type { State } from "./state.ts";

export class Legend {
  readonly node = make("div", { class: "legend compare-legend" });
  private entries = new Map<number, HTMLElement>();
  private readonly more = make("span", { class: "quiet grey-more" });

  constructor(private readonly state: State) {
    this.node.addEventListener("pointerleave", () => state.hover(-1));
  }

  /** Draw the runs anew: how they look has changed. */
  update(bands: Band[]): void {
    const { state } = this;
    if (state.groups) {
      this.node.replaceChildren(...bands.map((band, at) => group(band, at, state.dark)));
      this.entries.clear();
      return;
    }
    const focused = [...this.entries].find(
      ([, node]) =>
        node.contains(node.ownerDocument.activeElement ?? null) || node.matches(":focus-within"),
    );
    const shown = new Set(Array.from({ length: Math.min(state.n, COLOURED) }, (_, run) => run));
    for (const run of [...state.pinned, ...state.hidden]) shown.add(run);
    this.entries = new Map([...shown].map((run) => [run, this.entry(run)]));
    arrange(this.node, [...this.entries.values(), this.more]);
    this.more.textContent = this.rest(shown.size);
    if (focused) this.entries.get(focused[0])?.querySelector("button")?.focus();
    this.hover();
  }

  /** Show which run is pointed at. */
  hover(): void {
    const { hovered } = this.state;
    for (const [run, node] of this.entries) node.classList.toggle("on", run === hovered);
  }

  private rest(shown: number): string {
    const left = this.state.n - shown;
    if (left <= 0) return "";
    const { drawn } = this.state;
    const words = `${left.toLocaleString("en-US")} more run${left === 1 ? "" : "s"}, drawn grey`;
    return this.state.n > drawn.length ? `${words}; curves of ${drawn.length}` : words;
  }

  private entry(run: number): HTMLElement {
    const { state } = this;
    const off = state.hidden.has(run);
    const pinned = state.pinned.has(run);
    const name = state.name(run);
    const faint = lookOf(run, state)?.level === "faint";
    const hide = make(
      "button",
      {
        class: "entry",
        title: `${off ? "Show" : "Hide"} ${name}; Shift: ${pinned ? "unpin" : "pin"} it (P)`,
        attrs: { type: "button", "aria-pressed": String(!off) },
        on: {
          click: (event) => {
            if ((event as MouseEvent).shiftKey) state.pin(run);
            else state.toggle(run);
          },
          focus: () => state.hover(run),
          blur: () => state.hover(-1),
          keydown: (event) => {
            if ((event as KeyboardEvent).key.toLowerCase() !== "p") return;
            event.stopPropagation();
            state.pin(run);
          },
        },
      },
      [swatch(coloured(run), state.dark), make("span", { class: "name", text: name })],
    );
    const pin = make("button", {
      class: pinned ? "pin on" : "pin",
      text: pinned ? "◆" : "◇",
      title: `${pinned ? "Unpin" : "Pin"} ${name}: it stays coloured and on top`,
      attrs: { type: "button", "aria-pressed": String(pinned), "aria-label": `Pin ${name}` },
      on: { click: () => state.pin(run) },
    });
    const node = make("span", { class: "legend-run" }, [hide, pin]);
    node.classList.toggle("off", off);
    node.classList.toggle("pinned", pinned);
    node.classList.toggle("faint", faint);
    node.addEventListener("pointerenter", () => state.hover(run));
    return node;
  }
}

function group({ label, n }: Band, at: number, dark: boolean): HTMLElement {
  return make("span", { class: "legend-run" }, [
    swatch(at, dark),
    make("span", { class: "name", text: label }),
    make("span", { class: "quiet", text: `${n} run${n === 1 ? "" : "s"}` }),
  ]);
}
