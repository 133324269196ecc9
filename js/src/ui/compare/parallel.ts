/** Parallel coordinates: each run a line through its settings to the metric; ranges are brushed. */

import type { AxisTold } from "../../bridge/comparison.ts";
import { Aim } from "../../core/aim.ts";
import { draw, forget } from "../../core/frames.ts";
import { type Level, lookOf, stacked, thinnedOut } from "../../core/looks.ts";
import { guarded } from "../broken.ts";
import { make } from "../dom.ts";
import { brushes } from "./brushes.ts";
import { Canvas, type Inks, inksOf, pen, penOf } from "./canvas.ts";
import { Naming } from "./naming.ts";
import type { State } from "./state.ts";

/** An axis, and where each run lies on it: NaN for nowhere. */
export interface Placed extends AxisTold {
  at: Float64Array;
  exact: Float64Array | null;
}

const HIGH = 170;
const TOP = 22;
const BELOW = 44;
const WIDTHS: Record<Level, number> = { faint: 1, grey: 1, plain: 1.7, strong: 2.6 };
const ALPHAS: Record<Level, number> = { faint: 0.6, grey: 0.35, plain: 1, strong: 1 };
/** Further apart than a hand needs, axes leave their words no room either. */
const NARROW = 78;

export class ParallelPlot {
  readonly node = make("div", { class: "parallel" });
  axes: Placed[] = [];
  private readonly room = make("div", { class: "room" });
  private readonly canvas = new Canvas();
  private readonly above = new Canvas();
  private readonly naming: Naming;
  private readonly paint = () => guarded(this.node, () => this.paintNow());
  private readonly resized = new ResizeObserver(() => this.update());
  private readonly hands;

  constructor(private readonly state: State) {
    this.above.node.className = "above";
    this.room.append(this.canvas.node, this.above.node);
    this.node.append(this.room);
    this.naming = new Naming(this.room, state);
    this.hands = brushes(this.room, state, {
      left: (at) => this.across(at),
      top: TOP,
      height: HIGH,
    });
    this.room.addEventListener("pointermove", (event) => this.point(event));
    this.room.addEventListener("pointerleave", () => this.leave());
    this.resized.observe(this.node);
  }

  show(axes: Placed[]): void {
    this.axes = axes;
    this.state.settle(new Map(axes.map((axis) => [axis.key, axis.at])));
    this.hands.show(axes);
    this.update();
  }

  update(): void {
    draw(this.paint);
  }

  dispose(): void {
    forget(this.paint);
    this.resized.disconnect();
  }

  /** Room of the canvas: as wide as the node, or as many axes need, which then scroll. */
  private get wide(): number {
    return Math.max(this.node.clientWidth, this.axes.length * NARROW);
  }

  private across(at: number): number {
    return ((at + 0.5) * this.wide) / Math.max(this.axes.length, 1);
  }

  private up(place: number): number {
    return TOP + (1 - place) * HIGH;
  }

  private paintNow(): void {
    if (this.node.clientWidth < 60 || this.axes.length === 0) return;
    const { ink } = this.canvas;
    const inks = inksOf(this.node);
    this.room.style.width = `${this.wide}px`;
    this.canvas.clear(this.wide, TOP + HIGH + BELOW);
    ink.strokeStyle = inks.hair;
    ink.lineWidth = 1;
    ink.beginPath();
    this.axes.forEach((_, at) => {
      const x = Math.round(this.across(at)) + 0.5;
      ink.moveTo(x, TOP);
      ink.lineTo(x, TOP + HIGH);
    });
    ink.stroke();
    const runs = Array.from({ length: this.state.n }, (_, run) => run);
    const lines = thinnedOut(stacked(runs, this.state));
    // The more lines lie over each other, the lighter each has to be.
    const grey = Math.min(Math.max(60 / lines.length, 0.08), ALPHAS.grey);
    for (const [run, look] of lines) {
      const { level } = look;
      penOf(ink, look, WIDTHS[level], this.state.dark, inks);
      ink.globalAlpha = level === "grey" ? grey : ALPHAS[level];
      this.line(ink, run, level !== "faint" && level !== "grey");
    }
    ink.globalAlpha = 1;
    this.words(inks);
    this.hands.place();
    this.overlay();
  }

