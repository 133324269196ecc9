/** The rows in sight: their elements are used again for those that come into sight. */

import type { Group } from "../../bridge/table.ts";
import { count, exact, figure } from "../../core/figures.ts";
import { better } from "../../core/shown.ts";
import { isClosed } from "../../core/view.ts";
import { make } from "../dom.ts";
import { CellRow } from "./cell_row.ts";
import { fill, type Look } from "./cells.ts";
import type { Columns } from "./columns.ts";
import type { Model } from "./model.ts";
import { ROW, type Sight } from "./scroller.ts";

interface Row {
  cells: CellRow;
  index: number;
}

export class Rows {
  private free: Row[] = [];
  private used = new Map<number, Row>();
  private marked: HTMLElement | null = null;

  constructor(
    private readonly body: HTMLElement,
    private readonly columns: Columns,
    private readonly model: Model,
  ) {}

  /** Show what is in sight; `stamp` rises when other things stand in the cells. */
  draw(sight: Sight, look: Look, stamp: number): void {
    const wanted = new Set(sight.rows);
    for (const [index, row] of this.used) {
      if (wanted.has(index)) continue;
      this.used.delete(index);
      this.free.push(row);
    }
    for (const index of sight.rows) {
      const known = this.used.get(index);
      this.fillRow(
        known ?? this.taken(index),
        sight,
        look,
        known === undefined ? Number.NaN : stamp,
        stamp,
      );
    }
    for (const row of this.free) row.cells.node.hidden = true;
  }

  /** Mark the active cell. */
  mark(active: [number, number] | null): void {
    this.marked?.classList.remove("active");
    this.marked?.removeAttribute("id");
    this.marked = null;
    const row = this.used.get(active?.[0] ?? -1);
    const column = this.columns.all[active?.[1] ?? -1];
    if (row === undefined || column === undefined) return;
    this.marked = row.cells.cell(column.info.id) ?? row.cells.node.querySelector(".group-cell");
    this.marked?.classList.add("active");
    this.marked?.setAttribute("id", "active");
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
    return this.used.get(row)?.cells.cell(column) ?? null;
  }

  private taken(index: number): Row {
    const row = this.free.pop() ?? { cells: new CellRow(rowNode(), cellNode), index };
    const { node } = row.cells;
    row.index = index;
    node.hidden = false;
    node.dataset.row = String(index);
    node.setAttribute("aria-rowindex", String(index + 2));
    node.style.transform = `translateY(${index * ROW}px)`;
    this.used.set(index, row);
    if (node.parentNode === null) this.body.append(node);
    return row;
  }

  private fillRow(row: Row, sight: Sight, look: Look, held: number, stamp: number): void {
    const group = this.model.windows.group(row.index);
    if (group !== undefined) {
      if (held !== stamp || row.cells.node.dataset.stamp !== String(stamp)) {
        row.cells.node.dataset.stamp = String(stamp);
        this.fillGroup(row.cells.node, group);
      }
      return;
    }
    const { node } = row.cells;
    const head = this.model.windows.head(row.index);
    const isSelected = head !== undefined && look.selected.has(head[0]);
    node.classList.remove("group");
    node.removeAttribute("aria-expanded");
    node.classList.toggle("selected", isSelected);
    node.setAttribute("aria-selected", String(isSelected));
    for (const slot of row.cells.place(this.columns, sight)) {
      if (slot.stamp === held) continue;
      slot.stamp = stamp;
      const isName = slot.column.info.id === "run";
      slot.cell.setAttribute("role", isName ? "rowheader" : "gridcell");
      fill(slot.cell, slot.column, row.index, this.model, look);
    }
  }

  private fillGroup(node: HTMLElement, group: Group): void {
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
    node.classList.add("group");
    node.classList.remove("selected");
    node.removeAttribute("aria-selected");
    node.setAttribute("aria-expanded", String(!closed));
    const cell = make("div", { class: "group-cell", attrs: { role: "gridcell" } }, words);
    node.replaceChildren(cell);
  }
}

function rowNode(): HTMLElement {
  return make("div", { class: "row", attrs: { role: "row" } });
}

function cellNode(): HTMLElement {
  return make("div", { class: "cell" });
}

function quiet(text: string, title = ""): HTMLElement {
  return make("span", { class: "quiet", text, title });
}
