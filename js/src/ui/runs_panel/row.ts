/** One run of the list: how it goes, what it is called, when it was, its course and what it came to. */

import { exact, figure } from "../../core/figures.ts";
import { aligned, clock } from "../../core/shown.ts";
import { make, say } from "../dom.ts";
import { fillCurve } from "../table/cells.ts";
import type { Model } from "../table/model.ts";

const CURVE: [number, number] = [56, 18];
export const STARTED = "created_at";
export const TAGS = "tags";

export interface RowLook {
  selected: Map<string, number>;
  curves: Map<string, Float32Array>;
  now: number;
}

/** Return the columns that are asked for. */
export function columnsOf(model: Model): string[] {
  const main = model.facts?.main;
  return [STARTED, TAGS, ...(main ? [main] : [])].filter((id) => model.byId.has(id));
}

export function runNode(): HTMLElement {
  const hidden = { "aria-hidden": "true" };
  const parts = [
    make("span", { class: "pick", title: "Select", attrs: hidden }, [
      make("span", { class: "sign" }),
      make("span", { class: "box" }),
    ]),
    make("span", { class: "who", attrs: hidden }, [
      make("bdi", { class: "name" }),
      make("span", { class: "when" }),
    ]),
    make("span", { class: "curve", attrs: hidden }),
    make("b", { class: "value", attrs: hidden }),
    make("button", {
      class: "more",
      text: "⋮",
      title: "Note, tags, stop and more",
      attrs: { type: "button", tabindex: "-1", ...hidden },
    }),
  ];
  return make("div", { class: "run", attrs: { role: "option" } }, parts);
}

/** Show a run in its row; one that is not here yet keeps its room. */
export function fillRun(
  row: HTMLElement,
  place: number,
  isActive: boolean,
  model: Model,
  look: RowLook,
): void {
  const head = model.windows.head(place);
  const [pick, who, curve, value] = row.children as unknown as HTMLElement[];
  const [id, name, short, status, glyph] = head ?? ["", "", "", "", ""];
  const isSelected = look.selected.has(id);
  row.classList.toggle("active", isActive);
  row.classList.toggle("selected", isSelected);
  row.classList.toggle("absent", head === undefined);
  row.dataset.status = status;
  row.dataset.run = id;
  row.setAttribute("aria-selected", String(isSelected));
  row.setAttribute("aria-setsize", String(model.n));
  say(pick!.firstElementChild as HTMLElement, glyph);
  say(who!.firstElementChild as HTMLElement, name);
  const when = whenOf(model, place, status, look.now);
  const tags = (model.windows.cell(place, TAGS) ?? []) as string[];
  say(who!.lastElementChild as HTMLElement, [when, ...tags].filter(Boolean).join(" · "));
  fillCurve(curve!, look.curves.get(id), CURVE);
  const main = model.facts?.main ?? null;
  const number = main === null ? null : model.windows.cell(place, main);
  const isNumber = typeof number === "number";
  const text = isNumber ? aligned(number, model.windows.traits.get(main!)?.decimals) : "";
  say(value!, text);
  const result = isNumber ? `${titleOf(model, main!)} ${exact(number)}` : "";
  const told = [`${name} ${short}`, status, when, tags.join(", "), result];
  row.title = head === undefined ? "" : told.filter(Boolean).join("\n");
  const spoken = [
    name,
    status,
    when,
    tags.join(", "),
    isNumber ? `${titleOf(model, main!)} ${figure(number)}` : "",
  ];
  row.setAttribute("aria-label", spoken.filter(Boolean).join(", "));
}

function titleOf(model: Model, id: string): string {
  return model.byId.get(id)?.title ?? id;
}

function whenOf(model: Model, place: number, status: string, now: number): string {
  if (status === "running") return "now";
  const began = model.windows.cell(place, STARTED);
  if (typeof began === "number") return clock(began, now);
  // A folder that was copied in part, or none of a run.
  return began === null ? "its record cannot be read" : "";
}
