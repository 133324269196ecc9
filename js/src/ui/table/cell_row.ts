/** The cells of one row, heads or values: those of columns that stay in sight are left alone. */

import { make } from "../dom.ts";
import type { Columns, Placed } from "./columns.ts";
import type { Sight } from "./scroller.ts";

export interface Slot {
  cell: HTMLElement;
  column: Placed;
  /** What was filled in: nothing is written twice. */
  stamp: number;
  layout: number;
}

export class CellRow {
  private slots = new Map<string, Slot>();
  private readonly gap = make("div", { class: "gap", attrs: { role: "presentation" } });

  constructor(
    readonly node: HTMLElement,
    private readonly made: () => HTMLElement,
  ) {}

  /** Have a cell for each column in sight, where it stands. */
  place(columns: Columns, sight: Sight): Iterable<Slot> {
    const { pinned, layout } = columns;
    if (this.gap.parentNode !== this.node) {
      this.slots.clear();
      this.node.replaceChildren(this.gap);
    }
    this.gap.style.width = `${sight.gap}px`;
    // Between the pinned columns and the others, which have the even places.
    this.gap.style.order = String(2 * pinned.length - 1);
    const shown = [...pinned, ...sight.columns];
    const wanted = new Set(shown.map((one) => one.info.id));
    const spare = [...this.slots].filter(([id]) => !wanted.has(id));
    for (const [id] of spare) this.slots.delete(id);
    for (const column of shown) {
      const slot = this.slots.get(column.info.id) ?? spare.pop()?.[1] ?? this.added(column);
      if (slot.column.info.id !== column.info.id) slot.stamp = -1;
      this.slots.set(column.info.id, slot);
      if (slot.stamp < 0 || slot.layout !== layout) style(slot, column, column.nth < pinned.length);
      slot.column = column;
      slot.layout = layout;
    }
    for (const [, slot] of spare) slot.cell.remove();
    return this.slots.values();
  }

  cell(column: string): HTMLElement | null {
    return this.slots.get(column)?.cell ?? null;
  }

  private added(column: Placed): Slot {
    const cell = this.made();
    this.node.append(cell);
    return { cell, column, stamp: -1, layout: -1 };
  }
}

function style({ cell }: Slot, column: Placed, stays: boolean): void {
  cell.dataset.column = column.info.id;
  cell.setAttribute("aria-colindex", String(column.nth + 1));
  cell.style.width = `${column.width}px`;
  cell.style.order = String(2 * column.nth);
  cell.style.position = stays ? "sticky" : "";
  cell.style.left = stays ? `${column.left}px` : "";
  cell.style.zIndex = stays ? "1" : "";
}
