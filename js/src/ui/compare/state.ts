/** What is chosen in a comparison, for all of its views: runs, metrics, axes, zoom, brush. */

import type { CompareFacts } from "../../bridge/comparison.ts";
import { type Span, within } from "../../core/brush.ts";
import { type Chosen, drawnOf } from "../../core/looks.ts";
import type { Range } from "../../core/range.ts";
import type { Settings } from "../plot.ts";

/** Curves that a panel draws at most. */
export const LINES = 60;

/** What has changed: how runs look, which one is pointed at, what curves there are, and so on. */
export type Change = "looks" | "hover" | "curves" | "zoom" | "layout" | "metric" | "theme";

export class State implements Chosen {
  readonly hidden = new Set<number>();
  readonly pinned = new Set<number>();
  inside: Uint8Array | null = null;
  hovered = -1;
  x: string;
  log = false;
  smooth: Settings["smooth"] = "auto";
  groups = false;
  by: string;
  panels: string[];
  metric: string;
  dark = false;
  /** What could not be compared, and why. */
  remarks: string[] = [];
  /** What part of an axis is shown, by what it is: steps, time, epochs. */
  readonly zooms = new Map<string, Range>();
  /** What the curves of a metric run over, where that is not what was chosen. */
  readonly axes = new Map<string, string | null>();
  readonly spans = new Map<string, Span>();
  private readonly places = new Map<string, Float64Array>();
  private readonly heard = new Set<(change: Change) => void>();
  private readonly numbers: Map<string, number>;

  constructor(
    readonly facts: CompareFacts,
    private readonly select: (ids: string[]) => void,
  ) {
    this.x = facts.x;
    this.by = facts.by || (facts.bys[0]?.[0] ?? "");
    this.groups = facts.by !== "";
    this.panels = [...facts.panels];
    this.metric = facts.metric;
    this.numbers = new Map(facts.runs.map(([id], run) => [id, run]));
  }

  get n(): number {
    return this.facts.runs.length;
  }

  /** Runs whose curves are drawn. */
  get drawn(): number[] {
    return drawnOf(this.n, LINES, this);
  }

  listen(handler: (change: Change) => void): () => void {
    this.heard.add(handler);
    return () => this.heard.delete(handler);
  }

  tell(change: Change): void {
    for (const handler of this.heard) handler(change);
  }

  name(run: number): string {
    return this.facts.runs[run]?.[1] ?? "";
  }

  place(id: string): number {
    return this.numbers.get(id) ?? -1;
  }

  label(key: string): string {
    return this.facts.metrics.find((one) => one.key === key)?.label ?? key;
  }

  hover(run: number): void {
    if (run === this.hovered) return;
    this.hovered = run;
    this.tell("hover");
  }

  toggle(run: number): void {
    if (!this.hidden.delete(run)) this.hidden.add(run);
    this.pinned.delete(run);
    this.tell("looks");
  }

  pin(run: number): void {
    if (!this.pinned.delete(run)) this.pinned.add(run);
    this.hidden.delete(run);
    this.tell("looks");
  }

  // What curves run over ----------------------------------------------------------------------

  /** Return what the curves of a metric run over. */
  axisOf(key: string): string {
    return this.axes.get(key) ?? this.x;
  }

  zoom(axis: string, range: Range | null): void {
    if (range === null) this.zooms.delete(axis);
    else this.zooms.set(axis, range);
    this.tell("zoom");
  }

  over(x: string): void {
    this.x = x;
    this.zooms.clear();
    this.axes.clear();
    this.tell("curves");
  }

  // The brush ---------------------------------------------------------------------------------

  /** Take over where the runs lie on the axes there are now. */
  settle(places: Map<string, Float64Array>): void {
    this.places.clear();
    for (const [key, at] of places) this.places.set(key, at);
    const gone = [...this.spans.keys()].filter((key) => !places.has(key));
    for (const key of gone) this.spans.delete(key);
    if (gone.length > 0) this.brushed(true);
  }

  brush(key: string, span: Span | null, done: boolean): void {
    if (span === null) this.spans.delete(key);
    else this.spans.set(key, span);
    this.brushed(done);
  }

  clear(): void {
    this.spans.clear();
    this.inside = null;
    this.brushed(true);
  }

  /** Take over which runs somebody selected elsewhere; return whether that is another choice. */
  take(ids: unknown): boolean {
    const given = Array.isArray(ids) ? ids.map((id) => this.place(String(id))) : [];
    const runs = given.filter((run) => run >= 0);
    if (runs.join() === this.selected.join()) return false;
    this.spans.clear();
    this.inside = runs.length > 0 ? new Uint8Array(this.n) : null;
    for (const run of runs) this.inside![run] = 1;
    this.tell("looks");
    return true;
  }

  /** Runs within the brush; none without one. */
  get selected(): number[] {
    const found: number[] = [];
    this.inside?.forEach((one, run) => {
      if (one) found.push(run);
    });
    return found;
  }

  private brushed(done: boolean): void {
    this.inside = within(this.n, this.places, this.spans);
    this.tell("looks");
    if (done) this.select(this.selected.map((run) => this.facts.runs[run]![0]));
  }
}
