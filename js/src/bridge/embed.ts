/** Another widget of the same kernel, shown in an element of ours. */

import type { End } from "./half.ts";
import { around, type WidgetModel } from "./model.ts";

const LOOKS = 40;
const LOOK_MS = 50;

/**
 * Show the widget of an id in an element; the returned function takes it out again.
 *
 * Gives null where the front end has no way to do so.
 */
export async function embed(
  model: WidgetModel,
  id: string,
  host: HTMLElement,
): Promise<End | null> {
  const manager = around(model);
  if (manager.get_model === undefined || manager.create_view === undefined) return null;
  try {
    for (let look = 0; look < LOOKS; look++) {
      // What the kernel opened a moment ago may not have come yet: then there is no such model.
      const found = await Promise.resolve(manager.get_model(id)).catch(() => undefined);
      if (found !== undefined) {
        const view = await manager.create_view(found);
        if (view.el === undefined) return null;
        host.replaceChildren(view.el);
        return () => view.remove?.();
      }
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  } catch {
    // Another front end: the facts are shown without the card.
  }
  return null;
}
