/** What the list and the card of artifacts have in common: badges of stages, runs, moments, states. */

import type { RunHead } from "../../bridge/artifacts.ts";
import { clock } from "../../core/shown.ts";
import { make } from "../dom.ts";

/** What is in production counts most, and what may get there; the others as they are called. */
const FIRST = ["production", "staging"];

/** Return stages, or aliases, in the order in which they are shown. */
export function inOrder(words: string[]): string[] {
  const rank = (word: string) => (FIRST.includes(word) ? FIRST.indexOf(word) : FIRST.length);
  return [...words].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** Return a stage as an outlined word, with the version that has it where that is not clear by itself. */
export function badge(word: string, version?: number, isAlias = false): HTMLElement {
  const kind = isAlias ? "alias" : word === "production" ? "stage production" : "stage";
  const text = version === undefined ? word : `${word} v${version}`;
  return make("bdi", { class: `badge ${kind}`, text, title: text });
}

/** Return a run with its sign: a link, where it is there to be opened. */
export function runWord(
  run: RunHead | null,
  open: (run: string, name: string) => void,
): HTMLElement {
  if (run === null) return make("span", { class: "quiet", text: "no run" });
  if (run.id === "") return make("span", { class: "quiet", text: run.name });
  const sign = make("span", {
    class: "sign",
    text: `${run.glyph}\ufe0e`,
    title: run.status,
    attrs: { "aria-label": run.status, role: "img" },
  });
  const name = make(
    "button",
    {
      class: "link",
      title: `Show the card of ${run.name}`,
      attrs: { type: "button" },
      on: { click: () => open(run.id, run.name) },
    },
    [make("bdi", { text: run.name })],
  );
  return make("span", { class: "maker", attrs: { "data-status": run.status } }, [sign, name]);
}

/** Return a moment on the reader's clock, exact on hover. */
export function when(ms: number | null): HTMLElement {
  const node = make("span", { class: "when" });
  if (ms !== null) {
    node.textContent = clock(ms, Date.now());
    node.title = new Date(ms).toLocaleString();
  }
  return node;
}

/** Return the last moment of a day, written `2026-11-01`, on the reader's clock; null for none. */
export function endOfDay(day: string): Date | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (found === null) return null;
  const [year, month, date] = found.slice(1).map(Number) as [number, number, number];
  const end = new Date(year, month - 1, date + 1, 0, 0, 0, -1);
  return Number.isNaN(end.getTime()) ? null : end;
}
