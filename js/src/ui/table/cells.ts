/** What stands in the cells of a run; words are only ever set as text. */

import type { Head } from "../../bridge/table.ts";
import { duration, exact } from "../../core/figures.ts";
import { aligned, clock, curvePath, isBest, shade } from "../../core/shown.ts";
import type { Windows } from "../../core/windows.ts";
import { make } from "../dom.ts";
import { colourOf } from "../theme.ts";
import type { Placed } from "./columns.ts";
import type { Model } from "./model.ts";

const SVG = "http://www.w3.org/2000/svg";
export const CURVE_SIZE: [number, number] = [80, 18];

/** What cells need to know beyond the rows. */
export interface Look {
  dark: boolean;
  /** Id → place of the selected runs. */
  selected: Map<string, number>;
  curves: Map<string, Float32Array>;
  now: number;
  shaded: (id: string) => boolean;
}

/** Fill a cell of a row; `undefined` is not here yet. */
export function fill(
  cell: HTMLElement,
  column: Placed,
  row: number,
  model: Model,
  look: Look,
): void {
  const head = model.windows.head(row);
  const { type, id } = column.info;
  if (cell.dataset.type !== type) {
    cell.dataset.type = type;
    cell.removeAttribute("data-status");
    cell.removeAttribute("aria-label");
    cell.replaceChildren();
  }
  cell.style.removeProperty("--weight");
  cell.className = `cell ${type}`;
  if (head === undefined) say(cell, "", "");
  else if (type === "run") fillRun(cell, head, look);
  else if (type === "curve") fillCurve(cell, look.curves.get(head[0]), CURVE_SIZE);
  else if (type === "tags") fillTags(cell, (model.windows.cell(row, id) ?? []) as string[]);
  else fillValue(cell, column, row, model.windows, look);
}

function fillValue(
  cell: HTMLElement,
  column: Placed,
  row: number,
  windows: Windows,
  look: Look,
): void {
  const { type, id } = column.info;
  const [value, traits] = [windows.cell(row, id), windows.traits.get(id)];
  if (traits?.right) cell.classList.add("right");
  if (typeof value !== "number") say(cell, value?.toString() ?? "", windows.exact(row, id));
  else if (type === "time") say(cell, clock(value, look.now), iso(value));
  else if (type === "duration") say(cell, duration(value), `${exact(value)} s`);
  else {
    if (isBest(value, traits)) cell.classList.add("best");
    const weight = look.shaded(id) ? shade(value, traits) : null;
    if (weight !== null) {
      cell.classList.add("shaded");
      cell.style.setProperty("--weight", weight.toFixed(3));
    }
    say(cell, aligned(value, traits?.decimals), exact(value));
  }
}

function say(cell: HTMLElement, text: string, title: string): void {
  if (cell.textContent !== text || cell.childElementCount > 0) cell.textContent = text;
  if (cell.title !== title) cell.title = title;
}

function fillRun(cell: HTMLElement, head: Head, look: Look): void {
  const [id, name, short, status, glyph] = head;
  const place = look.selected.get(id) ?? -1;
  cell.dataset.status = status;
  const parts = cell.childElementCount > 0 ? [...cell.children] : runParts(cell);
  const [box, sign, swatch, words, code] = parts as HTMLElement[];
  box!.classList.toggle("on", place >= 0);
  put(sign!, glyph);
  sign!.title = status;
  swatch!.style.background = place >= 0 ? colourOf(place < 8 ? place : -1, look.dark) : "";
  put(words!, name);
  put(code!, short);
  const title = `${name} ${id} (${status})`;
  if (cell.title === title) return;
  cell.title = title;
  cell.setAttribute("aria-label", title);
}

function runParts(cell: HTMLElement): HTMLElement[] {
  const hidden = { "aria-hidden": "true" };
  const parts = [
    make("span", { class: "box", attrs: hidden }),
    make("span", { class: "sign", attrs: hidden }),
    make("span", { class: "swatch-line", attrs: hidden }),
    make("span", { class: "run-name" }),
    make("code"),
  ];
  cell.replaceChildren(...parts);
  return parts;
}

function put(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

function fillTags(cell: HTMLElement, tags: string[]): void {
  if (cell.querySelector("input") !== null) return;
  cell.title = tags.join(", ");
  cell.replaceChildren(...tags.map((tag) => make("span", { class: "tag", text: tag })));
}

/** Draw a curve in a box of this width and height; nothing without one. */
export function fillCurve(
  cell: HTMLElement,
  curve: Float32Array | undefined,
  [width, height]: [number, number],
): void {
  cell.title = "";
  const path = curve === undefined ? "" : curvePath(curve, width, height);
  if (path === "") {
    cell.replaceChildren();
    return;
  }
  let line = cell.querySelector("path");
  if (line === null) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(height + 2));
    svg.setAttribute("viewBox", `0 -1 ${width} ${height + 2}`);
    svg.setAttribute("aria-hidden", "true");
    line = document.createElementNS(SVG, "path");
    svg.append(line);
    cell.replaceChildren(svg);
  }
  if (line.getAttribute("d") !== path) line.setAttribute("d", path);
}

function iso(ms: number): string {
  const moment = new Date(ms);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString();
}
