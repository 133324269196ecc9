/**
 * Rows of one Vega data set that are written anew in place: to make and to drop thousands of
 * objects a frame would cost more than to draw them.
 */

import { changeset, type View } from "vega";
import { type Drawn, mostPoints } from "./decimate.ts";

/** A row; `g` says whether it is a point, or a gap, or unused. */
export interface Row {
  g: boolean;
  [field: string]: unknown;
}

export class Pool {
  private readonly slots: Row[][] = [];
  private readonly fresh: Row[] = [];
  private readonly used: number[] = [];

  constructor(
    private readonly dataset: string,
    private readonly columns: number,
    private readonly x: string,
    private readonly y: string,
  ) {}

  /** Write a line into a slot. */
  write(slot: number, fixed: Record<string, unknown>, drawn: Drawn): void {
    const rows = this.rows(slot, fixed);
    const { n } = drawn;
    for (let at = 0; at < n; at++) {
      const row = rows[at]!;
      const y = drawn.y[at]!;
      row[this.x] = drawn.x[at]!;
      row[this.y] = y;
      row.g = !Number.isNaN(y);
    }
    const end = n > 0 ? drawn.x[n - 1]! : 0;
    for (let at = n; at < (this.used[slot] ?? rows.length); at++) {
      const row = rows[at]!;
      row[this.x] = end;
      row[this.y] = Number.NaN;
      row.g = false;
    }
    this.used[slot] = n;
  }

  /** Hand what was written to a view, which draws it when it runs next. */
  flush(view: View): void {
    const change = changeset();
    if (this.fresh.length > 0) change.insert(this.fresh.splice(0));
    else (change as unknown as { reflow(): void }).reflow();
    view.change(this.dataset, change);
  }

  private rows(slot: number, fixed: Record<string, unknown>): Row[] {
    let rows = this.slots[slot];
    if (rows === undefined) {
      rows = Array.from({ length: mostPoints(this.columns) }, () => ({
        ...fixed,
        [this.x]: 0,
        [this.y]: 0,
        g: false,
      })); // prettier-ignore
      this.slots[slot] = rows;
      this.fresh.push(...rows);
    }
    return rows;
  }
}
