/** The heads of the columns: a click sorts, with Shift by one more; the edge changes the width. */

import type { ColumnInfo } from "../../bridge/table.ts";
import type { View } from "../../core/view.ts";
import { make } from "../dom.ts";
import { CellRow } from "./cell_row.ts";
import type { Columns, Placed } from "./columns.ts";
import type { Model } from "./model.ts";
import type { Sight } from "./scroller.ts";

const SIGNS = { asc: "▴", desc: "▾" };
const WAYS = { asc: "ascending", desc: "descending" };

export class Head {
  private readonly cells: CellRow;

  constructor(
    node: HTMLElement,
    private readonly columns: Columns,
    private readonly model: Model,
  ) {
    this.cells = new CellRow(node, () => this.made());
  }

  draw(sight: Sight, active: [number, number] | null, stamp: number): void {
    for (const slot of this.cells.place(this.columns, sight)) {
      if (slot.stamp !== stamp) this.say(slot.cell, slot.column);
      slot.stamp = stamp;
      const isActive = active?.[0] === -1 && active[1] === slot.column.nth;
      slot.cell.classList.toggle("active", isActive);
      if (isActive) slot.cell.id = "active";
      else slot.cell.removeAttribute("id");
    }
  }

  /** Sort by a column: largest first where that is better, or nobody can say. */
  sort(id: string, more: boolean): void {
    const info = this.model.byId.get(id);
    if (info === undefined || info.type === "curve") return;
    const falls = info.kind === "metric" || info.type === "time" || info.type === "duration";
    const rising = this.model.windows.traits.get(id)?.goal === "minimize";
    this.model.set({ sort: this.columns.sorted(id, more, falls && !rising) });
  }

  /** Pin a column behind the first, or let it go again. */
  pin(id: string): void {
    this.model.set({ pinned: pinnedOr(this.model.view, id) });
  }

  private made(): HTMLElement {
    const cell = make("div", { class: "cell", attrs: { role: "columnheader" } }, [
      make("span", { class: "title" }),
      make("span", { class: "unit quiet" }),
      make("span", { class: "order", attrs: { "aria-hidden": "true" } }),
      make("span", { class: "edge", attrs: { "aria-hidden": "true" } }),
    ]);
    cell.addEventListener("click", (event) => {
      if (!(event.target as Element).closest(".edge")) {
        this.sort(cell.dataset.column ?? "", event.shiftKey);
      }
    });
    cell.querySelector<HTMLElement>(".edge")!.addEventListener("pointerdown", (event) => {
      this.drag(cell, event);
    });
    return cell;
  }

  private say(cell: HTMLElement, { info }: Placed): void {
    const [title, unit, order] = [...cell.children] as HTMLElement[];
    const sort = this.columns.sortOf(info.id);
    const several = this.model.view.sort.length > 1;
    title!.textContent = info.type === "curve" ? "" : info.title;
    unit!.textContent = info.unit;
    order!.textContent = sort === null ? "" : SIGNS[sort.sign] + (several ? sort.place + 1 : "");
    cell.className = `cell ${info.type}`;
    if (isRight(info, this.model)) cell.classList.add("right");
    if (sort !== null) cell.classList.add("sorted");
    cell.title = info.type === "curve" ? info.title : `${info.id}: click sorts, Shift by one more`;
    cell.setAttribute("aria-label", info.title + (info.unit ? ` in ${info.unit}` : ""));
    cell.setAttribute("aria-sort", sort === null ? "none" : WAYS[sort.sign]);
  }

  private drag(cell: HTMLElement, down: PointerEvent): void {
    down.preventDefault();
    const [id, width] = [cell.dataset.column ?? "", cell.offsetWidth];
    const edge = down.target as HTMLElement;
    edge.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent) => {
      const wide = Math.min(Math.max(width + event.clientX - down.clientX, 40), 800);
      this.model.set({ widths: { ...this.model.view.widths, [id]: wide } });
    };
    edge.addEventListener("pointermove", move);
    edge.addEventListener("pointerup", () => edge.removeEventListener("pointermove", move), {
      once: true,
    });
  }
}

export function pinnedOr(view: View, id: string): string[] {
  if (id === "run") return view.pinned;
  const others = view.pinned.filter((one) => one !== id);
  return others.length < view.pinned.length ? others : [...others, id];
}

function isRight(info: ColumnInfo, model: Model): boolean {
  return (
    info.type === "number" ||
    info.type === "duration" ||
    model.windows.traits.get(info.id)?.right === true
  );
}
