/** One metric of all runs: their curves over each other, or the means of groups. */

import { Aim } from "../../core/aim.ts";
import { exact, moment } from "../../core/figures.ts";
import { draw, drawFirst, forget } from "../../core/frames.ts";
import { type Curve, extent, lineOf, valueAt } from "../../core/held_curves.ts";
import { COLOURED, type Level, type Look, lookOf, stacked } from "../../core/looks.ts";
import { type Range, rangeOf, steady, usable } from "../../core/range.ts";
import { lowerBound, nearest, upperBound } from "../../core/search.ts";
import { logTicks, numberTicks, timeTicks } from "../../core/ticks.ts";
import { guarded } from "../broken.ts";
import { make } from "../dom.ts";
import { handle, within, type Zoomable } from "../hand.ts";
import { Tip } from "../tip.ts";
import type { Band } from "./bands.ts";
import {
  BELOW,
  type Box,
  Canvas,
  clipped,
  grid,
  HEIGHT,
  type Inks,
  inksOf,
  pen,
  penOf,
} from "./canvas.ts";
import { type Loader, RAW } from "./loader.ts";
import type { State } from "./state.ts";

/** What a draw is called where the browser tells how long things took. */
const DRAW = "runfolio:compare";
const WIDTHS: Record<Level, number> = { faint: 1, grey: 1, plain: 1.7, strong: 2.6 };
const ALPHAS: Record<Level, number> = { faint: 0.7, grey: 0.4, plain: 1, strong: 1 };
const FEW = 30;
/** Pixels from a stripe of a band to that of the next one. */
const STRIPE = 2;

export class CurvePlot implements Zoomable {
  readonly node = make("div", { class: "plot curves", attrs: { tabindex: "0", role: "img" } });
  /** Points that are drawn, of those the runs have. */
  counted = { shown: 0, of: 0, odd: 0, weights: new Set<number>(), exact: true };
  ondraw: () => void = () => {};
  bands: Band[] = [];

  private readonly canvas = new Canvas();
  private readonly above = new Canvas();
  private readonly tip: Tip;
  private box: Box = { left: 0, top: 0, width: 1, height: HEIGHT };
  private x: Range = [0, 1];
  private y: Range = [0, 1];
  private shown: Range | null = null;
  private readonly paint = () => guarded(this.node, () => this.paintNow());
  private readonly resized = new ResizeObserver(() => this.update());

  constructor(
    readonly key: string,
    private readonly state: State,
    private readonly loader: Loader,
    private readonly span: (axis: string) => Range | null,
  ) {
    this.above.node.className = "above";
    this.node.append(this.canvas.node, this.above.node);
    this.node.style.height = `${HEIGHT + BELOW + 8}px`;
    this.tip = new Tip(this.node);
    this.resized.observe(this.node);
    handle(this.node, this);
  }

  /** Draw anew; `first` before all that waits, for a hand moves it. */
  update(first = false): void {
    (first ? drawFirst : draw)(this.paint);
  }

  /** Let the vertical axis be chosen anew. */
  reset(): void {
    this.shown = null;
    this.update();
  }

  dispose(): void {
    forget(this.paint);
    this.resized.disconnect();
    this.node.remove();
  }

  get axis(): string {
    return this.state.axisOf(this.key);
  }

  /** What there is to see along the axis. */
  private get full(): Range | null {
    const found = this.span(this.axis);
    if (found === null) return null;
    return usable(found[0] < found[1] ? found : [found[0] - 0.5, found[1] + 0.5]);
  }

  get range(): Range | null {
    return this.state.zooms.get(this.axis) ?? this.full;
  }

  zoom(range: Range | null): void {
    this.state.zoom(this.axis, within(this.full, range));
  }

  at(pixel: number): number {
    const share = Math.min(Math.max((pixel - this.box.left) / this.box.width, 0), 1);
    return this.x[0] + share * (this.x[1] - this.x[0]);
  }

  // Drawing -----------------------------------------------------------------------------------

  private paintNow(): void {
    const wide = this.node.clientWidth;
    if (wide < 60 || !this.node.isConnected) return;
    const start = performance.now();
    this.canvas.clear(wide, HEIGHT + BELOW + 8);
    this.x = this.range ?? [0, 1];
    const curves = this.curves();
    this.y = this.vertical(curves);
    const inks = inksOf(this.node);
    const across =
      this.axis === "time"
        ? timeTicks(this.x, wide > 380 ? 5 : 3)
        : numberTicks(this.x, wide > 380 ? 5 : 3);
    const up = this.state.log ? logTicks(this.y) : numberTicks(this.y, 5);
    this.box = grid(this.canvas, across, up, inks, HEIGHT, 24);
    this.loader.columns = Math.max(
      32,
      Math.ceil(this.box.width * Math.min(devicePixelRatio || 1, 2)),
    );
    clipped(this.canvas.ink, this.box, () => {
      if (this.state.groups) this.drawBands();
      else for (const [, look, curve] of curves) this.drawCurve(look, curve, inks);
    });
    this.overlay();
    this.ondraw();
    performance.measure(DRAW, {
      start,
      detail: {
        key: this.key,
        range: this.x,
        exact: this.counted.exact,
        shown: this.counted.shown,
      },
    });
    performance.clearMeasures(DRAW);
  }

