/** What is chosen for all charts of a card: axes, smoothing, which page of them. */

import { make } from "./dom.ts";
import type { Settings } from "./plot.ts";

const AXES: [string, string][] = [
  ["step", "step"],
  ["relative", "time since start"],
  ["time", "clock"],
];
const SCALES: [string, string][] = [
  ["linear", "linear"],
  ["log", "log"],
];
const WEIGHTS = ["auto", "off", "0.6", "0.9", "0.97", "0.99", "0.999"];

/** Return the three choices. */
export function choices(
  settings: Settings,
  set: (chosen: Partial<Settings>) => void,
): HTMLElement[] {
  const { axis, log, smooth } = settings;
  return [
    choice("x ", AXES, axis, (value) => set({ axis: value as Settings["axis"] })),
    choice("y ", SCALES, log ? "log" : "linear", (value) => set({ log: value === "log" })),
    smoothing(smooth, (chosen) => set({ smooth: chosen })),
  ];
}

/** Return the choice of how much lines are smoothed. */
export function smoothing(
  chosen: Settings["smooth"],
  set: (chosen: Settings["smooth"]) => void,
): HTMLElement {
  return choice(
    "smoothing ",
    WEIGHTS.map((weight) => [weight, weight]),
    String(chosen),
    (value) => set(value === "auto" || value === "off" ? value : Number(value)),
  );
}

/** Return what turns from page to page; nothing where there is one only. */
export function pager(page: number, pages: number, turn: (by: number) => void): HTMLElement[] {
  if (pages < 2) return [];
  const button = (by: number, text: string, title: string) => {
    const node = make("button", {
      text,
      title,
      attrs: { type: "button" },
      on: { click: () => turn(by) },
    });
    node.disabled = page + by < 0 || page + by >= pages;
    return node;
  };
  return [
    button(-1, "‹", "Earlier charts"),
    make("span", { class: "quiet", text: `${page + 1} of ${pages}` }),
    button(1, "›", "Further charts"),
  ];
}

function choice(
  label: string,
  keys: [string, string][],
  chosen: string,
  set: (value: string) => void,
): HTMLElement {
  const select = make("select", {
    attrs: { "aria-label": label.trim() },
    on: { change: (event) => set((event.target as HTMLSelectElement).value) },
  });
  for (const [key, text] of keys) {
    const option = make("option", { text, attrs: { value: key } });
    option.selected = key === chosen;
    select.append(option);
  }
  return make("label", { class: "quiet" }, [label, select]);
}
