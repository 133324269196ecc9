/** The rows in sight: their elements are used again for those that come into sight. */

import type { Group } from "../../bridge/table.ts";
import { count, exact, figure } from "../../core/figures.ts";
import { better } from "../../core/shown.ts";
import { isClosed } from "../../core/view.ts";
import { make } from "../dom.ts";
import { fill, type Look } from "./cells.ts";
import type { Columns, Placed } from "./columns.ts";
import type { Model } from "./model.ts";
import { ROW, type Sight } from "./scroller.ts";

interface Row {
  node: HTMLElement;
  index: number;
}

export class Rows {
  private free: Row[] = [];
  private used = new Map<number, Row>();

  constructor(
    private readonly body: HTMLElement,
    private readonly columns: Columns,
    private readonly model: Model,
  ) {}

  /** Show what is in sight. */
  draw(sight: Sight, look: Look, active: [number, number] | null): void {
    const wanted = new Set(sight.rows);
    for (const [index, row] of this.used) {
      if (wanted.has(index)) continue;
      this.used.delete(index);
      this.free.push(row);
    }
    for (const index of sight.rows) {
      const row = this.used.get(index) ?? this.taken(index);
      this.fillRow(row, sight, look, active);
    }
    for (const row of this.free) row.node.hidden = true;
  }

  /** Return the row of an element, and its column; null outside of all. */
  at(target: EventTarget | null): { row: number; column: string | null } | null {
    if (!(target instanceof Element)) return null;
    const node = target.closest<HTMLElement>(".row");
    if (node === null) return null;
    const cell = target.closest<HTMLElement>(".cell");
    return { row: Number(node.dataset.row), column: cell?.dataset.column ?? null };
  }

  cell(row: number, column: string): HTMLElement | null {
    const cells = this.used.get(row)?.node.querySelectorAll<HTMLElement>(".cell") ?? [];
    return [...cells].find((cell) => cell.dataset.column === column) ?? null;
  }

  private taken(index: number): Row {
    const row = this.free.pop() ?? { node: make("div", { class: "row" }), index };
    row.node.setAttribute("role", "row");
    row.index = index;
    row.node.hidden = false;
    row.node.dataset.row = String(index);
    row.node.setAttribute("aria-rowindex", String(index + 2));
    row.node.style.transform = `translateY(${index * ROW}px)`;
    this.used.set(index, row);
    if (row.node.parentNode === null) this.body.append(row.node);
    return row;
  }

  private fillRow(row: Row, sight: Sight, look: Look, active: [number, number] | null): void {
    const group = this.model.windows.group(row.index);
    row.node.classList.toggle("active-row", active?.[0] === row.index);
    if (group !== undefined) {
      this.fillGroup(row, group, active);
      return;
    }
    const head = this.model.windows.head(row.index);
    const isSelected = head !== undefined && look.selected.has(head[0]);
    row.node.classList.remove("group");
    row.node.removeAttribute("aria-expanded");
    row.node.classList.toggle("selected", isSelected);
    row.node.setAttribute("aria-selected", String(isSelected));
    const { pinned } = this.columns;
    const shown = [...pinned, ...sight.columns];
    const cells = cellsOf(row.node, shown.length);
    const gap = row.node.firstElementChild as HTMLElement;
    gap.style.width = `${sight.gap}px`;
    gap.style.order = String(pinned.length);
    shown.forEach((column, place) => {
      const cell = cells[place]!;
      placeCell(cell, column, place, pinned.length);
      cell.setAttribute("role", column.info.id === "run" ? "rowheader" : "gridcell");
      fill(cell, column, row.index, this.model, look);
      mark(cell, active?.[0] === row.index && active[1] === column.nth);
    });
  }

  private fillGroup(row: Row, group: Group, active: [number, number] | null): void {
    const closed = isClosed(this.model.view.folding, group.label);
    const { windows } = this.model;
    const goal = windows.metric === null ? null : windows.traits.get(windows.metric)?.goal;
    const words = [make("b", { text: `${closed ? "▸" : "▾"} ${group.label}` })];
    words.push(quiet(`${count(group.n)} run${group.n === 1 ? "" : "s"}`));
    if (group.best !== null) words.push(quiet(`best ${figure(group.best)}`, exact(group.best)));
    if (group.mean !== null) {
      const more = windows.mean === null ? "" : better(group.mean, windows.mean, goal);
      words.push(quiet(`mean ${figure(group.mean)}${more ? ` ${more}` : ""}`, exact(group.mean)));
    }
    row.node.classList.add("group");
    row.node.classList.remove("selected");
    row.node.removeAttribute("aria-selected");
    row.node.setAttribute("aria-expanded", String(!closed));
    const cell = make("div", { class: "group-cell", attrs: { role: "gridcell" } }, words);
    row.node.replaceChildren(cell);
    mark(cell, active?.[0] === row.index);
  }
}

/** Place a cell in the order of its row; the pinned ones stay at the left. */
export function placeCell(cell: HTMLElement, column: Placed, place: number, pinned: number): void {
  const stays = place < pinned;
  cell.dataset.column = column.info.id;
  cell.setAttribute("aria-colindex", String(column.nth + 1));
  cell.style.width = `${column.width}px`;
  cell.style.order = String(stays ? place : place + 1);
  cell.style.position = stays ? "sticky" : "";
  cell.style.left = stays ? `${column.left}px` : "";
  cell.style.zIndex = stays ? "1" : "";
}

function mark(cell: HTMLElement, isActive: boolean): void {
  cell.classList.toggle("active", isActive);
  if (isActive) cell.id = "active";
  else cell.removeAttribute("id");
}

function cellsOf(node: HTMLElement, n: number): HTMLElement[] {
  if (node.classList.contains("group") || node.childElementCount === 0) {
    node.replaceChildren(make("div", { class: "gap", attrs: { role: "presentation" } }));
  }
  while (node.childElementCount > n + 1) node.lastElementChild!.remove();
  while (node.childElementCount < n + 1) node.append(make("div", { class: "cell" }));
  return [...node.children].slice(1) as HTMLElement[];
}

function quiet(text: string, title = ""): HTMLElement {
  return make("span", { class: "quiet", text, title });
}