  private curves() {
    const { state, loader, key } = this;
    const zoom = state.zooms.get(this.axis) ?? null;
    const drawn = state.drawn;
    this.counted = { shown: 0, of: 0, odd: 0, weights: new Set(), exact: loader.complete };
    const found: [number, Look, Curve][] = [];
    for (const [run, look] of stacked(drawn, state)) {
      const curve = loader.held.best(key, run, zoom);
      if (curve === null) continue;
      found.push([run, look, curve]);
      const line = lineOf(curve);
      const first = lowerBound(line.x, this.x[0], 0, line.x.length);
      this.counted.shown += upperBound(line.x, this.x[1], first, line.x.length) - first;
      this.counted.of += curve.of;
      this.counted.odd += curve.odd;
      if (curve.weight > 0) this.counted.weights.add(curve.weight);
    }
    return found;
  }

  private vertical(curves: [number, { level: Level }, Curve][]): Range {
    const { log } = this.state;
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const take = (found: Range | null) => {
      if (found === null) return;
      low = Math.min(low, found[0]);
      high = Math.max(high, found[1]);
    };
    if (this.state.groups) {
      for (const { x, low: a, high: b } of this.bands) {
        take(extent(x, a, this.x, log));
        take(extent(x, b, this.x, log));
      }
    } else {
      for (const [, , curve] of curves) {
        const line = this.state.drawn.length <= RAW && curve.x.length > 0 ? curve : lineOf(curve);
        take(extent(line.x, line.y, this.x, log));
      }
    }
    this.shown = steady(this.shown, rangeOf(low, high, log));
    return this.shown;
  }

  private place(value: number): number {
    const [low, high] = this.y;
    const share = this.state.log
      ? Math.log(value / low) / Math.log(high / low)
      : (value - low) / (high - low);
    return this.box.top + (1 - share) * this.box.height;
  }

  private pixel(x: number): number {
    return this.box.left + ((x - this.x[0]) / (this.x[1] - this.x[0])) * this.box.width;
  }

  private drawCurve(look: Look, curve: Curve, inks: Inks): void {
    const { level, colour } = look;
    const { ink } = this.canvas;
    const { dark } = this.state;
    if (
      curve.smoothX.length > 0 &&
      curve.x.length > 0 &&
      level !== "faint" &&
      this.state.drawn.length <= RAW
    ) {
      pen(ink, colour, 1, dark);
      ink.setLineDash([]);
      ink.globalAlpha = 0.35;
      this.stroke(ink, curve.x, curve.y);
    }
    const line = lineOf(curve);
    penOf(ink, look, WIDTHS[level], dark, inks);
    ink.globalAlpha = ALPHAS[level];
    this.stroke(ink, line.x, line.y);
    const seen =
      upperBound(curve.x, this.x[1], 0, curve.x.length) -
      lowerBound(curve.x, this.x[0], 0, curve.x.length);
    const few = this.state.drawn.length <= RAW || level === "strong";
    if (seen <= FEW && few && level !== "faint") this.dots(ink, curve);
    ink.globalAlpha = 1;
  }

  /** Mark each of few points. */
  private dots(ink: CanvasRenderingContext2D, { x, y }: Curve): void {
    ink.setLineDash([]);
    for (let place = 0; place < x.length; place++) {
      const [at, up] = [this.pixel(x[place]!), this.place(y[place]!)];
      if (!Number.isFinite(up)) continue;
      ink.beginPath();
      ink.arc(at, up, 2, 0, 2 * Math.PI);
      ink.fill();
    }
  }

  private stroke(ink: CanvasRenderingContext2D, x: Float64Array, y: Float64Array): void {
    const first = Math.max(lowerBound(x, this.x[0], 0, x.length) - 1, 0);
    const end = Math.min(upperBound(x, this.x[1], first, x.length) + 1, x.length);
    ink.beginPath();
    let down = false;
    for (let place = first; place < end; place++) {
      const up = this.place(y[place]!);
      if (Number.isNaN(up)) down = false;
      else if (Number.isFinite(up)) {
        if (down) ink.lineTo(this.pixel(x[place]!), up);
        else ink.moveTo(this.pixel(x[place]!), up);
        down = true;
      }
    }
    ink.stroke();
  }

