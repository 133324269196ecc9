/** What a table shows: the columns there are, the rows that are here, how they are looked at. */

import { Refused, type Requests } from "../../bridge/requests.ts";
import type { ColumnInfo, Facts, RowsTold } from "../../bridge/table.ts";
import { PLAIN, type View, viewOf } from "../../core/view.ts";
import { Windows } from "../../core/windows.ts";

export const CURVE = "curve";
/** Rows asked for beyond those in sight. */
const AROUND = 32;
const MANY_SETTINGS = 3;

export interface Fault {
  message: string;
  position: number | null;
}

export class Model {
  facts: Facts | null = null;
  fault: Fault | null = null;
  query = "";
  view: View = PLAIN;
  windows = new Windows();
  byId = new Map<string, ColumnInfo>();
  /** Called when there is something else to be drawn: the columns, or only cells. */
  onchange: (what: "all" | "rows") => void = () => {};
  /** Called when the view was changed here. */
  onview: (view: View) => void = () => {};
  private order = "";
  /** What is in sight: asked for anew when the rows stand in another order. */
  private sight: [number, number, string[]] = [0, 0, []];
  private asking = "";

  constructor(readonly requests: Requests) {}

  get n(): number {
    return this.windows.n ?? 0;
  }

  /** Read the store anew and show what a query selects. */
  async ask(query: string): Promise<void> {
    this.query = query;
    try {
      const told = await this.requests.ask<Facts>("facts", { query });
      if (told === null) return;
      this.facts = told[0];
      this.fault = null;
      this.byId = new Map(withCurve(this.facts).map((column) => [column.id, column]));
      this.onchange("all");
      this.reorder();
    } catch (error) {
      const position = error instanceof Refused ? error.position : null;
      this.fault = { message: (error as Error).message, position };
      this.onchange("all");
    }
  }

  /** Look at the rows in another way. */
  set(chosen: Partial<View>): void {
    this.view = { ...this.view, ...chosen };
    this.onview(this.view);
    this.onchange("all");
    this.reorder();
  }

  /** Take over a view that was set in Python. */
  take(view: unknown): void {
    const taken = viewOf(view);
    if (JSON.stringify(taken) === JSON.stringify(this.view)) return;
    this.view = taken;
    this.onchange("all");
    this.reorder();
  }

  /** Say which rows and columns are in sight; what of them is not here is asked for. */
  see(first: number, end: number, columns: string[]): void {
    this.sight = [first, end, columns];
    void this.fill();
  }

  /** What decides the order of the rows, as the kernel is told of it. */
  get arranged(): Record<string, unknown> {
    const { sort, group, folding } = this.view;
    return { at: this.facts?.at ?? 0, query: this.query, sort, group, folding };
  }

  /** Return what stands in a table, in order. */
  columns(): ColumnInfo[] {
    if (this.facts === null) return [];
    const all = withCurve(this.facts);
    const chosen = this.view.columns;
    if (chosen === null) {
      return mainFirst(
        all.filter((one) => one.shown || (this.view.every && one.equal)),
        this.facts,
      );
    }
    const found = chosen.map((id) => this.byId.get(id)).filter((one) => one !== undefined);
    return [all[0]!, ...found.filter((one) => one.id !== "run")];
  }

  private reorder(): void {
    const order = JSON.stringify(this.arranged);
    if (order === this.order || this.facts === null) return;
    this.order = order;
    this.asking = "";
    void this.fill(true);
  }

  private async fill(anew = false): Promise<void> {
    const [first, end, columns] = this.sight;
    if (this.facts === null || end === 0) return;
    const real = columns.filter((id) => id !== CURVE);
    const held = anew ? new Windows() : this.windows;
    if (!anew && held.n === null) return;
    const missing = held.missing(Math.max(0, first - AROUND), end + AROUND, real);
    const asking = JSON.stringify([this.order, missing]);
    if (missing === null || asking === this.asking) return;
    this.asking = asking;
    const order = this.order;
    try {
      const told = await this.requests.ask<RowsTold>("rows", { ...this.arranged, ...missing });
      if (told === null || order !== this.order) return;
      if (told[0].gone) {
        await this.ask(this.query);
        return;
      }
      held.put(...told);
      // Rows in another order take the place of those that were shown, not of nothing.
      this.windows = held;
      this.asking = "";
      this.onchange("rows");
      void this.fill();
    } catch (error) {
      this.fault = { message: (error as Error).message, position: null };
      this.onchange("all");
    }
  }
}

/** The column of curves stands behind the metric that it is of. */
function withCurve(facts: Facts): ColumnInfo[] {
  const place = facts.columns.findIndex((column) => column.id === facts.main);
  if (place < 0) return facts.columns;
  const main = facts.columns[place]!;
  const curve: ColumnInfo = {
    id: CURVE,
    title: `${main.title} over steps`,
    kind: "metric",
    type: "curve",
    unit: "",
    shown: main.shown,
    equal: false,
    wide: 0,
  };
  return [...facts.columns.slice(0, place + 1), curve, ...facts.columns.slice(place + 1)];
}

/** Where many settings differ, the result does not stand behind them all. */
function mainFirst(columns: ColumnInfo[], { main }: Facts): ColumnInfo[] {
  const isMain = (one: ColumnInfo) => one.id === main || one.id === CURVE;
  const settings = columns.filter((one) => one.kind === "config").length;
  if (settings <= MANY_SETTINGS) return columns;
  const [run, ...others] = columns;
  return [run!, ...others.filter(isMain), ...others.filter((one) => !isMain(one))];
}
