/** The few rows of one Vega data set: as long as they stand for the same, they change in place. */

import { changeset, type View } from "vega";

/** A row: its series, the colour and the dashes of that, and what changes from draw to draw. */
export interface Row {
  s: number;
  c: number;
  d: number;
  [field: string]: unknown;
}

export class Rows {
  private held: Row[] = [];

  constructor(private readonly dataset: string) {}

  /** Hand rows to a view, which draws them when it runs next. */
  write(view: View, rows: Row[]): void {
    const change = changeset();
    if (rows.length !== this.held.length || rows.some((row, at) => !alike(row, this.held[at]!))) {
      change.remove(() => true).insert(rows);
      this.held = rows;
    } else {
      const changed = rows.filter((row, at) => renewed(this.held[at]!, row));
      if (changed.length === 0) return;
      (change as unknown as { reflow(): void }).reflow();
    }
    view.change(this.dataset, change);
  }
}

/** Return whether what is set when a row enters is the same for both. */
function alike(one: Row, other: Row): boolean {
  return one.s === other.s && one.c === other.c && one.d === other.d;
}

/** Write what is new into a row; return whether anything is. */
function renewed(row: Row, by: Row): boolean {
  const fields = Object.keys(by).filter((field) => row[field] !== by[field]);
  for (const field of fields) row[field] = by[field];
  return fields.length > 0;
}