  private drawBands(): void {
    const { ink } = this.canvas;
    for (const [at, band] of this.bands.entries()) this.fill(at, band);
    for (const [at, band] of this.bands.entries()) {
      ink.globalAlpha = 0.6;
      pen(ink, at, 1, this.state.dark);
      this.stroke(ink, band.x, band.low);
      this.stroke(ink, band.x, band.high);
      ink.globalAlpha = 1;
      pen(ink, at, 2.2, this.state.dark);
      this.stroke(ink, band.x, band.mean);
    }
  }

  /**
   * Fill a band. Grounds that show through each other turn grey, so that each of several bands has
   * stripes between those of the others.
   */
  private fill(at: number, band: Band): void {
    const { ink } = this.canvas;
    const n = this.bands.length;
    pen(ink, at, 1, this.state.dark);
    ink.setLineDash([]);
    ink.globalAlpha = n > 1 ? 0.32 : 0.2;
    ink.beginPath();
    if (n === 1) {
      const { x, low, high } = band;
      for (let place = 0; place < x.length; place++) {
        ink.lineTo(this.pixel(x[place]!), this.place(high[place]!));
      }
      for (let place = x.length - 1; place >= 0; place--) {
        ink.lineTo(this.pixel(x[place]!), this.place(Math.max(low[place]!, this.y[0])));
      }
      ink.fill();
      return;
    }
    const { left, width } = this.box;
    for (let pixel = left + 0.5 + STRIPE * at; pixel < left + width; pixel += STRIPE * n) {
      const x = this.at(pixel);
      const [low, high] = [valueAt(band.x, band.low, x), valueAt(band.x, band.high, x)];
      if (Number.isNaN(low) || high === low) continue;
      ink.moveTo(pixel, this.place(Math.max(low, this.y[0])));
      ink.lineTo(pixel, this.place(high));
    }
    ink.stroke();
  }

  /** Draw the run that is pointed at above all others, which stay as they are. */
  overlay(): void {
    const { ink } = this.above;
    this.above.clear(this.canvas.width, this.canvas.height);
    const run = this.state.hovered;
    if (run < 0 || this.state.groups) return;
    const curve = this.loader.held.best(this.key, run, this.state.zooms.get(this.axis) ?? null);
    const look = lookOf(run, this.state, run);
    if (curve === null || look === null) return;
    const { x, y } = lineOf(curve);
    clipped(ink, this.box, () => {
      pen(ink, look.colour, 5.5, this.state.dark);
      ink.setLineDash([]);
      ink.strokeStyle = inksOf(this.node).ground;
      this.stroke(ink, x, y);
      pen(ink, look.colour, WIDTHS.strong, this.state.dark);
      this.stroke(ink, x, y);
    });
  }

  // The hand ----------------------------------------------------------------------------------

  point(pixel: number, down: number): void {
    const at = this.at(pixel);
    if (this.state.groups) {
      this.tellBands(at);
      return;
    }
    const aim = new Aim();
    for (const run of this.state.drawn) {
      if (lookOf(run, this.state) === null) continue;
      const value = this.valueAt(run, at);
      aim.take(run, Math.abs(this.place(value) - down));
    }
    this.state.hover(aim.run);
    if (aim.run < 0) {
      this.tip.hide();
      return;
    }
    // Told is a point that was logged, or a mean over such ones, not what lies between.
    const { x, y } = this.lineAt(aim.run)!;
    const place = nearest(x, at, x.length);
    const told = { label: this.state.name(aim.run), colour: aim.run % COLOURED, value: y[place]! };
    this.tip.show(this.pixel(x[place]!), this.words(x[place]!), [told], this.state.dark);
  }

  private lineAt(run: number) {
    const curve = this.loader.held.best(this.key, run, this.state.zooms.get(this.axis) ?? null);
    return curve === null ? null : lineOf(curve);
  }

  private valueAt(run: number, at: number): number {
    const line = this.lineAt(run);
    return line === null ? Number.NaN : valueAt(line.x, line.y, at);
  }

  private tellBands(at: number): void {
    const told = this.bands
      .map(({ label, x, mean }, colour) => ({ label, colour, value: valueAt(x, mean, at) }))
      .filter(({ value }) => !Number.isNaN(value));
    if (told.length === 0) this.tip.hide();
    else this.tip.show(this.pixel(at), this.words(at), told, this.state.dark);
  }

  private words(at: number): string {
    const { axis } = this;
    if (axis === "time") return moment(at);
    const near = Number(at.toPrecision(6));
    if (axis === "relative") return `${exact(near)} s`;
    return `${axis === "step" ? "step" : this.state.label(axis)} ${exact(near)}`;
  }

  leave(): void {
    this.tip.hide();
    this.state.hover(-1);
  }
}
