/** The live card: one widget for a run and all its charts. */

import { type Content, onKernelGone, replaceOutput, saveInstead } from "../bridge/remains.ts";
import { LiveCard } from "../ui/live_card.ts";
import { chartsOf } from "../ui/picture.ts";
import { widget } from "../ui/widget.ts";

const ENDED = "the kernel of this card ended";
const SAVED = "it went on when this notebook was saved";
/** So long a picture may be, and a name above it. */
const MOST = 200_000;
const NAME = 200;

/** Return what stands for a card where it cannot be: its charts as they are, and where it is. */
function remains({ info, node }: LiveCard, why: string, scale?: number): Content {
  if (info === null) return { "text/plain": "A run was live here." };
  const words = `${info.sign} ${info.name.slice(0, NAME)} ${info.ident}: ${why}`;
  const again = `%track show ${info.ident} shows the run as it is by now`;
  const text = { "text/plain": `${words}. "${again.replace(" shows", '" shows')}.` };
  const picture = node === undefined ? null : chartsOf(node, [words, again], scale);
  return picture === null || picture.length > MOST ? text : { ...text, "image/png": picture };
}

export default widget("card", (model) => {
  const card = new LiveCard(model);
  const unheard = onKernelGone(model, () => {
    // The kernel cannot leave the finished card any more.
    if (card.node !== undefined) replaceOutput(model, remains(card, ENDED));
  });
  const unsaved = saveInstead(model, () => remains(card, SAVED, 1));
  return {
    draw: (host) => card.draw(host),
    end: () => {
      unheard();
      unsaved();
      card.end();
    },
  };
});
