/** One chart: Vega draws the lines, what shows below the pointer is laid over it. */

import type { View } from "vega";
import { type Along, lineOf } from "../core/along.ts";
import { Drawn, decimate, type Line } from "../core/decimate.ts";
import { NOWHERE } from "../core/extremes.ts";
import { exact, moment } from "../core/figures.ts";
import { draw, drawFirst, forget } from "../core/frames.ts";
import { type Range, rangeOf, steady, usable } from "../core/range.ts";
import { type Row, Rows } from "../core/rows.ts";
import { lowerBound, nearest, upperBound } from "../core/search.ts";
import type { Axis, Series } from "../core/series.ts";
import { type Axes, Trace } from "../core/trace.ts";
import { guarded } from "./broken.ts";
import { make } from "./dom.ts";
import { handle, within, type Zoomable } from "./hand.ts";
import { COLOURS } from "./theme.ts";
import { Tip, type Told } from "./tip.ts";
import { viewOf } from "./vega.ts";

/** A series as a plot shows it. */
export interface Shown {
  series: Series;
  /** What takes the place of its steps. */
  along: Along | null;
  label: string;
  colour: number;
  goal: "minimize" | "maximize" | null;
  visible: boolean;
}

export interface Settings {
  axis: Axis | "relative";
  /** Where relative time begins, in milliseconds since 1970. */
  origin: number;
  log: boolean;
  smooth: "auto" | "off" | number;
  dark: boolean;
}

const FEW = 30;
const HEIGHT = 132;
/** Room for the labels below the plot. */
const BELOW = 22;
/** So far out of sight a chart is drawn already. */
const NEAR = "100px";
/** What a draw is called where the browser tells how long things took. */
const DRAW = "runfolio:draw";
/** Data sets of a chart, as `runfolio/charts/live.py` names them. */
const LAYERS = ["raw", "line", "dots", "last", "best"] as const;
type Layers<T> = Record<(typeof LAYERS)[number], T>;

export class Plot implements Zoomable {
  readonly node: HTMLDivElement;
  /** Points that could be seen, and those that are drawn. */
  counted = { shown: 0, of: 0, weight: 0, nonfinite: 0 };
  /** Called after each draw. */
  ondraw: () => void = () => {};

  private readonly canvas = make("div", { class: "canvas" });
  private readonly tip: Tip;
  private shown: Shown[] = [];
  private view: View | null = null;
  private spec = "";
  private dark = false;
  private layers: Layers<Rows> = layers((name) => new Rows(name));
  private drawn = new Drawn(1);
  private x: Range | null = null;
  private y: Range | null = null;
  private zoomed: Range | null = null;
  private width = 0;
  private readonly paint = () => guarded(this.node, () => this.paintNow());
  private readonly resized: ResizeObserver;
  private readonly scrolled: IntersectionObserver;
  private inSight = true;

  constructor(
    private readonly specs: Record<string, object>,
    private settings: Settings,
  ) {
    this.node = make("div", { class: "plot", attrs: { tabindex: "0", role: "img" } }, [
      this.canvas,
    ]);
    this.tip = new Tip(this.node);
    this.node.style.height = `${HEIGHT + BELOW}px`;
    this.resized = new ResizeObserver(() => this.update());
    this.resized.observe(this.node);
    this.scrolled = new IntersectionObserver(
      (seen) => {
        this.inSight = seen[seen.length - 1]!.isIntersecting;
        if (this.inSight) this.update();
      },
      { rootMargin: NEAR },
    );
    this.scrolled.observe(this.node);
    handle(this.node, this);
  }

  /** Show these series; the same ones with new points are drawn again. */
  show(shown: Shown[]): void {
    if (shown[0]?.along?.series !== this.shown[0]?.along?.series) this.zoomed = null;
    this.shown = shown;
    this.node.setAttribute("aria-label", `Chart of ${shown.map((one) => one.label).join(", ")}`);
    this.update();
  }

  set(settings: Settings): void {
    if (settings.axis !== this.settings.axis) this.zoomed = null;
    this.settings = settings;
    this.y = null;
    this.update();
  }

  update(): void {
    draw(this.paint);
  }

  dispose(): void {
    forget(this.paint);
    this.resized.disconnect();
    this.scrolled.disconnect();
    this.view?.finalize();
    this.view = null;
  }

  /** Show a part of the axis only; all of it without a range. */
  zoom(range: Range | null): void {
    this.zoomed = within(this.full(), range);
    this.y = null;
    drawFirst(this.paint);
  }

