/** The live card of a model, in elements of a page. */

import { Feed } from "../bridge/feed.ts";
import type { End, Half } from "../bridge/half.ts";
import { offer } from "../bridge/journal.ts";
import { Link } from "../bridge/link.ts";
import type { WidgetModel } from "../bridge/model.ts";
import type { CardInfo, Down, MediaInfo } from "../bridge/protocol.ts";
import { guarded } from "./broken.ts";
import { CardView } from "./card.ts";
import { put } from "./mount.ts";
import { STYLE } from "./style.ts";
import type { OpenArtifact } from "./uses.ts";

/** All views of one model: its points are held once. Traits are `card` and `specs`. */
export class LiveCard implements Half {
  private readonly link: Link;
  private readonly feed: Feed;
  private readonly views = new Set<CardView>();
  private media: [MediaInfo[], Blob[]] = [[], []];

  constructor(
    private readonly model: WidgetModel,
    private readonly openArtifact: OpenArtifact | null = null,
  ) {
    this.link = new Link(model);
    this.feed = new Feed(this.link);
    this.feed.onchange = (changed) => {
      for (const view of this.views) view.changed(changed);
    };
    this.link.listen((message, buffers) => this.take(message, buffers));
    this.link.send({ kind: "ready" });
    this.link.listenRenewed(() => this.renew());
  }

  /** What is told of the run; null in words of another version. */
  get info(): CardInfo | null {
    const card = this.model.get("card") as CardInfo | null;
    return card?.version === 1 ? card : null;
  }

  /** A card that is in the page; undefined where there is none. */
  get node(): HTMLElement | undefined {
    const [view] = this.views;
    return view?.node;
  }

  draw(host: HTMLElement, ready = () => {}): End {
    const view = new CardView(this.link, this.feed, this.openArtifact);
    const end = put(host, STYLE, view, () => view.themed());
    this.views.add(view);
    const update = () => this.refresh(view);
    this.model.on("change:card", update);
    update();
    view.showMedia(...this.media);
    ready();
    return () => {
      this.model.off("change:card", update);
      this.views.delete(view);
      end();
    };
  }

  /** The other half is another one: it numbers the series anew, and is to tell all points again. */
  private renew(): void {
    for (const series of this.feed.series.values()) series.clear();
    this.feed.onchange(new Set(this.feed.series.keys()));
    this.link.send({ kind: "ready" });
  }

  end(): void {
    this.link.dispose();
  }

  private take(message: Down, buffers: DataView[]): void {
    if (this.feed.take(message, buffers)) return;
    if (message.kind === "journal") {
      const what = { placed: offer(this.model, message.entry) };
      this.link.send({ kind: "placed", run: message.entry.run, what });
      return;
    }
    if (message.kind === "media") {
      this.media = [message.items, message.items.map((item) => pictureOf(item, buffers))];
      for (const view of this.views) view.showMedia(...this.media);
    }
    for (const view of this.views) this.refresh(view);
  }

  private refresh(view: CardView): void {
    guarded(view.node, () => {
      view.specs = this.model.get("specs") as Record<string, object>;
      const { info } = this;
      if (info !== null) view.show(info);
    });
  }
}

/** Return a picture as the kernel drew it; an empty one for what is none. */
function pictureOf(item: MediaInfo, buffers: DataView[]): Blob {
  const buffer = buffers[item.picture];
  return new Blob(buffer === undefined ? [] : [buffer as DataView<ArrayBuffer>], {
    type: item.mime,
  });
}
