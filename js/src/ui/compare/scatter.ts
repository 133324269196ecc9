/** Points of runs: any setting against any metric, or the best so far over time. */

import { Aim } from "../../core/aim.ts";
import { exact } from "../../core/figures.ts";
import { draw, forget } from "../../core/frames.ts";
import { COLOURED, type Level, type Look, lookOf, stacked } from "../../core/looks.ts";
import { type Range, rangeOf, usable } from "../../core/range.ts";
import { logTicks, numberTicks, type Tick, timeTicks } from "../../core/ticks.ts";
import { guarded } from "../broken.ts";
import { make } from "../dom.ts";
import { BELOW, type Box, Canvas, grid, HEIGHT, type Inks, inksOf, penOf } from "./canvas.ts";
import { Naming } from "./naming.ts";
import type { State } from "./state.ts";

/** What is drawn: a point for each run, and perhaps a line of steps below them. */
export interface Points {
  runs: number[];
  /** Along the axis: from 0 to 1 with labels, or moments. */
  x: Float64Array;
  y: Float64Array;
  labels: Tick[] | "time";
  /** The best so far at each of the points. */
  best: Float64Array | null;
  words: (at: number) => [string, string][];
}

const SIZES: Record<Level, number> = { faint: 2.6, grey: 3, plain: 3.8, strong: 5.2 };
const ALPHAS: Record<Level, number> = { faint: 0.9, grey: 0.55, plain: 0.95, strong: 1 };

export class ScatterPlot {
  readonly node = make("div", { class: "plot points", attrs: { role: "img" } });
  private points: Points | null = null;
  private readonly canvas = new Canvas();
  private readonly above = new Canvas();
  private readonly naming: Naming;
  private box: Box = { left: 0, top: 0, width: 1, height: HEIGHT };
  private x: Range = [0, 1];
  private y: Range = [0, 1];
  private log = false;
  private readonly paint = () => guarded(this.node, () => this.paintNow());
  private readonly resized = new ResizeObserver(() => this.update());

  constructor(private readonly state: State) {
    this.above.node.className = "above";
    this.node.append(this.canvas.node, this.above.node);
    this.node.style.height = `${HEIGHT + BELOW + 8}px`;
    this.naming = new Naming(this.node, state);
    this.node.addEventListener("pointermove", (event) => this.point(event));
    this.node.addEventListener("pointerleave", () => {
      this.naming.hide();
      state.hover(-1);
    });
    this.resized.observe(this.node);
  }

  show(points: Points, said: string): void {
    this.points = points;
    this.node.setAttribute("aria-label", said);
    this.update();
  }

  update(): void {
    draw(this.paint);
  }

  dispose(): void {
    forget(this.paint);
    this.resized.disconnect();
  }

  private paintNow(): void {
    const { points } = this;
    const wide = this.node.clientWidth;
    if (points === null || wide < 60) return;
    this.canvas.clear(wide, HEIGHT + BELOW + 8);
    if (points.runs.length === 0) {
      this.sayEmpty(wide);
      return;
    }
    const [low, high] = [least(points.y), most(points.y)];
    // As the static chart does: only what spans three decades asks for it by itself.
    this.log = low > 0 && high / low > 1e3;
    this.y = rangeOf(low, high, this.log);
    this.x = points.labels === "time" ? air(least(points.x), most(points.x)) : [-0.05, 1.05];
    const across =
      points.labels === "time"
        ? timeTicks(this.x, wide > 380 ? 5 : 3)
        : points.labels.map(({ share, label }) => ({ share: (share + 0.05) / 1.1, label }));
    const up = this.log ? logTicks(this.y) : numberTicks(this.y, 5);
    this.box = grid(this.canvas, across, up, inksOf(this.node), HEIGHT, 24);
    if (points.best !== null) this.steps(points.x, points.best);
    const places = new Map(points.runs.map((run, at) => [run, at]));
    const inks = inksOf(this.node);
    for (const [run, look] of stacked(points.runs, this.state)) {
      this.dot(this.canvas.ink, places.get(run)!, look, inks);
    }
    this.canvas.ink.globalAlpha = 1;
    this.overlay();
  }

