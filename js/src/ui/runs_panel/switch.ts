/** What the panel shows, runs or artifacts: two tabs in its head. */

import { make } from "../dom.ts";

export type Side = "runs" | "artifacts";

const SIDES: [Side, string][] = [
  ["runs", "Runs"],
  ["artifacts", "Artifacts"],
];

export class Switch {
  readonly node: HTMLElement;
  private readonly tabs: Map<Side, HTMLButtonElement>;

  constructor(private readonly chosen: (side: Side) => void) {
    this.tabs = new Map(
      SIDES.map(([side, text]) => [
        side,
        make("button", {
          class: "side",
          text,
          attrs: { type: "button", role: "tab" },
          on: { click: () => chosen(side) },
        }),
      ]),
    );
    this.node = make(
      "div",
      {
        class: "sides",
        attrs: { role: "tablist", "aria-label": "What is shown" },
        on: { keydown: (event) => this.press(event as KeyboardEvent) },
      },
      [...this.tabs.values()],
    );
  }

  show(side: Side): void {
    for (const [name, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(name === side));
      tab.tabIndex = name === side ? 0 : -1;
    }
  }

  private press(event: KeyboardEvent): void {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const isRuns = this.tabs.get("runs")!.getAttribute("aria-selected") === "true";
    const other = isRuns ? "artifacts" : "runs";
    this.chosen(other);
    this.tabs.get(other)!.focus();
  }
}

/** Return a side as it was remembered. */
export function sideOf(given: unknown): Side {
  return given === "artifacts" ? given : "runs";
}
