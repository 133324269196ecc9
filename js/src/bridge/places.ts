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

interface Place {
  host: HTMLElement;
  leave: () => void;
}

/**
 * Show something in the place of each element with a mark, now and when one appears.
 *
 * `fill` draws into a host and calls `ready` once there is something to be seen; only then is the
 * static HTML hidden. It returns what takes the drawing down. Once it is over, the static HTML is
 * shown again.
 */
export function fillPlaces(
  mark: string,
  isOver: () => boolean,
  fill: (host: HTMLElement, ready: () => void) => () => void,
): () => void {
  const places = new Map<HTMLElement, Place>();
  const leave = () => {
    clearTimeout(timer);
    isDone = true;
    for (const [still, place] of places) {
      place.leave();
      place.host.remove();
      still.style.display = "";
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
