/**
 * The places in a page that a widget takes: static HTML in the outputs of cells, marked with its id.
 *
 * The notebook keeps the HTML and never the view of a widget, which without its kernel would be an
 * error message; so what is saved is right whenever it is saved, and by whom.
 */

import type { End, Half } from "./half.ts";
import { around, type WidgetModel } from "./model.ts";
import { onKernelGone } from "./remains.ts";

const LOOK_MS = 300;
/** The HTML mostly comes right behind the widget: at first looks follow each other closely. */
const SOON_MS = 40;
const SOON_LOOKS = 150;
const MARK = "data-runfolio-table";
/** Said of static HTML while its place is taken; with how many outputs below it that are part of it. */
const TAKEN = "data-runfolio-taken";
const OUTPUT = ".jp-OutputArea-child";

interface Place {
  host: HTMLElement;
  leave: End;
}

/**
 * Have a model drawn in the place of its static HTML, too, as long as its kernel is there.
 *
 * So many outputs below the static HTML as `below` says are part of it.
 */
export function inPlaces(model: WidgetModel, half: Half, below = 0): Half {
  const leave = fillPlaces(model, half, below);
  const unheard = onKernelGone(model, leave);
  return {
    draw: (host, ready) => half.draw(host, ready),
    end: () => {
      unheard();
      leave();
      half.end();
    },
  };
}

/**
 * Draw in the place of each element with the mark of a model, now and when one appears.
 *
 * Static HTML is hidden only once there is something else to be seen, and shown again in the end.
 */
function fillPlaces(model: WidgetModel, half: Half, below: number): End {
  const mark = String(model.get("_id"));
  const isOver = kernelEnds(model);
  if (below > 0) hideBelow(below);
  const places = new Map<HTMLElement, Place>();
  const leave = () => {
    clearTimeout(timer);
    isDone = true;
    for (const [still, place] of places) {
      place.leave();
      place.host.remove();
      still.style.display = "";
      still.removeAttribute(TAKEN);
    }
    places.clear();
  };
  const look = () => {
    if (isOver()) leave();
    else if (!document.hidden) take();
    if (!isDone) timer = setTimeout(look, ++looks < SOON_LOOKS ? SOON_MS : LOOK_MS);
  };
  const take = () => {
    for (const still of document.querySelectorAll<HTMLElement>(`[${MARK}]`)) {
      // Compared here: an id from elsewhere must not become part of a selector.
      if (still.getAttribute(MARK) !== mark || places.has(still)) continue;
      const host = document.createElement("div");
      host.className = "runfolio-table-host";
      host.hidden = true;
      still.after(host);
      const end = half.draw(host, () => {
        still.style.display = "none";
        still.setAttribute(TAKEN, String(below));
        host.hidden = false;
      });
      places.set(still, { host, leave: end });
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [looks, isDone] = [0, false];
  look();
  return leave;
}

/** Hide outputs by a rule: they may come later than what takes their place, or be drawn anew. */
function hideBelow(n: number): void {
  const id = `runfolio-places-${n}`;
  if (document.getElementById(id) !== null) return;
  const style = document.createElement("style");
  style.id = id;
  const taken = `${OUTPUT}:has([${TAKEN}="${n}"])`;
  const each = Array.from({ length: n }, (_, at) => `${taken}${` + ${OUTPUT}`.repeat(at + 1)}`);
  style.textContent = `${each.join(", ")} { display: none; }`;
  document.head.append(style);
}

/** Return a test for whether the kernel that a model had is there no more. */
function kernelEnds(model: WidgetModel): () => boolean {
  try {
    if (around(model).kernel == null) return () => false;
    return () => {
      const { kernel } = around(model);
      return kernel == null || kernel.isDisposed === true;
    };
  } catch {
    return () => false;
  }
}
