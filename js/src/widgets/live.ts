/** The live card: one widget for a run and all its charts. */

import type { AnyModel, Render } from "@anywidget/types";
import { Feed } from "../bridge/feed.ts";
import { Link } from "../bridge/link.ts";
import type { CardInfo, Down, MediaInfo } from "../bridge/protocol.ts";
import { onKernelGone, replaceOutput } from "../bridge/remains.ts";
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
  return () => {
    unheard();
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
  const card = model.get("card") as CardInfo | null;
  const [view] = all.views;
  if (card?.version !== 1 || view === undefined) return;
  const words = `${card.sign} ${card.name} ${card.ident}: the kernel of this card ended`;
  const text = `${words}. "%track show ${card.ident}" shows the run as it is by now.`;
  const picture = chartsOf(view.node, [
    words,
    `%track show ${card.ident} shows the run as it is by now`,
  ]);
  void replaceOutput(model, { "text/plain": text, ...(picture ? { "image/png": picture } : {}) });
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
