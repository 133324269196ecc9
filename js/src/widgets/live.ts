/** The live card: one widget for a run and all its charts. */

import type { AnyModel, Render } from "@anywidget/types";
import { Feed } from "../bridge/feed.ts";
import { Link } from "../bridge/link.ts";
import type { CardInfo, Down, MediaInfo } from "../bridge/protocol.ts";
import { onKernelGone, replaceOutput, saveInstead } from "../bridge/remains.ts";
import { guarded } from "../ui/broken.ts";
import { CardView } from "../ui/card.ts";
import { make } from "../ui/dom.ts";
import { chartsOf } from "../ui/picture.ts";
import { STYLE } from "../ui/style.ts";
import { onThemeChange } from "../ui/theme.ts";

type Model = AnyModel<Record<string, unknown>>;

interface Shared {
  link: Link;
  feed: Feed;
  media: [MediaInfo[], Blob[]];
  views: Set<CardView>;
}

const ENDED = "the kernel of this card ended";
const SAVED = "it went on when this notebook was saved";
/** So long a picture may be, and a name above it. */
const MOST = 200_000;
const NAME = 200;

/** What all views of one widget share, by its id: the points are held once. */
const shared = new Map<unknown, Shared>();

function initialize({ model }: { model: Model }): () => void {
  const link = new Link(model);
  const all: Shared = { link, feed: new Feed(link), media: [[], []], views: new Set() };
  shared.set(model.get("_id"), all);
  all.feed.onchange = (changed) => {
    for (const view of all.views) view.changed(changed);
  };
  link.listen((message: Down, buffers) => {
    if (all.feed.take(message, buffers)) return;
    if (message.kind === "media") {
      all.media = [message.items, message.items.map((item) => pictureOf(item, buffers))];
      for (const view of all.views) view.showMedia(...all.media);
    }
    for (const view of all.views) guarded(view.node, () => refresh(view, model));
  });
  link.send({ kind: "ready" });
  const unheard = onKernelGone(model, () => leave(all, model));
  const unsaved = saveInstead(model, () => remains(all, model, SAVED, 1));
  return () => {
    unheard();
    unsaved();
    shared.delete(model.get("_id"));
    link.dispose();
  };
}

/** Return a picture as the kernel drew it; an empty one for what is none. */
function pictureOf(item: MediaInfo, buffers: DataView[]): Blob {
  const buffer = buffers[item.picture];
  return new Blob(buffer === undefined ? [] : [buffer as DataView<ArrayBuffer>], {
    type: item.mime,
  });
}

/** Leave a picture and how to see the run again, where the kernel cannot leave the finished card. */
function leave(all: Shared, model: Model): void {
  if (all.views.size > 0) replaceOutput(model, remains(all, model, ENDED));
}

/** Return what stands for the card where it cannot be: its charts as they are, and where it is. */
function remains(all: Shared, model: Model, why: string, scale?: number): Record<string, string> {
  const card = model.get("card") as CardInfo | null;
  if (card?.version !== 1) return { "text/plain": "A run was live here." };
  const words = `${card.sign} ${card.name.slice(0, NAME)} ${card.ident}: ${why}`;
  const again = `%track show ${card.ident} shows the run as it is by now`;
  const text = { "text/plain": `${words}. "${again.replace(" shows", '" shows')}.` };
  const [view] = all.views;
  const picture = view === undefined ? null : chartsOf(view.node, [words, again], scale);
  return picture === null || picture.length > MOST ? text : { ...text, "image/png": picture };
}

function refresh(view: CardView, model: Model): void {
  view.specs = model.get("specs") as Record<string, object>;
  const card = model.get("card") as CardInfo | null;
  if (card?.version === 1) view.show(card);
}

const render: Render<Record<string, unknown>> = ({ model, el }) => {
  const all = shared.get(model.get("_id"));
  const root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  if (all === undefined) {
    root.append(make("div", { class: "broken", text: "This card could not be started." }));
    return;
  }
  const view = new CardView(all.link, all.feed);
  root.replaceChildren(make("style", { text: STYLE }), view.node);
  all.views.add(view);
  const update = () => guarded(view.node, () => refresh(view, model));
  model.on("change:card", update);
  const unthemed = onThemeChange(() => view.themed());
  update();
  view.showMedia(...all.media);
  return () => {
    model.off("change:card", update);
    unthemed();
    all.views.delete(view);
    view.dispose();
  };
};

export default { initialize, render };
