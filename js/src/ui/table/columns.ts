/** The columns of a table as the table library keeps them: order, pins, widths, sorting. */

import {
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  constructTable,
  rowSortingFeature,
  tableFeatures,
} from "@tanstack/table-core";
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";
import type { ColumnInfo } from "../../bridge/table.ts";
import type { Sort, View } from "../../core/view.ts";

const features = tableFeatures({
  coreReactivityFeature: storeReactivityBindings(),
  columnOrderingFeature,
  columnPinningFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
});

const WIDTHS: Partial<Record<ColumnInfo["type"], number>> = {
  number: 88,
  duration: 96,
  time: 108,
  tags: 168,
  curve: 104,
  status: 96,
};

/** A column where it stands: its offset and width in pixels. */
export interface Placed {
  info: ColumnInfo;
  left: number;
  width: number;
  /** Place among all columns. */
  nth: number;
}

export class Columns {
  /** Those at the left that stay, then those that scroll. */
  pinned: Placed[] = [];
  scrolled: Placed[] = [];
  all: Placed[] = [];
  /** Rises whenever something is placed otherwise. */
  layout = 0;
  pinnedWidth = 0;
  width = 0;
  private table = tableOf([], {}, 0);
  private told: unknown[] = [];

  /** Take over what is shown and how; return whether anything is placed otherwise. */
  show(infos: ColumnInfo[], view: View, sort: Sort, room: number): boolean {
    const names = infos.map((one) => one.id).join("\n");
    const told = [names, view.pinned, view.widths, infos.length, room];
    if (JSON.stringify(told) === JSON.stringify(this.told)) {
      this.table.setSorting(sort.map(([id, desc]) => ({ id, desc })));
      return false;
    }
    this.told = told;
    this.layout++;
    const byId = new Map(infos.map((one) => [one.id, one]));
    this.table = tableOf(infos, view.widths, room);
    this.table.setColumnPinning({
      start: ["run", ...view.pinned.filter((id) => id !== "run" && byId.has(id))],
      end: [],
    });
    this.table.setSorting(sort.map(([id, desc]) => ({ id, desc })));
    let nth = 0;
    const place = (columns: { id: string; getSize(): number }[], from: number): Placed[] => {
      let left = from;
      return columns.map((column) => {
        const width = column.getSize();
        const placed = { info: byId.get(column.id)!, left, width, nth: nth++ };
        left += placed.width;
        return placed;
      });
    };
    this.pinned = place(this.table.getStartVisibleLeafColumns(), 0);
    this.pinnedWidth = endOf(this.pinned, 0);
    this.scrolled = place(this.table.getCenterVisibleLeafColumns(), this.pinnedWidth);
    this.width = endOf(this.scrolled, this.pinnedWidth);
    this.all = [...this.pinned, ...this.scrolled];
    return true;
  }

  /** Return the sorting after a click on a head; `more` keeps what is sorted by already. */
  sorted(id: string, more: boolean, falling: boolean): Sort {
    const column = this.table.getColumn(id);
    const before = column?.getIsSorted();
    if (before === false) column?.toggleSorting(falling, more);
    else if (before === (falling ? "desc" : "asc")) column?.toggleSorting(!falling, more);
    else if (more) column?.clearSorting();
    else this.table.setSorting([]);
    return this.table.store.get().sorting.map((one) => [one.id, one.desc]);
  }

  /** Return how a column is sorted by: its sign, and its place among several. */
  sortOf(id: string): { sign: "asc" | "desc"; place: number } | null {
    const column = this.table.getColumn(id);
    const sign = column?.getIsSorted();
    return sign ? { sign, place: column!.getSortIndex() } : null;
  }
}

function tableOf(infos: ColumnInfo[], widths: Record<string, number>, room: number) {
  return constructTable({
    features,
    data: [] as object[],
    columns: infos.map((info) => ({
      id: info.id,
      accessorFn: () => null,
      size: widths[info.id] ?? widthOf(info, room),
    })),
    manualSorting: true,
  });
}

function widthOf(info: ColumnInfo, room: number): number {
  // In a narrow page the column that stays leaves room for the others.
  if (info.type === "run") return Math.round(Math.min(232, Math.max(132, room * 0.42)));
  // Room for a bold title and the sign that says how it is sorted; a curve has no title.
  const unit = info.unit ? info.unit.length * 6.6 + 14 : 0;
  const head = info.type === "curve" ? 0 : info.title.length * 7 + unit + 46;
  const most = info.type === "text" ? Math.max(info.wide * 7.2 + 26, head) : head;
  return Math.round(Math.min(Math.max(most, WIDTHS[info.type] ?? 72), 220));
}

function endOf(placed: Placed[], otherwise: number): number {
  const last = placed.at(-1);
  return last === undefined ? otherwise : last.left + last.width;
}
