/** A chart of somebody's own, fed with the points of its runs. */

import type { AnyModel, Render } from "@anywidget/types";
import { Feed } from "../bridge/feed.ts";
import { Link } from "../bridge/link.ts";
import { saveInstead } from "../bridge/remains.ts";
import { type ChartInfo, ChartView } from "../ui/chart.ts";
import { make } from "../ui/dom.ts";
import { STYLE } from "../ui/style.ts";
import { onThemeChange } from "../ui/theme.ts";

type Model = AnyModel<Record<string, unknown>>;

const WORDS =
  "A chart of runs that went on when this was saved; its cell draws it as it is by now.";

const feeds = new Map<unknown, { feed: Feed; views: Set<ChartView> }>();

function initialize({ model }: { model: Model }): () => void {
  const link = new Link(model);
  const shared = { feed: new Feed(link), views: new Set<ChartView>() };
  feeds.set(model.get("_id"), shared);
  shared.feed.onchange = () => {
    for (const view of shared.views) view.update();
  };
  link.listen((message, buffers) => {
    shared.feed.take(message, buffers);
  });
  link.send({ kind: "ready" });
  const unsaved = saveInstead(model, () => {
    const [view] = shared.views;
    const picture = view?.picture();
    return { "text/plain": WORDS, ...(picture ? { "image/png": picture } : {}) };
  });
  return () => {
    unsaved();
    feeds.delete(model.get("_id"));
    link.dispose();
  };
}

const render: Render<Record<string, unknown>> = ({ model, el }) => {
  const shared = feeds.get(model.get("_id"));
  const root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  if (shared === undefined) {
    root.append(make("div", { class: "broken", text: "This chart could not be started." }));
    return;
  }
  const view = new ChartView(model.get("chart") as ChartInfo, shared.feed);
  root.replaceChildren(make("style", { text: STYLE }), view.node);
  shared.views.add(view);
  view.update();
  const unthemed = onThemeChange(() => view.update());
  return () => {
    unthemed();
    shared.views.delete(view);
    view.dispose();
  };
};

export default { initialize, render };
