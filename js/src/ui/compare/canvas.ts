/** A canvas as sharp as the screen, and the grid of a chart on it. */

import type { Look } from "../../core/looks.ts";
import type { Tick } from "../../core/ticks.ts";
import { make } from "../dom.ts";
import { COLOURS, colourOf } from "../theme.ts";

/** Where a chart lies in its canvas, in pixels of the page. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Inks {
  text: string;
  quiet: string;
  hair: string;
  ground: string;
  accent: string;
  font: string;
}

export const HEIGHT = 150;
/** Room for the labels below the plot. */
export const BELOW = 20;
const ABOVE = 6;

export class Canvas {
  readonly node = make("canvas");
  readonly ink = this.node.getContext("2d")!;
  width = 0;
  height = 0;

  /** Give the canvas its size and wipe it. */
  clear(width: number, height: number): void {
    const dots = Math.min(devicePixelRatio || 1, 2);
    const [wide, high] = [Math.round(width * dots), Math.round(height * dots)];
    if (this.node.width !== wide || this.node.height !== high) {
      this.node.width = wide;
      this.node.height = high;
      this.node.style.width = `${width}px`;
      this.node.style.height = `${height}px`;
    }
    this.width = width;
    this.height = height;
    this.ink.setTransform(dots, 0, 0, dots, 0, 0);
    this.ink.clearRect(0, 0, width, height);
  }
}

/** Return the colours of the page as a node sees them. */
export function inksOf(node: HTMLElement): Inks {
  const style = getComputedStyle(node);
  const of = (name: string, other: string) => style.getPropertyValue(name).trim() || other;
  return {
    text: of("--text", "#1f2328"),
    quiet: of("--quiet", "#5f6872"),
    hair: of("--hair", "#dfe3e8"),
    ground: of("--ground", "#fff"),
    accent: of("--accent", "#3858d8"),
    font: style.fontFamily,
  };
}

/** Draw grid and labels; return what they leave. */
export function grid(
  canvas: Canvas,
  across: Tick[],
  up: Tick[],
  inks: Inks,
  height = HEIGHT,
  least = 0,
): Box {
  const { ink, width } = canvas;
  ink.font = `11px ${inks.font}`;
  const wide = Math.max(...up.map((tick) => ink.measureText(tick.label).width), least);
  const box = {
    left: Math.ceil(wide) + 8,
    top: ABOVE,
    width: Math.max(width - Math.ceil(wide) - 16, 40),
    height,
  };
  ink.strokeStyle = inks.hair;
  ink.lineWidth = 1;
  ink.fillStyle = inks.quiet;
  ink.beginPath();
  for (const { share } of up)
    rule(ink, box.left, box.left + box.width, box.top + (1 - share) * height);
  ink.stroke();
  ink.textBaseline = "middle";
  ink.textAlign = "right";
  for (const { share, label } of up) {
    ink.fillText(label, box.left - 6, box.top + (1 - share) * height);
  }
  below(ink, across, box);
  return box;
}

function rule(ink: CanvasRenderingContext2D, from: number, to: number, at: number): void {
  ink.moveTo(from, Math.round(at) + 0.5);
  ink.lineTo(to, Math.round(at) + 0.5);
}

/** Write labels below a chart; those that would touch are left out, and none is cut off. */
function below(ink: CanvasRenderingContext2D, across: Tick[], box: Box): void {
  ink.beginPath();
  for (const { share } of across) {
    const x = Math.round(box.left + share * box.width) + 0.5;
    ink.moveTo(x, box.top);
    ink.lineTo(x, box.top + box.height);
  }
  ink.stroke();
  ink.textAlign = "left";
  ink.textBaseline = "top";
  let free = Number.NEGATIVE_INFINITY;
  for (const { share, label } of across) {
    const wide = ink.measureText(label).width;
    const middle = box.left + share * box.width - wide / 2;
    const x = Math.min(Math.max(middle, 0), box.left + box.width + 8 - wide);
    if (x < free) continue;
    ink.fillText(label, x, box.top + box.height + 6);
    free = x + wide + 10;
  }
}

/** Set what a run of a colour is drawn with. */
export function pen(
  ink: CanvasRenderingContext2D,
  colour: number,
  width: number,
  dark: boolean,
): void {
  ink.strokeStyle = ink.fillStyle = colourOf(colour, dark);
  ink.lineWidth = width;
  ink.lineJoin = "round";
  ink.setLineDash(colour >= COLOURS ? [5, 3] : []);
}

/** Set what a run is drawn with where it may be faint. */
export function penOf(
  ink: CanvasRenderingContext2D,
  { colour, level }: Look,
  width: number,
  dark: boolean,
  inks: Inks,
): void {
  pen(ink, colour, width, dark);
  if (level === "faint") ink.strokeStyle = ink.fillStyle = inks.hair;
}

/** Draw only within a box. */
export function clipped(ink: CanvasRenderingContext2D, box: Box, draw: () => void): void {
  ink.save();
  ink.beginPath();
  ink.rect(box.left, box.top - 1, box.width, box.height + 2);
  ink.clip();
  draw();
  ink.restore();
}
