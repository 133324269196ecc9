/** What a hand does on a chart: drag over a part, turn the wheel, press keys, point at something. */

import type { Range } from "../core/range.ts";
import { make } from "./dom.ts";

/** A chart whose axis can show a part of what there is. */
export interface Zoomable {
  /** What the axis spans now. */
  readonly range: Range | null;
  /** Return what lies at a pixel from the chart's left edge. */
  at(pixel: number): number;
  /** Show a part only; all without one. */
  zoom(range: Range | null): void;
  /** The pointer stands there, so far from the left edge and from the top. */
  point?(pixel: number, down: number): void;
  /** It stands there no longer. */
  leave?(): void;
}

/** So far a hand trembles while it means one place. */
const STILL = 4;

/** Let a hand move a chart; its node takes the keys while it has the focus. */
export function handle(node: HTMLElement, chart: Zoomable): void {
  const band = make("div", { class: "band" });
  node.append(band);
  let began: number | null = null;
  let held: Range | null = null;
  const pixelOf = (event: MouseEvent) => event.clientX - node.getBoundingClientRect().left;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    began = pixelOf(event);
    // With Shift the hand takes hold of the chart, in place of choosing a part of it.
    held = event.shiftKey ? chart.range : null;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    const pixel = pixelOf(event);
    if (began === null || Math.abs(pixel - began) <= STILL) {
      chart.point?.(pixel, event.clientY - node.getBoundingClientRect().top);
      return;
    }
    chart.leave?.();
    if (held !== null) {
      const way = chart.at(began) - chart.at(pixel);
      began = pixel;
      const { range } = chart;
      if (range !== null) chart.zoom([range[0] + way, range[1] + way]);
      return;
    }
    band.style.display = "block";
    band.style.left = `${Math.min(began, pixel)}px`;
    band.style.width = `${Math.abs(pixel - began)}px`;
  });
  node.addEventListener("pointerup", (event) => {
    const pixel = pixelOf(event);
    if (held === null && began !== null && Math.abs(pixel - began) > STILL) {
      chart.zoom([chart.at(began), chart.at(pixel)].sort((a, b) => a - b) as Range);
    }
    began = held = null;
    band.style.display = "none";
  });
  node.addEventListener("pointerleave", () => chart.leave?.());
  node.addEventListener("blur", () => chart.leave?.());
  node.addEventListener("dblclick", () => chart.zoom(null));
  node.addEventListener("wheel", (event) => wheel(event, chart, pixelOf(event)), {
    passive: false,
  });
  node.addEventListener("keydown", (event) => key(event, chart));
}

function wheel(event: WheelEvent, chart: Zoomable, pixel: number): void {
  // A page that scrolls must not stop above a chart: only with a key held does the wheel zoom.
  if (!(event.ctrlKey || event.metaKey || event.shiftKey) || chart.range === null) return;
  event.preventDefault();
  scale(chart, Math.exp((event.deltaY || event.deltaX) * 0.002), chart.at(pixel));
}

/** Show more or less of the axis around a place. */
function scale(chart: Zoomable, by: number, around: number): void {
  const { range } = chart;
  if (range === null) return;
  chart.zoom([around - (around - range[0]) * by, around + (range[1] - around) * by]);
}

function key(event: KeyboardEvent, chart: Zoomable): void {
  const { range } = chart;
  if (range === null || event.ctrlKey || event.metaKey || event.altKey) return;
  const [from, to] = range;
  const wide = to - from;
  const middle = from + wide / 2;
  const keys: Record<string, () => void> = {
    ArrowLeft: () => chart.zoom([from - wide / 8, to - wide / 8]),
    ArrowRight: () => chart.zoom([from + wide / 8, to + wide / 8]),
    "+": () => scale(chart, 0.7, middle),
    "=": () => scale(chart, 0.7, middle),
    "-": () => scale(chart, 1 / 0.7, middle),
    "0": () => chart.zoom(null),
    Home: () => chart.zoom(null),
  };
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  // The notebook has keys of its own, which it would hear as well.
  event.stopPropagation();
  act();
}

/** Return which part of an axis to show, of what there is; `null` for all of it. */
export function within(full: Range | null, wanted: Range | null): Range | null {
  if (wanted === null || full === null || wanted[1] - wanted[0] >= full[1] - full[0]) return null;
  const wide = Math.max(wanted[1] - wanted[0], (full[1] - full[0]) * 1e-9);
  const from = Math.min(Math.max(wanted[0], full[0]), full[1] - wide);
  return [from, from + wide];
}
