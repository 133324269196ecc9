/** An error of a view is said below it, and costs nothing else. */

import { make } from "./dom.ts";

/** Do something for a view; where that fails, say so at the end of `around` until it works again. */
export function guarded(around: Element, what: () => void): void {
  try {
    what();
    around.querySelector(":scope > .broken")?.remove();
  } catch (error) {
    console.error(error);
    if (around.querySelector(":scope > .broken") !== null) return;
    const words = error instanceof Error ? error.message : String(error);
    const text = `This view met an error: ${words.slice(0, 300)}. The run goes on, and is recorded.`;
    around.appendChild(make("div", { class: "broken", text, attrs: { role: "alert" } }));
  }
}