  /** Return what the axis spans now. */
  get range(): Range | null {
    return this.zoomed ?? this.full();
  }

  private get axis(): Axis {
    return this.settings.axis === "step" ? "step" : "time";
  }

  /** Return where the chart puts what lies at `x` of a line. */
  private place(x: number): number {
    return this.settings.axis === "relative" ? (x - this.settings.origin) / 1000 : x;
  }

  private full(): Range | null {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { series, along, visible } of this.shown) {
      const { x, n } = lineOf(series, this.axis, along);
      if (n === 0 || !visible) continue;
      low = Math.min(low, x[0]!);
      high = Math.max(high, x[n - 1]!);
    }
    if (!(low <= high)) return null;
    return usable(low < high ? [low, high] : [low - 0.5, high + 0.5]);
  }

  // Drawing -----------------------------------------------------------------------------------

  private paintNow(): void {
    const wide = this.node.clientWidth;
    // Charts that nobody sees would take the time of those that somebody does.
    if (wide < 40 || !this.node.isConnected || !this.inSight) return;
    const view = this.ready(wide);
    if (view === null) return;
    const start = performance.now();
    const range = this.range ?? [0, 1];
    const y = this.vertical(range);
    this.write(view, { x: range, y, log: this.settings.log });
    view.signal("x0", this.place(range[0])).signal("x1", this.place(range[1]));
    view.signal("y0", y[0]).signal("y1", y[1]);
    view.run();
    this.x = range;
    this.fit(view, wide);
    this.ondraw();
    const series = this.shown.map((one) => one.label);
    const detail = { series, points: this.counted.of, range };
    performance.measure(DRAW, { start, detail });
    // Whoever observes has it by now; a page that is open for days must not keep them all.
    performance.clearMeasures(DRAW);
  }

  private ready(wide: number): View | null {
    const { axis, log, dark } = this.settings;
    const wanted = `${axis === "time" ? "time" : "number"}/${log ? "log" : "linear"}`;
    const spec = this.specs[wanted];
    if (spec === undefined) return null;
    // Rows take their colours when they enter.
    if (this.view === null || this.spec !== wanted || this.dark !== dark) {
      this.view?.finalize();
      this.view = null; // if the next cannot be made, this one is no longer there
      this.spec = wanted;
      this.canvas.replaceChildren();
      this.view = viewOf(spec, this.canvas);
      this.view.signal("dark", dark);
      this.dark = dark;
      this.layers = layers((name) => new Rows(name));
      this.width = 0;
    }
    const pixels = (this.width || wide - 40) * Math.min(devicePixelRatio || 1, 2);
    const columns = Math.max(32, Math.ceil(pixels));
    if (columns !== this.drawn.columns) this.drawn = new Drawn(columns);
    return this.view;
  }

  /** Give the plot what the labels of its axis leave. */
  private fit(view: View, wide: number): void {
    const left = view.origin()[0] ?? 0;
    const room = Math.max(40, Math.floor(wide - left - 8));
    if (Math.abs(room - this.width) >= 1) {
      this.width = room;
      view.width(room).run();
      // Its pixels are others than those for which points were left out.
      this.update();
    }
  }

  private write(view: View, axes: Axes): void {
    const range = axes.x;
    const found = layers((): Row[] => []);
    this.counted = { shown: 0, of: 0, weight: 0, nonfinite: 0 };
    this.shown.forEach((one, slot) => {
      const fixed = {
        s: slot,
        c: one.colour < 0 ? -1 : one.colour % COLOURS,
        d: one.colour >= COLOURS ? 1 : 0,
      };
      const points = lineOf(one.series, this.axis, one.along);
      if (!one.visible || points.n === 0) return;
      decimate(points, range[0], range[1], this.drawn);
      this.count(one.series, points, range);
      found.dots.push(...rows(this.drawn, fixed, points.n <= FEW));
      const weight = this.weight(one.series);
      if (weight !== null) {
        found.raw.push({ ...fixed, trace: new Trace(this.drawn, axes) });
        const smooth = lineOf(one.series, this.axis, one.along, weight);
        decimate(smooth, range[0], range[1], this.drawn);
        this.counted.weight = weight;
      }
      found.line.push({ ...fixed, trace: new Trace(this.drawn, axes) });
      mark(points, points.n - 1, range, fixed, found.last);
      mark(points, bestOf(points, one.goal), range, fixed, found.best);
    });
    for (const row of [...found.dots, ...found.last, ...found.best]) {
      row.x = this.place(row.x as number);
    }
    for (const name of LAYERS) this.layers[name].write(view, found[name]);
  }

  private count(series: Series, line: Line, range: Range): void {
    const first = lowerBound(line.x, range[0], 0, line.n);
    this.counted.of += series.n;
    this.counted.shown += upperBound(line.x, range[1], first, line.n) - first;
    this.counted.nonfinite += series.nonfinite;
  }

  private weight(series: Series): number | null {
    const { smooth } = this.settings;
    if (smooth === "off") return null;
    return smooth === "auto" ? series.autoWeight() : smooth;
  }

  private vertical([from, to]: Range): Range {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { series, along, visible } of this.shown) {
      if (!visible) continue;
      const line = lineOf(series, this.axis, along);
      const first = lowerBound(line.x, from, 0, line.n);
      const last = upperBound(line.x, to, first, line.n);
      const [least, most] = line.extremes.of(first, last);
      if (least === NOWHERE) continue;
      low = Math.min(low, line.y[least]!);
      high = Math.max(high, line.y[most]!);
    }
    if (this.settings.log && low <= 0) low = Math.min(high > 0 ? high / 1e6 : 0.1, 0.1);
    this.y = steady(this.y, rangeOf(low, high, this.settings.log));
    return this.y;
  }

  // The hand ----------------------------------------------------------------------------------

  private left(): number {
    return this.view?.origin()[0] ?? 0;
  }

  at(pixel: number): number {
    const [from, to] = this.x ?? [0, 1];
    const share = (pixel - this.left()) / Math.max(this.width, 1);
    return from + (to - from) * Math.min(Math.max(share, 0), 1);
  }

  private pixel(x: number): number {
    const [from, to] = this.x ?? [0, 1];
    return this.left() + ((x - from) / (to - from)) * this.width;
  }

  /** Say what the lines are at a pixel. */
  point(pixel: number): void {
    const x = this.at(pixel);
    const told: (Told & { x: number })[] = [];
    for (const one of this.shown) {
      const line = lineOf(one.series, this.axis, one.along);
      const place = one.visible ? nearest(line.x, x, line.n) : -1;
      if (place < 0) continue;
      told.push({ label: one.label, colour: one.colour, x: line.x[place]!, value: line.y[place]! });
    }
    if (told.length === 0 || this.x === null) {
      this.leave();
      return;
    }
    const at = told.reduce((a, b) => (Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a)).x;
    const { dark, axis } = this.settings;
    this.tip.show(
      this.pixel(at),
      placeWords(this.place(at), axis, this.shown[0]?.along?.key),
      told,
      dark,
    );
  }

  leave(): void {
    this.tip.hide();
  }
}