  private line(ink: CanvasRenderingContext2D, run: number, dots: boolean): void {
    let down = false;
    ink.beginPath();
    this.axes.forEach(({ at }, place) => {
      const y = this.up(at[run]!);
      if (Number.isNaN(y)) down = false;
      else if (down) ink.lineTo(this.across(place), y);
      else ink.moveTo(this.across(place), y);
      down = !Number.isNaN(y);
    });
    ink.stroke();
    if (!dots) return;
    ink.setLineDash([]);
    this.axes.forEach(({ at }, place) => {
      if (Number.isNaN(at[run]!)) return;
      ink.beginPath();
      ink.arc(this.across(place), this.up(at[run]!), 2.4, 0, 2 * Math.PI);
      ink.fill();
    });
  }

  /** Write what the axes are, and their ends; words have a ground of their own above the lines. */
  private words(inks: Inks): void {
    const { ink } = this.canvas;
    const room = this.wide / this.axes.length - 8;
    this.axes.forEach((axis, at) => {
      const x = this.across(at);
      const put = (text: string, y: number, colour: string, font: string) => {
        ink.font = `${font} ${inks.font}`;
        const shown = fitted(ink, text, room);
        ink.fillStyle = colour;
        ink.fillText(shown, x, y);
      };
      ink.textAlign = "center";
      ink.textBaseline = "alphabetic";
      put(axis.top, TOP - 7, inks.quiet, "10.5px");
      put(axis.bottom, TOP + HIGH + 15, inks.quiet, "10.5px");
      put(axis.label, TOP + HIGH + 34, inks.text, "600 11.5px");
      ink.textAlign = "left";
      ink.font = `10.5px ${inks.font}`;
      for (const [place, text] of axis.between) {
        const shown = fitted(ink, text, room / 2);
        const width = ink.measureText(shown).width;
        // Beside the last axis there may be no room on the right.
        const from = x + 6 + width > this.wide ? x - 6 - width : x + 6;
        ink.lineWidth = 3;
        ink.strokeStyle = inks.ground;
        ink.setLineDash([]);
        ink.strokeText(shown, from, this.up(place) + 4);
        ink.fillStyle = inks.quiet;
        ink.fillText(shown, from, this.up(place) + 4);
      }
    });
  }

  overlay(): void {
    const { ink } = this.above;
    this.above.clear(this.canvas.width, this.canvas.height);
    const run = this.state.hovered;
    const look = run < 0 ? null : lookOf(run, this.state, run);
    if (look === null) return;
    pen(ink, look.colour, 5.5, this.state.dark);
    ink.strokeStyle = inksOf(this.node).ground;
    ink.setLineDash([]);
    this.line(ink, run, false);
    pen(ink, look.colour, WIDTHS.strong, this.state.dark);
    this.line(ink, run, true);
  }

  private point(event: PointerEvent): void {
    if (event.buttons !== 0) {
      this.naming.hide();
      return;
    }
    const bounds = this.room.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const between = (x * this.axes.length) / this.wide - 0.5;
    const left = Math.min(Math.max(Math.floor(between), 0), this.axes.length - 2);
    const share = Math.min(Math.max(between - left, 0), 1);
    const aim = new Aim(14);
    for (let run = 0; run < this.state.n; run++) {
      if (lookOf(run, this.state) === null) continue;
      const [a, b] = [this.axes[left]?.at[run], this.axes[left + 1]?.at[run]];
      if (a === undefined || b === undefined) continue;
      aim.take(run, Math.abs(this.up(a + (b - a) * share) - y));
    }
    this.state.hover(aim.run);
    const axis = this.axes[Math.round(Math.min(Math.max(between, 0), this.axes.length - 1))];
    if (aim.run < 0 || axis === undefined) this.naming.hide();
    else this.naming.show(x, y, aim.run, [[axis.label, wordsOf(axis, aim.run)]]);
  }

  private leave(): void {
    this.naming.hide();
    this.state.hover(-1);
  }
}

/** Return what a run has on an axis, in words. */
export function wordsOf(axis: Placed, run: number): string {
  const place = axis.at[run]!;
  if (axis.exact !== null) {
    const value = axis.exact[run]!;
    return Number.isNaN(value) ? "–" : String(value).replace(/^-/, "−");
  }
  const words = axis.words ?? [];
  if (Number.isNaN(place)) return "–";
  return words[Math.round(place * Math.max(words.length - 1, 0))] ?? "";
}

function fitted(ink: CanvasRenderingContext2D, text: string, room: number): string {
  if (ink.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ink.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}
