/** The front end's own renderer of Markdown, which sanitises what nobody vouches for. */

import type { Draw } from "../ui/journal/journal.ts";
import { words } from "../ui/journal/words.ts";
import type { RenderMime } from "./jupyter.ts";

const TYPE = "text/markdown";

/** Return what draws an entry of the journal: the front end's renderer, else ours. */
export function journalDraw(rendermime: RenderMime | null): Draw {
  return async (markdown) => {
    if (rendermime === null) return words(markdown);
    try {
      const renderer = rendermime.createRenderer(TYPE);
      await renderer.renderModel(
        rendermime.createModel({ data: { [TYPE]: markdown }, trusted: false }),
      );
      return renderer.node;
    } catch (error) {
      console.warn("runfolio: an entry is shown without the front end's renderer", error);
      return words(markdown);
    }
  };
}