function layers<T>(of: (name: string) => T): Layers<T> {
  return Object.fromEntries(LAYERS.map((name) => [name, of(name)])) as Layers<T>;
}

function placeWords(x: number, axis: Settings["axis"], along = "step"): string {
  if (axis === "time") return moment(x);
  return axis === "relative" ? `${exact(x)} s` : `${along} ${exact(x)}`;
}

/** Return the points that get a dot: all of few, else those between gaps, which no line shows. */
function rows(drawn: Drawn, fixed: Row, all: boolean): Row[] {
  const found: Row[] = [];
  const hole = (place: number) => Number.isNaN(drawn.y[place]!);
  for (let place = 0; place < drawn.n; place++) {
    if (hole(place)) continue;
    const alone = place > 0 && place < drawn.n - 1 && hole(place - 1) && hole(place + 1);
    if (all || alone) {
      found.push({ ...fixed, x: drawn.x[place]!, y: drawn.y[place]! });
    }
  }
  return found;
}

function mark(line: Line, place: number, [from, to]: Range, fixed: Row, into: Row[]): void {
  if (place < 0 || place >= line.n) return;
  const [x, y] = [line.x[place]!, line.y[place]!];
  if (x >= from && x <= to && !Number.isNaN(y)) into.push({ ...fixed, x, y });
}

function bestOf(line: Line, goal: "minimize" | "maximize" | null): number {
  if (goal === null) return -1;
  const [low, high] = line.extremes.of(0, line.n);
  const place = goal === "minimize" ? low : high;
  return place === NOWHERE ? -1 : place;
}
