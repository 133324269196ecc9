/** Keyboard and pointer in the table: one cell is active, and keeps the focus of the grid. */

import type { Columns } from "./columns.ts";
import type { Head } from "./head.ts";
import type { Rows } from "./rows.ts";
import type { Scroller } from "./scroller.ts";

export interface Doing {
  head: Head;
  count: () => number;
  /** Another cell is active. */
  moved: () => void;
  toggle: (row: number, range: boolean) => void;
  all: () => void;
  none: () => void;
  open: (row: number) => void;
  tag: (row: number) => void;
  /** Close or open the group of a row; null does what it is not. */
  fold: (row: number, close: boolean | null) => void;
}

export class Hand {
  /** Row and column of the active cell; row -1 is the head. */
  active: [number, number] | null = null;

  constructor(
    private readonly scroller: Scroller,
    private readonly columns: Columns,
    private readonly rows: Rows,
    private readonly doing: Doing,
  ) {
    const { node } = scroller;
    node.addEventListener("keydown", (event) => this.press(event));
    node.addEventListener("click", (event) => this.click(event));
    node.addEventListener("dblclick", (event) => this.twice(event));
    node.addEventListener("focus", () => {
      if (this.active === null && node.matches(":focus-visible")) this.move(0, 0);
    });
  }

  /** Other rows stand there now. */
  settle(): void {
    if (this.active === null) return;
    this.active = [Math.min(this.active[0], this.doing.count() - 1), this.active[1]];
  }

  private press(event: KeyboardEvent): void {
    if (event.target !== this.scroller.node) return;
    const done = this.done(event);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private done(event: KeyboardEvent): boolean {
    const [row, column] = this.active ?? [0, 0];
    const last = this.doing.count() - 1;
    const far = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case "ArrowDown":
        return this.move(row + 1, column);
      case "ArrowUp":
        return this.move(row - 1, column);
      case "ArrowRight":
        return this.sideways(row, column, 1);
      case "ArrowLeft":
        return this.sideways(row, column, -1);
      case "PageDown":
        return this.move(row + this.scroller.page, column);
      case "PageUp":
        return this.move(Math.max(row - this.scroller.page, 0), column);
      case "Home":
        return this.move(far ? 0 : row, 0);
      case "End":
        return this.move(far ? last : row, this.columns.all.length - 1);
    }
    return this.acts(event, row, far);
  }

  private acts(event: KeyboardEvent, row: number, far: boolean): boolean {
    if (row === -1) return this.onHead(event);
    if (event.key === " ") this.doing.toggle(row, event.shiftKey);
    else if (event.key === "Enter") this.doing.open(row);
    else if (event.key === "a" && far) this.doing.all();
    else if (event.key === "Escape") this.doing.none();
    else if ((event.key === "t" && !far) || event.key === "F2") this.doing.tag(row);
    else return false;
    return true;
  }

  private onHead(event: KeyboardEvent): boolean {
    const id = this.columns.all[this.active?.[1] ?? 0]?.info.id ?? "";
    if (event.key === "Enter" || event.key === " ") this.doing.head.sort(id, event.shiftKey);
    else if (event.key === "p") this.doing.head.pin(id);
    else return false;
    return true;
  }

  private sideways(row: number, column: number, by: number): boolean {
    this.doing.fold(row, by < 0);
    return this.move(row, column + by);
  }

  private move(row: number, column: number): boolean {
    const rows = Math.max(this.doing.count() - 1, -1);
    const columns = this.columns.all.length - 1;
    this.active = [
      Math.min(Math.max(row, -1), rows),
      Math.min(Math.max(column, 0), Math.max(columns, 0)),
    ];
    this.scroller.reveal(...this.active);
    this.doing.moved();
    return true;
  }

  private click(event: MouseEvent): void {
    const at = this.rows.at(event.target);
    if (at === null || (event.target as Element).closest("input")) return;
    const column = this.columns.all.find((one) => one.info.id === at.column);
    this.active = [at.row, column?.nth ?? 0];
    // The second click of two means the cell, not the row.
    if (event.detail > 1) return;
    const isName = (event.target as Element).closest(".run-name") !== null;
    const selects = event.shiftKey || event.ctrlKey || event.metaKey;
    if (isName && !selects) this.doing.open(at.row);
    else this.doing.toggle(at.row, event.shiftKey);
    this.doing.moved();
  }

  private twice(event: MouseEvent): void {
    const at = this.rows.at(event.target);
    // The first click of two on a name opened the run.
    if (at === null || (event.target as Element).closest(".run-name, input") !== null) return;
    this.doing.toggle(at.row, false);
    if (at.column === "tags") this.doing.tag(at.row);
    else this.doing.open(at.row);
  }
}
