/** The chart of a model, made by somebody for themselves, in elements of a page. */

import { Feed } from "../bridge/feed.ts";
import type { End, Half } from "../bridge/half.ts";
import { Link } from "../bridge/link.ts";
import type { WidgetModel } from "../bridge/model.ts";
import { type ChartInfo, ChartView } from "./chart.ts";
import { put } from "./mount.ts";
import { STYLE } from "./style.ts";

/** All views of one model: its points are held once. Its trait is `chart`. */
export class OwnChart implements Half {
  private readonly link: Link;
  private readonly feed: Feed;
  private readonly views = new Set<ChartView>();

  constructor(private readonly model: WidgetModel) {
    this.link = new Link(model);
    this.feed = new Feed(this.link);
    this.feed.onchange = () => {
      for (const view of this.views) view.update();
    };
    this.link.listen((message, buffers) => {
      this.feed.take(message, buffers);
    });
    this.link.send({ kind: "ready" });
  }

  /** What is drawn, as base64 of a PNG; undefined where the page shows none. */
  get picture(): string | undefined {
    const [view] = this.views;
    return view?.picture();
  }

  draw(host: HTMLElement, ready = () => {}): End {
    const view = new ChartView(this.model.get("chart") as ChartInfo, this.feed);
    const end = put(host, STYLE, view, () => view.update());
    this.views.add(view);
    view.update();
    ready();
    return () => {
      this.views.delete(view);
      end();
    };
  }

  end(): void {
    this.link.dispose();
  }
}
