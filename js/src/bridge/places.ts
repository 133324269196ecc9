/**
 * The places in a page that a widget takes: static HTML in the outputs of cells, marked with its id.
 *
 * The notebook keeps the HTML and never the view of a widget, which without its kernel would be an
 * error message; so what is saved is right whenever it is saved, and by whom.
 */

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
  leave: () => void;
}

/**
 * Show something in the place of each element with a mark, now and when one appears.
 *
 * `fill` draws into a host and calls `ready` once there is something to be seen; only then is the
 * static HTML hidden. It returns what takes the drawing down. Once it is over, the static HTML is
 * shown again. So many outputs below it as `below` says are part of it.
 */
export function fillPlaces(
  mark: string,
  isOver: () => boolean,
  fill: (host: HTMLElement, ready: () => void) => () => void,
  below = 0,
): () => void {
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
      const end = fill(host, () => {
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
export function kernelEnds(model: { widget_manager?: unknown }): () => boolean {
  const kernel = () => {
    const manager = model.widget_manager as
      | { kernel?: { isDisposed?: boolean } | null }
      | undefined;
    return manager?.kernel ?? null;
  };
  try {
    if (kernel() === null) return () => false;
    return () => kernel() === null || kernel()?.isDisposed === true;
  } catch {
    return () => false;
  }
}
