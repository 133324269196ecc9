/** Ranges on parallel axes, by hand and by keyboard: each axis is an element that takes the focus. */

import type { AxisTold } from "../../bridge/comparison.ts";
import { moved, resized, type Span, spanOf } from "../../core/brush.ts";
import { make } from "../dom.ts";
import type { State } from "./state.ts";

interface Where {
  left: (at: number) => number;
  top: number;
  height: number;
}

const WIDE = 22;
const STEP = 0.05;
/** So far a hand trembles while it means one place. */
const STILL = 3;

interface Axis {
  key: string;
  label: string;
  node: HTMLElement;
  band: HTMLElement;
}

/** Let ranges be drawn on axes in a room of that height. */
export function brushes(room: HTMLElement, state: State, where: Where) {
  let axes: Axis[] = [];
  const place = () => {
    axes.forEach(({ key, label, node, band }, at) => {
      node.style.left = `${where.left(at) - WIDE / 2}px`;
      const span = state.spans.get(key);
      band.hidden = span === undefined;
      const said = span === undefined ? "no range" : `range ${shares(span)}`;
      node.setAttribute("aria-label", `${label}: ${said}`);
      if (span === undefined) return;
      band.style.top = `${(1 - span[1]) * where.height}px`;
      band.style.height = `${(span[1] - span[0]) * where.height}px`;
    });
  };
  const show = (told: AxisTold[]) => {
    for (const axis of axes) axis.node.remove();
    axes = told.map(({ key, label }) => {
      const band = make("div", { class: "brushed" });
      const node = make(
        "div",
        {
          class: "brush-axis",
          title: "Drag to choose a range; drag the range to move it; click or Escape clears it",
          attrs: { tabindex: "0", role: "group", "aria-keyshortcuts": "Enter ArrowUp ArrowDown" },
        },
        [band],
      ); // prettier-ignore
      node.style.top = `${where.top}px`;
      node.style.height = `${where.height}px`;
      drags(node, key, state);
      node.addEventListener("keydown", (event) => press(event, key, state));
      room.append(node);
      return { key, label, node, band };
    });
    place();
  };
  return { show, place };
}

function drags(node: HTMLElement, key: string, state: State): void {
  let began: { at: number; y: number; span: Span | null } | null = null;
  let far = false;
  const placeOf = (event: PointerEvent) => {
    const bounds = node.getBoundingClientRect();
    return 1 - (event.clientY - bounds.top) / bounds.height;
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const at = placeOf(event);
    const span = state.spans.get(key);
    const inside = span !== undefined && at >= span[0] && at <= span[1];
    began = { at, y: event.clientY, span: inside ? span : null };
    far = false;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (began === null) return;
    far ||= Math.abs(event.clientY - began.y) > STILL;
    if (!far) return;
    const at = placeOf(event);
    const span = began.span === null ? spanOf(began.at, at) : moved(began.span, at - began.at);
    if (span !== null) state.brush(key, span, false);
  });
  const end = () => {
    if (began === null) return;
    began = null;
    // A click on an axis, within its range or beside it, clears it.
    state.brush(key, far ? (state.spans.get(key) ?? null) : null, true);
  };
  node.addEventListener("pointerup", end);
  node.addEventListener("pointercancel", end);
}

function press(event: KeyboardEvent, key: string, state: State): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const span = state.spans.get(key) ?? null;
  const by = event.key === "ArrowUp" ? STEP : -STEP;
  let next: Span | null | undefined;
  if (event.key === "Enter" || event.key === " ") next = span === null ? [0.5, 1] : null;
  else if (event.key === "Escape" || event.key === "Delete") {
    if (span === null && state.inside !== null) state.clear();
    next = null;
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    if (span === null) next = by > 0 ? [0.5, 1] : [0, 0.5];
    else next = event.shiftKey ? resized(span, by) : moved(span, by);
  }
  if (next === undefined) return;
  event.preventDefault();
  // The notebook has keys of its own, which it would hear as well.
  event.stopPropagation();
  state.brush(key, next, true);
}

function shares([low, high]: Span): string {
  return `from ${Math.round(100 * low)} to ${Math.round(100 * high)} percent of the axis`;
}
