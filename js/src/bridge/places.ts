/**
 * The places in a page that a widget takes: static HTML in the outputs of cells, marked with its id.
 *
 * The notebook keeps the HTML and never the view of a widget, which without its kernel would be an
 * error message; so what is saved is right whenever it is saved, and by whom.
 */

const LOOK_MS = 300;
const MARK = "data-runfolio-table";

interface Place {
  host: HTMLElement;
  leave: () => void;
}

/**
 * Show something in the place of each element with a mark, now and when one appears.
 *
 * `fill` draws into a host and calls `ready` once there is something to be seen; only then is the
 * static HTML hidden. It returns what takes the drawing down.
 */
export function fillPlaces(
  mark: string,
  fill: (host: HTMLElement, ready: () => void) => () => void,
): () => void {
  const places = new Map<HTMLElement, Place>();
  const look = () => {
    if (document.hidden) return;
    for (const still of document.querySelectorAll<HTMLElement>(`[${MARK}]`)) {
      // Compared here: an id from elsewhere must not become part of a selector.
      if (still.getAttribute(MARK) !== mark || places.has(still)) continue;
      const host = document.createElement("div");
      host.className = "runfolio-table-host";
      host.hidden = true;
      still.after(host);
      const leave = fill(host, () => {
        still.style.display = "none";
        host.hidden = false;
      });
      places.set(still, { host, leave });
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    for (const [still, { host, leave }] of places) {
      leave();
      host.remove();
      still.style.display = "";
    }
    places.clear();
  };
}