  private sayEmpty(wide: number): void {
    const { ink } = this.canvas;
    const inks = inksOf(this.node);
    this.above.clear(wide, HEIGHT + BELOW + 8);
    ink.font = `12px ${inks.font}`;
    ink.textAlign = "center";
    ink.fillStyle = inks.quiet;
    ink.fillText("None of the runs has both.", wide / 2, HEIGHT / 2);
  }

  private where(at: number): [number, number] {
    const { x, y } = this.points!;
    const { left, top, width, height } = this.box;
    const up = this.log
      ? Math.log(y[at]! / this.y[0]) / Math.log(this.y[1] / this.y[0])
      : (y[at]! - this.y[0]) / (this.y[1] - this.y[0]);
    const share = (x[at]! - this.x[0]) / (this.x[1] - this.x[0]);
    return [left + share * width, top + (1 - up) * height];
  }

  private dot(ink: CanvasRenderingContext2D, at: number, look: Look, inks: Inks): void {
    const { colour, level } = look;
    const [x, y] = this.where(at);
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    penOf(ink, look, 1.6, this.state.dark, inks);
    ink.setLineDash([]);
    ink.globalAlpha = ALPHAS[level];
    ink.beginPath();
    ink.arc(x, y, SIZES[level], 0, 2 * Math.PI);
    // The second eight, whose lines are dashed, are rings.
    if (colour >= 8) {
      ink.fillStyle = inks.ground;
      ink.fill();
      ink.stroke();
    } else ink.fill();
  }

  private steps(x: Float64Array, best: Float64Array): void {
    const { ink } = this.canvas;
    ink.strokeStyle = inksOf(this.node).accent;
    ink.setLineDash([]);
    ink.lineWidth = 1.8;
    ink.beginPath();
    const { left, top, width, height } = this.box;
    const up = (value: number) => {
      const share = this.log
        ? Math.log(value / this.y[0]) / Math.log(this.y[1] / this.y[0])
        : (value - this.y[0]) / (this.y[1] - this.y[0]);
      return top + (1 - share) * height;
    };
    const across = (at: number) => left + ((at - this.x[0]) / (this.x[1] - this.x[0])) * width;
    best.forEach((value, at) => {
      if (at === 0) ink.moveTo(across(x[0]!), up(value));
      else {
        ink.lineTo(across(x[at]!), up(best[at - 1]!));
        ink.lineTo(across(x[at]!), up(value));
      }
    });
    ink.stroke();
  }

  overlay(): void {
    const { ink } = this.above;
    this.above.clear(this.canvas.width, this.canvas.height);
    const run = this.state.hovered;
    const at = this.points?.runs.indexOf(run) ?? -1;
    if (run < 0 || at < 0) return;
    const inks = inksOf(this.node);
    this.dot(ink, at, { colour: run % COLOURED, level: "strong" }, inks);
    const [x, y] = this.where(at);
    ink.globalAlpha = 1;
    ink.strokeStyle = inks.text;
    ink.lineWidth = 1.2;
    ink.beginPath();
    ink.arc(x, y, SIZES.strong + 2.5, 0, 2 * Math.PI);
    ink.stroke();
  }

  private point(event: PointerEvent): void {
    const { points } = this;
    if (points === null) return;
    const bounds = this.node.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const aim = new Aim();
    points.runs.forEach((run, at) => {
      if (lookOf(run, this.state) === null) return;
      const [left, top] = this.where(at);
      aim.take(run, Math.hypot(left - x, top - y));
    });
    this.state.hover(aim.run);
    const at = points.runs.indexOf(aim.run);
    if (aim.run < 0) this.naming.hide();
    else this.naming.show(x, y, aim.run, points.words(at));
  }
}

/** Return a metric of a run with all its digits. */
export function exactly(label: string, value: number): [string, string] {
  return [label, exact(value)];
}

function least(values: Float64Array): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

function most(values: Float64Array): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}

function air(low: number, high: number): Range {
  const way = (high - low) / 30 || 30_000;
  return usable([low - way, high + way]);
}
